// Copyright The conversations-operator Authors
// SPDX-License-Identifier: Apache-2.0

package cli

import (
	"cmp"
	"context"
	"errors"
	"fmt"

	"github.com/spf13/cobra"
	apierrors "k8s.io/apimachinery/pkg/api/errors"
	"k8s.io/apimachinery/pkg/api/meta"
	"sigs.k8s.io/controller-runtime/pkg/client"

	"github.com/conversations-operator/conversations-operator/api/v1alpha1"
	"github.com/conversations-operator/conversations-operator/internal/export"
	"github.com/conversations-operator/conversations-operator/internal/twilio"
)

func (s *session) adopt() *cobra.Command {
	var service string
	var dry bool
	var w waiting
	cmd := &cobra.Command{
		Use:   "adopt SID NAME",
		Short: "Create an object that adopts an existing conversation",
		Long: `Creates the object that export would write for the conversation. The object adopts the conversation unchanged, and the
conversation stays at Twilio when the object is deleted. The command sends no change to Twilio.`,
		Example: `  # Only print the manifest
  kubectl conversations adopt CH11111111111111111111111111111111 vip --dry-run

  # Create the object, and wait until the operator has adopted the conversation
  kubectl conversations adopt CH11111111111111111111111111111111 vip --wait`,
		Args: arguments(cobra.ExactArgs(2)),
		RunE: func(cmd *cobra.Command, args []string) error {
			return s.runAdopt(cmd.Context(), args[0], args[1], service, dry, w)
		},
	}
	cmd.Flags().StringVar(&service, "service", "", "the Conversation Service of the conversation, IS…; left out, the account's default one")
	cmd.Flags().BoolVar(&dry, "dry-run", false, "print the manifest and do not create the object")
	w.addFlags(cmd, "wait until the operator has adopted the conversation")
	return cmd
}

func (s *session) runAdopt(ctx context.Context, sid, name, service string, dry bool, w waiting) error {
	if !twilio.ValidSID("CH", sid) {
		return fmt.Errorf("%q is not the sid of a conversation: give CH and 32 hexadecimal digits", sid)
	}
	if service != "" && !twilio.ValidSID("IS", service) {
		return noService(service)
	}
	account, err := s.access(ctx)
	if err != nil {
		return err
	}
	found, err := account.Conversations(service).Fetch(ctx, sid)
	if err != nil {
		return err
	}
	head := export.Head{Namespace: s.givenNamespace(), Name: name, AccountRef: s.accountRef()}
	if dry {
		text, err := head.Manifest(found)
		if err != nil {
			return err
		}
		_, err = s.Out.Write(text)
		return err
	}
	o := head.Object(found)
	c, err := s.cluster()
	if err != nil {
		return err
	}
	o.Namespace = c.namespace
	other, err := c.managedBy(ctx, o, sid)
	if err != nil {
		return err
	}
	if other != "" {
		return fmt.Errorf("the Conversation %s already manages conversation %s", other, sid)
	}
	if err := c.Create(ctx, o); err != nil {
		return c.fails(err)
	}
	_ = line(s.Out, "conversation.twilio-operator.dev/%s created", name)
	if !w.wait {
		return nil
	}
	return s.awaitReady(ctx, c, o, w)
}

// accountRef returns the accountRef with which the operator uses the account of the flags; nil without an account flag.
func (s *session) accountRef() *v1alpha1.AccountReference {
	switch {
	case s.clusterAccount != "":
		return &v1alpha1.AccountReference{Kind: v1alpha1.ClusterTwilioAccountKind, Name: s.clusterAccount}
	case s.account != "":
		return &v1alpha1.AccountReference{Kind: v1alpha1.TwilioAccountKind, Name: s.account}
	}
	return nil
}

func (s *session) awaitReady(ctx context.Context, c *cluster, o *v1alpha1.Conversation, w waiting) error {
	ctx, cancel := context.WithTimeout(ctx, w.timeout)
	defer cancel()
	now, err := c.await(ctx, o, func(now *v1alpha1.Conversation) bool {
		stalled := meta.IsStatusConditionTrue(now.Status.Conditions, v1alpha1.ConditionStalled)
		return stalled || meta.IsStatusConditionTrue(now.Status.Conditions, v1alpha1.ConditionReady)
	})
	if err != nil {
		return err
	}
	if !s.tell(now) {
		return exit(ExitError)
	}
	return nil
}

