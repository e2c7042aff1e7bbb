// Copyright The conversations-operator Authors
// SPDX-License-Identifier: Apache-2.0

package cli

import (
	"cmp"
	"context"
	"fmt"
	"slices"

	"github.com/spf13/cobra"

	"github.com/conversations-operator/conversations-operator/api/v1alpha1"
	"github.com/conversations-operator/conversations-operator/internal/escape"
	"github.com/conversations-operator/conversations-operator/internal/plan"
)

// difference is a field of an object with another value at Twilio.
type difference struct {
	Namespace string `json:"namespace"`
	Name      string `json:"name"`
	SID       string `json:"sid,omitempty"`
	v1alpha1.FieldDrift
	// Next is what the operator does about the difference: corrects, reports or suspended. For an object which the operator
	// refuses or which waits, Next is the message of the condition Ready.
	Next string `json:"next"`
}

// fieldConversation is the field name in a difference about the whole conversation: the operator would create, recreate or
// refuse the conversation, or waits.
const fieldConversation = "(conversation)"

func (s *session) drift() *cobra.Command {
	var everyone bool
	var clusterName string
	var out *format
	cmd := &cobra.Command{
		Use:   "drift [NAME…]",
		Short: "Show the differences between objects and their conversations at Twilio",
		Long: `Compares each object with its conversation at Twilio, field by field, and says whether the operator will correct the
difference or only report it. Suspended objects are compared, too. The command changes nothing. It reads many conversations
from lists, a hundred per request, and a few one by one.

Exit codes: 0, no differences; 2, differences found.`,
		Example: `  # The differences of all objects of the namespace
  kubectl conversations drift

  # The differences of one object, with complete values
  kubectl conversations drift vip -o yaml`,
		ValidArgsFunction: s.completeNames,
		RunE: func(cmd *cobra.Command, names []string) error {
			return s.runDrift(cmd.Context(), names, everyone, clusterName, out.value)
		},
	}
	addEveryone(cmd, &everyone)
	addClusterName(cmd, &clusterName)
	out = addOutput(cmd, outputs...)
	return cmd
}

func (s *session) runDrift(ctx context.Context, names []string, everyone bool, clusterName, as string) error {
	f, err := s.foresee(ctx, clusterName, false)
	if err != nil {
		return err
	}
	var convs []*v1alpha1.Conversation
	err = s.each(ctx, names, everyone, func(conv *v1alpha1.Conversation) error {
		convs = append(convs, conv.DeepCopy())
		return nil
	})
	if err != nil {
		return err
	}
	found, err := f.drift(ctx, convs)
	if err != nil {
		return err
	}
	if err := s.printDrift(found, as); err != nil || len(found) == 0 {
		return err
	}
	return exit(ExitFound)
}

// each calls f for the named objects of the namespace. Without names, each calls f for all objects of the namespace, or of
// the cluster if everyone is set.
func (s *session) each(ctx context.Context, names []string, everyone bool, f func(*v1alpha1.Conversation) error) error {
	c, err := s.cluster()
	if err != nil {
		return err
	}
	if len(names) == 0 {
		namespace := c.namespace
		if everyone {
			namespace = ""
		}
		return c.each(ctx, namespace, f)
	}
	for _, name := range names {
		conv, err := c.get(ctx, name)
		if err != nil {
			return err
		}
		if err := f(conv); err != nil {
			return err
		}
	}
	return nil
}

// drift returns the differences of all objects.
func (f *foresight) drift(ctx context.Context, convs []*v1alpha1.Conversation) ([]difference, error) {
	awake := make([]*v1alpha1.Conversation, len(convs))
	for i, conv := range convs {
		awake[i] = woken(conv)
	}
	bar := f.newBar(len(convs))
	defer bar.end()
	if err := f.expect(ctx, awake, bar.add); err != nil {
		return nil, err
	}
	found := []difference{}
	for i, conv := range convs {
		differences, err := f.differences(ctx, conv)
		if err != nil {
			return nil, err
		}
		found = append(found, differences...)
		bar.reach(i + 1)
	}
	return found, nil
}

// woken returns the object without suspend.
func woken(conv *v1alpha1.Conversation) *v1alpha1.Conversation {
	if !conv.Spec.Suspend {
		return conv
	}
	out := conv.DeepCopy()
	out.Spec.Suspend = false
	return out
}

// differences returns the differences between an object and Twilio, for a suspended object as well.
func (f *foresight) differences(ctx context.Context, conv *v1alpha1.Conversation) ([]difference, error) {
	o, err := f.of(ctx, woken(conv))
	if err != nil {
		return nil, err
	}
	next := "corrects"
	if conv.Spec.Suspend {
		next = "suspended"
	}
	var out []difference
	add := func(d v1alpha1.FieldDrift, next string) {
		known := func(is difference) bool { return is.Field == d.Field }
		if !slices.ContainsFunc(out, known) {
			out = append(out, difference{conv.Namespace, conv.Name, conv.OwnSID(), d, next})
		}
	}
	switch {
	case slices.Contains(o.Steps, plan.Create), slices.Contains(o.Steps, plan.Delete):
		add(v1alpha1.FieldDrift{Field: fieldConversation, Desired: "exists", Observed: cmp.Or(conv.OwnSID(), "none") + " is missing or closed"}, next)
		return out, nil
	case o.End == plan.Refuse, o.End == plan.Wait:
		add(v1alpha1.FieldDrift{Field: fieldConversation, Desired: "exists", Observed: o.Reason}, o.Message)
	}
	for _, d := range o.Changes {
		add(d, next)
	}
	for _, d := range o.Drift {
		add(d, "reports")
	}
	return out, nil
}

func (s *session) printDrift(found []difference, as string) error {
	switch as {
	case formatJSON, formatYAML:
		return encode(s.Out, as, found)
	case formatName:
		last := ""
		for _, d := range found {
			if key := d.Namespace + "/" + d.Name; key != last {
				_ = line(s.Out, "%s", key)
				last = key
			}
		}
		return nil
	}
	if len(found) == 0 {
		_, err := fmt.Fprintln(s.ErrOut, "No differences found.")
		return err
	}
	const narrow = 40
	t := table{head: []string{"NAMESPACE", "NAME", "FIELD", "DESIRED", "OBSERVED", "OPERATOR"}}
	for _, d := range found {
		if as == formatWide {
			t.add(d.Namespace, d.Name, d.Field, d.Desired, d.Observed, d.Next)
			continue
		}
		t.add(d.Namespace, d.Name, d.Field, escape.Shorten(d.Desired, narrow), escape.Shorten(d.Observed, narrow), escape.Shorten(d.Next, narrow))
	}
	return t.print(s.Out)
}

// completeNames makes shells complete the names of the namespace's objects.
func (s *session) completeNames(cmd *cobra.Command, _ []string, _ string) ([]string, cobra.ShellCompDirective) {
	var names []string
	err := s.each(cmd.Context(), nil, false, func(conv *v1alpha1.Conversation) error {
		names = append(names, conv.Name)
		return nil
	})
	if err != nil {
		return nil, cobra.ShellCompDirectiveError
	}
	return names, cobra.ShellCompDirectiveNoFileComp
}
