// Copyright The conversations-operator Authors
// SPDX-License-Identifier: Apache-2.0

package main

import (
	"bytes"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"strings"
	"time"

	"k8s.io/apimachinery/pkg/api/meta"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
	"sigs.k8s.io/controller-runtime/pkg/client"

	"github.com/conversations-operator/conversations-operator/api/v1alpha1"
	"github.com/conversations-operator/conversations-operator/internal/plan"
	"github.com/conversations-operator/conversations-operator/internal/twilio/simulator"
)

// shown is how many findings of a sort are printed.
const shown = 10

// census counts objects against conversations.
type census struct {
	objects, conversations, created int
	// findings by sort: each is one too many.
	duplicates, lost, leftOver, stuck, wrong, unseen, complaints []string
	// erased are those that a kill left over in the instant in which Kubernetes deleted their object without waiting for the
	// finalizer: docs/what-can-go-wrong.md tells of it, and kubectl conversations orphans finds those
	// with a generated name.
	erased []string
}

func (s *soak) census(ctx context.Context) (*census, error) {
	if err := s.read(ctx); err != nil {
		return nil, err
	}
	objects, err := s.objects(ctx)
	if err != nil {
		return nil, err
	}
	there, err := s.Twilio.Conversations(ctx, "")
	if err != nil {
		return nil, err
	}
	c := &census{objects: len(objects), conversations: len(there), complaints: s.witness.Complaints()}
	c.created, c.duplicates = s.ledger.created()
	if missed := s.ledger.missed(); missed > 0 {
		c.unseen = []string{fmt.Sprintf("%d requests, which the simulator's log forgot too early", missed)}
	}
	c.pair(objects, there, s.erased())
	return c, nil
}

// erased are the unique names of the conversations of objects that Kubernetes deleted in spite of their finalizer.
func (s *soak) erased() map[string]bool {
	out := map[string]bool{}
	for _, key := range s.witness.Erased() {
		out[plan.GeneratedName(clusterName, key.Namespace, key.Name)], out[uniqueName(key.Namespace, key.Name)] = true, true
	}
	return out
}

func (s *soak) objects(ctx context.Context) ([]v1alpha1.Conversation, error) {
	var list v1alpha1.ConversationList
	if err := s.Bed.Client.List(ctx, &list); err != nil {
		return nil, fmt.Errorf("listing the objects: %w", err)
	}
	return list.Items, nil
}

// pair finds the conversation of every object, and those of none.
func (c *census) pair(objects []v1alpha1.Conversation, there []simulator.Conversation, erased map[string]bool) {
	left := map[string]simulator.Conversation{}
	for _, conv := range there {
		left[conv.SID] = conv
	}
	for i := range objects {
		object := &objects[i]
		name := client.ObjectKeyFromObject(object).String()
		if !settled(object) {
			c.stuck = append(c.stuck, fmt.Sprintf("%s: %s", name, readyOf(object).Message))
			continue
		}
		conv, ok := left[object.Status.SID]
		if !ok {
			c.lost = append(c.lost, fmt.Sprintf("%s has no conversation %s", name, object.Status.SID))
			continue
		}
		delete(left, conv.SID)
		if what := differs(&object.Spec, conv); what != "" {
			c.wrong = append(c.wrong, fmt.Sprintf("%s: %s", name, what))
		}
	}
	for sid, conv := range left {
		name := fmt.Sprintf("%s, %q", sid, conv.UniqueName)
		if erased[conv.UniqueName] {
			c.erased = append(c.erased, name)
		} else {
			c.leftOver = append(c.leftOver, name)
		}
	}
}

// differs names what the conversation has otherwise than the spec.
func differs(spec *v1alpha1.ConversationSpec, conv simulator.Conversation) string {
	switch {
	case spec.FriendlyName != "" && spec.FriendlyName != conv.FriendlyName:
		return fmt.Sprintf("friendlyName is %q", conv.FriendlyName)
	case spec.State != "" && string(spec.State) != conv.State:
		return "state is " + conv.State
	case spec.UniqueName != "" && spec.UniqueName != conv.UniqueName:
		return fmt.Sprintf("uniqueName is %q", conv.UniqueName)
	}
	var compact bytes.Buffer
	// A create under a user's name bears a mark of spaces and tabs behind the attributes.
	if err := json.Compact(&compact, spec.Attributes.Raw); err != nil || compact.String() != strings.TrimRight(conv.Attributes, " \t") {
		return "attributes are " + conv.Attributes
	}
	return ""
}

func settled(object *v1alpha1.Conversation) bool {
	return object.DeletionTimestamp.IsZero() && object.Status.ObservedGeneration == object.Generation && readyOf(object).Status == metav1.ConditionTrue
}

func readyOf(object *v1alpha1.Conversation) metav1.Condition {
	if ready := meta.FindStatusCondition(object.Status.Conditions, v1alpha1.ConditionReady); ready != nil {
		return *ready
	}
	return metav1.Condition{Message: "it was never looked at"}
}

// settle ends the faults and waits until every object is settled, and those that were deleted are gone.
func (s *soak) settle(ctx context.Context) error {
	if err := s.removeFaults(ctx); err != nil {
		return err
	}
	return s.await(ctx, func(objects []v1alpha1.Conversation) bool {
		for i := range objects {
			if !settled(&objects[i]) {
				return false
			}
		}
		return true
	})
}

// clear deletes every object and waits until all are gone.
func (s *soak) clear(ctx context.Context) error {
	for _, w := range s.workers {
		if err := w.clear(ctx); err != nil {
			return err
		}
	}
	return s.await(ctx, func(objects []v1alpha1.Conversation) bool { return len(objects) == 0 })
}

// await waits until the objects are as they should be. What never comes to be is the census' to tell.
func (s *soak) await(ctx context.Context, done func([]v1alpha1.Conversation) bool) error {
	waiting, cancel := context.WithCancel(ctx)
	defer cancel()
	err := every(waiting, logPeriod, func() error {
		objects, err := s.objects(ctx)
		if err == nil && done(objects) {
			cancel()
		}
		return errors.Join(err, s.read(ctx))
	})
	if ctx.Err() != nil {
		return nil
	}
	return err
}

// print says what was found.
func (c *census) print(w io.Writer, title string) {
	_, _ = fmt.Fprintf(w, "%s at %s: %d objects, %d conversations, %d ever created\n",
		title, time.Now().Format(time.TimeOnly), c.objects, c.conversations, c.created)
	for _, f := range append(c.findings(), finding{"erased, known", c.erased}) {
		_, _ = fmt.Fprintf(w, "  %-13s %d\n", f.sort, len(f.found))
		for _, found := range f.found[:min(len(f.found), shown)] {
			_, _ = fmt.Fprintf(w, "    %s\n", found)
		}
	}
}

type finding struct {
	sort  string
	found []string
}

func (c *census) findings() []finding {
	return []finding{
		{"duplicates", c.duplicates},
		{"lost", c.lost},
		{"left over", c.leftOver},
		{"stuck", c.stuck},
		{"wrong", c.wrong},
		{"unseen", c.unseen},
		{"complaints", c.complaints},
	}
}

// verdict is an error unless all is well.
func (c *census) verdict() (err error) {
	for _, f := range c.findings() {
		if len(f.found) > 0 {
			err = errors.Join(err, fmt.Errorf("%s: %d", f.sort, len(f.found)))
		}
	}
	return err
}
