// Copyright The conversations-operator Authors
// SPDX-License-Identifier: Apache-2.0

package cli

import (
	"cmp"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"regexp"
	"slices"
	"strings"
	"time"

	"github.com/spf13/cobra"
	corev1 "k8s.io/api/core/v1"
	"sigs.k8s.io/controller-runtime/pkg/client"

	"github.com/conversations-operator/conversations-operator/api/v1alpha1"
	"github.com/conversations-operator/conversations-operator/internal/export"
	"github.com/conversations-operator/conversations-operator/internal/twilio"
)

func (s *session) describe() *cobra.Command {
	var clusterName string
	cmd := &cobra.Command{
		Use:               "describe NAME",
		Short:             "Show an object, its conversation at Twilio, what differs and what happened, on one page",
		Example:           `  kubectl conversations describe vip`,
		Args:              arguments(cobra.ExactArgs(1)),
		ValidArgsFunction: s.completeNames,
		RunE: func(cmd *cobra.Command, args []string) error {
			return s.runDescribe(cmd.Context(), args[0], clusterName)
		},
	}
	addClusterName(cmd, &clusterName)
	return cmd
}

func (s *session) runDescribe(ctx context.Context, name, clusterName string) error {
	c, err := s.cluster()
	if err != nil {
		return err
	}
	conv, err := c.get(ctx, name)
	if err != nil {
		return err
	}
	if err := s.describeObject(conv); err != nil {
		return err
	}
	f, err := s.foresee(ctx, clusterName, false)
	if err == nil {
		err = s.describeTwilio(ctx, f, conv)
	}
	if err != nil {
		// The object and its events are useful without Twilio, too.
		_, _ = fmt.Fprintln(s.Out)
		_ = line(s.Out, "Twilio: %s", explain(err))
		if e, ok := errors.AsType[*twilio.Error](err); ok && e.MoreInfo != "" {
			_ = line(s.Out, "  explained at %s", e.MoreInfo)
		}
	}
	return s.describeEvents(ctx, c, conv)
}

func (s *session) describeObject(conv *v1alpha1.Conversation) error {
	t := table{}
	t.add("Name:", conv.Namespace+"/"+conv.Name)
	t.add("Created:", when(&conv.CreationTimestamp.Time))
	t.add("Account:", cmp.Or(conv.Status.AccountSID, "-"))
	t.add("SID:", cmp.Or(conv.OwnSID(), "-"))
	t.add("Origin:", cmp.Or(string(conv.Status.Origin), "-"))
	t.add("Management:", cmp.Or(string(conv.Spec.ManagementPolicy), string(v1alpha1.ManagementPolicyEnforce)))
	for _, condition := range conv.Status.Conditions {
		t.add(condition.Type+":", fmt.Sprintf("%s  %s: %s", condition.Status, condition.Reason, condition.Message))
		if page := explanation(condition.Message); page != "" {
			t.add("", "explained at "+page)
		}
	}
	if err := t.print(s.Out); err != nil {
		return err
	}
	return s.section("Spec", conv.Spec)
}

// refusal matches an error of Twilio with its code in the message of a condition.
var refusal = regexp.MustCompile(`Twilio answered \d{3}: .*\((\d{5})\)`)

// explanation returns the address of Twilio's page about the error in the message of a condition; empty without one. Twilio's
// errors name the same address.
func explanation(message string) string {
	if found := refusal.FindStringSubmatch(message); found != nil {
		return "https://www.twilio.com/docs/errors/" + found[1]
	}
	return ""
}

// present is a conversation as Twilio has it now, with its attributes as a value instead of a text.
type present struct {
	*twilio.Conversation
	Attributes json.RawMessage `json:"attributes"`
}

func presentOf(conv *twilio.Conversation) any {
	if !json.Valid([]byte(conv.Attributes)) {
		return conv
	}
	return present{conv, json.RawMessage(conv.Attributes)}
}

func (s *session) section(title string, value any) error {
	text, err := export.YAML(value)
	if err != nil {
		return err
	}
	_, _ = fmt.Fprintf(s.Out, "\n%s:\n", title)
	return indented(s, string(text))
}

func indented(s *session, text string) error {
	for line := range strings.Lines(text) {
		if _, err := fmt.Fprint(s.Out, "  "+line); err != nil {
			return err
		}
	}
	return nil
}

// describeTwilio shows the conversation at Twilio, the differences, and what the operator does about each difference.
func (s *session) describeTwilio(ctx context.Context, f *foresight, conv *v1alpha1.Conversation) error {
	a, facts, err := f.account(ctx, conv)
	if err != nil {
		return err
	}
	if a == nil {
		return errors.New(facts.Message)
	}
	if sid := conv.OwnSID(); sid != "" {
		found, err := a.Conversations(conv.Status.ChatServiceSID).Fetch(ctx, sid)
		if errors.Is(err, twilio.ErrNotFound) {
			_, _ = fmt.Fprint(s.Out, "\nTwilio:\n")
			_ = line(s.Out, "  has no conversation %s", sid)
		} else if err != nil {
			return err
		} else if err := s.section("Twilio", presentOf(found)); err != nil {
			return err
		}
	}
	differences, err := f.differences(ctx, conv)
	if err != nil {
		return err
	}
	_, _ = fmt.Fprint(s.Out, "\nDrift:\n")
	if len(differences) == 0 {
		_, err := fmt.Fprintln(s.Out, "  none")
		return err
	}
	for _, d := range differences {
		if err := line(s.Out, "  %s (the operator %s)", arrow(d.FieldDrift), d.Next); err != nil {
			return err
		}
	}
	return nil
}

func (s *session) describeEvents(ctx context.Context, c *cluster, conv *v1alpha1.Conversation) error {
	var list corev1.EventList
	err := c.List(ctx, &list, client.InNamespace(conv.Namespace), client.MatchingFields{"involvedObject.uid": string(conv.UID)})
	if err != nil {
		return c.fails(err)
	}
	_, _ = fmt.Fprint(s.Out, "\nEvents:\n")
	if len(list.Items) == 0 {
		_, err := fmt.Fprintln(s.Out, "  none")
		return err
	}
	slices.SortFunc(list.Items, func(a, b corev1.Event) int { return seenAt(&a).Compare(seenAt(&b)) })
	t := table{head: []string{"  TYPE", "REASON", "TIME", "MESSAGE"}}
	for i := range list.Items {
		e := &list.Items[i]
		t.add("  "+e.Type, e.Reason, when(new(seenAt(e))), e.Message)
	}
	return t.print(s.Out)
}

// seenAt returns the time when the event last occurred.
func seenAt(e *corev1.Event) time.Time {
	if e.Series != nil {
		return e.Series.LastObservedTime.Time
	}
	for _, at := range []time.Time{e.LastTimestamp.Time, e.EventTime.Time} {
		if !at.IsZero() {
			return at
		}
	}
	return e.CreationTimestamp.Time
}