func (s *session) release() *cobra.Command {
	w := waiting{wait: true}
	cmd := &cobra.Command{
		Use:   "release NAME…",
		Short: "Delete objects and keep their conversations at Twilio",
		Long: `Sets deletionPolicy to Retain, and then deletes the object: the conversation stays at Twilio unchanged. Remove an object that
Argo CD or Flux applies from Git first; otherwise Argo CD or Flux creates the object again.`,
		Example:           `  kubectl conversations release vip`,
		Args:              arguments(cobra.MinimumNArgs(1)),
		ValidArgsFunction: s.completeNames,
		RunE:              func(cmd *cobra.Command, names []string) error { return s.runRelease(cmd.Context(), names, w) },
	}
	w.addFlags(cmd, "wait until the objects are gone")
	return cmd
}

func (s *session) runRelease(ctx context.Context, names []string, w waiting) error {
	c, err := s.cluster()
	if err != nil {
		return err
	}
	ctx, cancel := context.WithTimeout(ctx, w.timeout)
	defer cancel()
	for _, name := range names {
		conv, err := c.get(ctx, name)
		if err != nil {
			return err
		}
		if err := s.releaseOne(ctx, c, conv, w.wait); err != nil {
			return err
		}
	}
	return nil
}

func (s *session) releaseOne(ctx context.Context, c *cluster, conv *v1alpha1.Conversation, wait bool) error {
	before := conv.DeepCopy()
	conv.Spec.DeletionPolicy = v1alpha1.DeletionPolicyRetain
	if err := c.Patch(ctx, conv, client.MergeFrom(before)); err != nil {
		return c.fails(err)
	}
	// With these preconditions Kubernetes refuses the deletion if another client has set deletionPolicy to Delete meanwhile:
	// the operator would then delete the conversation.
	seen := client.Preconditions{UID: &conv.UID, ResourceVersion: &conv.ResourceVersion}
	if err := c.deleteUnchanged(ctx, conv, seen); err != nil {
		return err
	}
	if wait {
		if err := c.awaitGone(ctx, conv); err != nil {
			return err
		}
	}
	return line(s.Out, "conversation.twilio-operator.dev/%s released; %s stays at Twilio", conv.Name, cmp.Or(conv.OwnSID(), "nothing"))
}

// deleteUnchanged deletes the object in the seen version. After a conflict, deleteUnchanged reads the object again and
// retries, unless the object was recreated or no longer retains its conversation.
func (c *cluster) deleteUnchanged(ctx context.Context, conv *v1alpha1.Conversation, seen client.Preconditions) error {
	for {
		err := c.Delete(ctx, conv, seen)
		if !apierrors.IsConflict(err) {
			return c.fails(client.IgnoreNotFound(err))
		}
		now := &v1alpha1.Conversation{}
		if err := c.Get(ctx, client.ObjectKeyFromObject(conv), now); err != nil {
			return c.fails(client.IgnoreNotFound(err))
		}
		if now.UID != conv.UID || now.Spec.DeletionPolicy != v1alpha1.DeletionPolicyRetain {
			return fmt.Errorf("the Conversation %s/%s was changed in the meantime, and is not deleted: try again", conv.Namespace, conv.Name)
		}
		seen.ResourceVersion = &now.ResourceVersion
	}
}

// awaitGone waits until the object no longer exists.
func (c *cluster) awaitGone(ctx context.Context, conv *v1alpha1.Conversation) error {
	for ctx.Err() == nil {
		var list v1alpha1.ConversationList
		o := []client.ListOption{client.InNamespace(conv.Namespace), client.MatchingFields{"metadata.name": conv.Name}}
		w, err := c.Watch(ctx, &list, o...)
		if err != nil {
			break
		}
		now := &v1alpha1.Conversation{}
		err = c.Get(ctx, client.ObjectKeyFromObject(conv), now)
		if apierrors.IsNotFound(err) || err == nil && now.UID != conv.UID {
			w.Stop()
			return nil
		}
		// The watch ends with the deletion of the object, or with the context.
		_, _ = until(w, func(*v1alpha1.Conversation) bool { return false })
		w.Stop()
	}
	if errors.Is(ctx.Err(), context.Canceled) {
		return ctx.Err()
	}
	return fmt.Errorf("the Conversation %s/%s still exists: check that the operator runs, or wait longer with --timeout", conv.Namespace, conv.Name)
}
