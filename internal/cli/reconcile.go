// Copyright The conversations-operator Authors
// SPDX-License-Identifier: Apache-2.0

package cli

import (
	"cmp"
	"context"
	"crypto/rand"
	"errors"
	"fmt"
	"time"

	"github.com/spf13/cobra"
	"k8s.io/apimachinery/pkg/api/meta"
	"k8s.io/apimachinery/pkg/watch"
	"sigs.k8s.io/controller-runtime/pkg/client"

	"github.com/conversations-operator/conversations-operator/api/v1alpha1"
)

// patience is the default of --timeout.
const patience = time.Minute

// waiting holds the flags --wait and --timeout.
type waiting struct {
	wait    bool
	timeout time.Duration
}

func (w *waiting) addFlags(cmd *cobra.Command, what string) {
	cmd.Flags().BoolVar(&w.wait, "wait", w.wait, what)
	cmd.Flags().DurationVar(&w.timeout, "timeout", patience, "how long to wait")
}

func (s *session) reconcile() *cobra.Command {
	var all bool
	var w waiting
	cmd := &cobra.Command{
		Use:   "reconcile (NAME… | --all)",
		Short: "Ask the operator to reconcile objects now",
		Long: `Asks the operator to reconcile objects now: the operator gets each conversation from Twilio, compares it with the object, and
acts as the policies of the object say. With --wait, the command prints the condition Ready of each object, and fails if an
object is not Ready.`,
		Example: `  # Reconcile one object, and wait for the result
  kubectl conversations reconcile vip --wait

  # Reconcile all objects of the namespace
  kubectl conversations reconcile --all`,
		ValidArgsFunction: s.completeNames,
		RunE: func(cmd *cobra.Command, names []string) error {
			if all == (len(names) > 0) {
				return errors.New("name the objects, or say --all")
			}
			return s.runReconcile(cmd.Context(), names, w)
		},
	}
	cmd.Flags().BoolVar(&all, "all", false, "all objects of the namespace")
	w.addFlags(cmd, "wait until the operator has reconciled the objects")
	return cmd
}

func (s *session) runReconcile(ctx context.Context, names []string, w waiting) error {
	c, err := s.cluster()
	if err != nil {
		return err
	}
	at := time.Now().UTC().Format(time.RFC3339) + "/" + rand.Text()[:8]
	var asked []*v1alpha1.Conversation
	err = s.each(ctx, names, false, func(conv *v1alpha1.Conversation) error {
		before := conv.DeepCopy()
		if conv.Annotations == nil {
			conv.Annotations = map[string]string{}
		}
		conv.Annotations[v1alpha1.ReconcileRequestedAtAnnotation] = at
		if err := c.Patch(ctx, conv, client.MergeFrom(before)); err != nil {
			return c.fails(err)
		}
		if !w.wait {
			_ = line(s.Out, "conversation.twilio-operator.dev/%s asked", conv.Name)
		}
		asked = append(asked, conv.DeepCopy())
		return nil
	})
	if err != nil || !w.wait {
		return err
	}
	ctx, cancel := context.WithTimeout(ctx, w.timeout)
	defer cancel()
	good := true
	for _, conv := range asked {
		looked := func(now *v1alpha1.Conversation) bool {
			return now.Status.LastHandledReconcileAt == at || now.Spec.Suspend
		}
		now, err := c.await(ctx, conv, looked)
		if err != nil {
			return err
		}
		good = s.tell(now) && good
	}
	if !good {
		return exit(ExitError)
	}
	return nil
}

// tell prints the condition Ready of an object, and reports whether Ready is true. A suspended object counts as not ready.
func (s *session) tell(conv *v1alpha1.Conversation) bool {
	ready := meta.FindStatusCondition(conv.Status.Conditions, v1alpha1.ConditionReady)
	if conv.Spec.Suspend {
		_ = line(s.Out, "conversation.twilio-operator.dev/%s is suspended: set suspend to false first", conv.Name)
		return false
	}
	if ready == nil {
		return false
	}
	_ = line(s.Out, "conversation.twilio-operator.dev/%s %s: %s", conv.Name, ready.Reason, ready.Message)
	return ready.Status == "True"
}

// await watches an object until wanted is true, and returns the object. The error after the deadline describes the state of
// the object.
func (c *cluster) await(ctx context.Context, conv *v1alpha1.Conversation, wanted func(*v1alpha1.Conversation) bool) (*v1alpha1.Conversation, error) {
	var last *v1alpha1.Conversation
	for {
		var list v1alpha1.ConversationList
		o := []client.ListOption{client.InNamespace(conv.Namespace), client.MatchingFields{"metadata.name": conv.Name}}
		w, err := c.Watch(ctx, &list, o...)
		if err != nil {
			if ctx.Err() != nil {
				return nil, late(ctx, cmp.Or(last, conv))
			}
			return nil, c.fails(err)
		}
		now, err := until(w, wanted)
		w.Stop()
		if now != nil {
			last = now
		}
		if err != nil || last != nil && wanted(last) {
			return last, err
		}
		if ctx.Err() != nil {
			return nil, late(ctx, cmp.Or(last, conv))
		}
	}
}

// until reads a watch until wanted is true or the watch ends, and returns the last state of the object; nil: no state was
// read. A deletion of the object is an error.
func until(w watch.Interface, wanted func(*v1alpha1.Conversation) bool) (last *v1alpha1.Conversation, err error) {
	for e := range w.ResultChan() {
		now, ok := e.Object.(*v1alpha1.Conversation)
		if !ok {
			continue
		}
		if e.Type == watch.Deleted {
			return nil, fmt.Errorf("the Conversation %s/%s was deleted in the meantime", now.Namespace, now.Name)
		}
		if last = now; wanted(now) {
			return now, nil
		}
	}
	return last, nil
}

func late(ctx context.Context, conv *v1alpha1.Conversation) error {
	if errors.Is(ctx.Err(), context.Canceled) {
		return ctx.Err()
	}
	ready := meta.FindStatusCondition(conv.Status.Conditions, v1alpha1.ConditionReady)
	if ready == nil || ready.Status == "True" {
		return fmt.Errorf("the operator did not reconcile Conversation %s/%s in time: check that the operator runs, or wait longer with --timeout",
			conv.Namespace, conv.Name)
	}
	return fmt.Errorf("the operator did not finish Conversation %s/%s in time: %s: %s", conv.Namespace, conv.Name, ready.Reason, ready.Message)
}
