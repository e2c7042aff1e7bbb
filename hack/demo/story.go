// Copyright The conversations-operator Authors
// SPDX-License-Identifier: Apache-2.0

package main

import (
	"context"
	"errors"
	"fmt"
	"slices"
	"strings"
	"text/tabwriter"
	"time"

	"k8s.io/apimachinery/pkg/api/meta"
	"sigs.k8s.io/controller-runtime/pkg/client"

	"github.com/conversations-operator/conversations-operator/api/v1alpha1"
	"github.com/conversations-operator/conversations-operator/internal/twilio/simulator"
)

// namespace is where the samples go.
const namespace = "default"

func (d *demo) applySamples(ctx context.Context) error {
	d.say("Applying the samples: an account with its Secret, and conversations")
	if err := d.kubectl(ctx, "apply", "-k", "config/samples"); err != nil {
		return err
	}
	return d.kubectl(ctx, "wait", "conversations", "--all", "--for=condition=Ready", "--timeout="+patience.String())
}

// compare shows that Kubernetes and Twilio say the same.
func (d *demo) compare(ctx context.Context) error {
	d.say("Kubernetes says:")
	if err := d.kubectl(ctx, "get", "conversations"); err != nil {
		return err
	}
	conversations, err := d.conversations(ctx)
	if err != nil {
		return err
	}
	there, err := d.twilio.Conversations(ctx, "")
	if err != nil {
		return err
	}
	d.say("Twilio holds:")
	var text strings.Builder
	w := tabwriter.NewWriter(&text, 0, 0, 3, ' ', 0)
	_, _ = fmt.Fprintln(w, "SID\tSTATE\tFRIENDLY NAME\tUNIQUE NAME")
	for _, conv := range conversations {
		i := slices.IndexFunc(there, func(c simulator.Conversation) bool { return c.SID == conv.Status.SID })
		if i < 0 {
			return fmt.Errorf("conversation %s has sid %q, which is not at Twilio", conv.Name, conv.Status.SID)
		}
		c := there[i]
		if c.State != string(conv.Status.State) || c.UniqueName != conv.Status.UniqueName {
			return fmt.Errorf("conversation %s is %s, %q in Kubernetes, and %s, %q at Twilio",
				conv.Name, conv.Status.State, conv.Status.UniqueName, c.State, c.UniqueName)
		}
		_, _ = fmt.Fprintf(w, "%s\t%s\t%s\t%s\n", c.SID, c.State, c.FriendlyName, c.UniqueName)
	}
	_ = w.Flush()
	d.print(text.String())
	if len(there) != len(conversations) {
		return fmt.Errorf("there are %d conversations in Kubernetes and %d at Twilio", len(conversations), len(there))
	}
	return nil
}

// edit changes a field and shows the one request that follows.
func (d *demo) edit(ctx context.Context) error {
	conv, err := d.pick(ctx, "")
	if err != nil {
		return err
	}
	since, err := d.latest(ctx)
	if err != nil {
		return err
	}
	const name = "Edited in Kubernetes"
	d.say("Editing one field of conversation %s", conv.Name)
	patch := fmt.Sprintf(`{"spec":{"friendlyName":%q}}`, name)
	if err := d.kubectl(ctx, "patch", "conversation", conv.Name, "--type=merge", "-p", patch); err != nil {
		return err
	}
	if err := d.holds(ctx, conv.Status.SID, name); err != nil {
		return err
	}
	recorded := "--for=jsonpath={.status.friendlyName}=" + name
	if err := d.kubectl(ctx, "wait", "conversation", conv.Name, recorded, "--timeout="+patience.String()); err != nil {
		return err
	}
	requests, err := d.requests(ctx, since)
	if err != nil {
		return err
	}
	d.say("What went to Twilio:")
	d.print(describe(requests))
	if len(requests) != 1 || len(requests[0].Form) != 1 || requests[0].Form.Get("FriendlyName") != name {
		return errors.New("that is not one request with one field")
	}
	return nil
}

// correct changes the same field at Twilio and shows that it is put right.
func (d *demo) correct(ctx context.Context) error {
	conv, err := d.pick(ctx, "")
	if err != nil {
		return err
	}
	const name = "Changed behind its back"
	d.say("Changing the friendly name of %s at Twilio, behind the operator's back", conv.Status.SID)
	body := map[string]string{"friendlyName": name}
	d.print("$ curl -X PATCH -d '{\"friendlyName\":\"" + name + "\"}' " + d.twilio.ControlURL + "/conversations/" + conv.Status.SID)
	if err := d.twilio.Control(ctx, "PATCH /conversations/"+conv.Status.SID, body, nil); err != nil {
		return err
	}
	if err := d.holds(ctx, conv.Status.SID, name); err != nil {
		return err
	}
	since, err := d.latest(ctx)
	if err != nil {
		return err
	}
	d.say("The next drift check would find that; asking for a look now")
	now := v1alpha1.ReconcileRequestedAtAnnotation + "=" + time.Now().UTC().Format(time.RFC3339)
	if err := d.kubectl(ctx, "annotate", "--overwrite", "conversation", conv.Name, now); err != nil {
		return err
	}
	if err := d.holds(ctx, conv.Status.SID, conv.Spec.FriendlyName); err != nil {
		return err
	}
	requests, err := d.requests(ctx, since)
	if err != nil {
		return err
	}
	d.say("It was put right. What went to Twilio, and what the operator says:")
	d.print(describe(requests))
	if err := d.tells(ctx, conv.Name, v1alpha1.EventDriftCorrected); err != nil {
		return err
	}
	return d.kubectl(ctx, "events", "--for", "conversation/"+conv.Name)
}

// remove deletes a conversation and shows that it is gone at Twilio.
func (d *demo) remove(ctx context.Context) error {
	edited, err := d.pick(ctx, "")
	if err != nil {
		return err
	}
	conv, err := d.pick(ctx, edited.Name)
	if err != nil {
		return err
	}
	since, err := d.latest(ctx)
	if err != nil {
		return err
	}
	d.say("Deleting conversation %s", conv.Name)
	if err := d.kubectl(ctx, "delete", "conversation", conv.Name, "--timeout="+patience.String()); err != nil {
		return err
	}
	requests, err := d.requests(ctx, since)
	if err != nil {
		return err
	}
	d.say("What went to Twilio, and what it holds of %s now:", conv.Status.SID)
	d.print(describe(requests))
	there, err := d.twilio.Conversations(ctx, "")
	if err != nil {
		return err
	}
	if slices.ContainsFunc(there, func(c simulator.Conversation) bool { return c.SID == conv.Status.SID }) {
		return fmt.Errorf("conversation %s is still at Twilio", conv.Status.SID)
	}
	d.print("nothing")
	return nil
}

func (d *demo) conversations(ctx context.Context) ([]v1alpha1.Conversation, error) {
	var list v1alpha1.ConversationList
	if err := d.bed.Client.List(ctx, &list, client.InNamespace(namespace)); err != nil {
		return nil, fmt.Errorf("listing the conversations: %w", err)
	}
	return list.Items, nil
}

// pick answers the first conversation in sync that is not the one to leave alone.
func (d *demo) pick(ctx context.Context, leave string) (*v1alpha1.Conversation, error) {
	all, err := d.conversations(ctx)
	if err != nil {
		return nil, err
	}
	for i := range all {
		ready := meta.FindStatusCondition(all[i].Status.Conditions, v1alpha1.ConditionReady)
		if all[i].Name != leave && ready != nil && ready.Reason == v1alpha1.ReasonSynced {
			return &all[i], nil
		}
	}
	return nil, errors.New("no conversation of the samples is in sync")
}

// holds waits until a conversation has the friendly name at Twilio.
func (d *demo) holds(ctx context.Context, sid, name string) error {
	return eventually(ctx, func(ctx context.Context) error {
		var c simulator.Conversation
		if err := d.twilio.Control(ctx, "GET /conversations/"+sid, nil, &c); err != nil {
			return err
		}
		if c.FriendlyName != name {
			return fmt.Errorf("conversation %s is named %q at Twilio, not %q", sid, c.FriendlyName, name)
		}
		return nil
	})
}

// tells waits for an event of the conversation.
func (d *demo) tells(ctx context.Context, name, reason string) error {
	return eventually(ctx, func(ctx context.Context) error {
		out, err := d.bed.Kubectl(ctx, "events", "--for", "conversation/"+name)
		if err == nil && !strings.Contains(out, reason) {
			err = fmt.Errorf("no event %s of conversation %s:\n%s", reason, name, out)
		}
		return err
	})
}

// latest is the number of the last request to Twilio.
func (d *demo) latest(ctx context.Context) (int64, error) {
	all, err := d.twilio.Requests(ctx)
	if err != nil || len(all) == 0 {
		return 0, err
	}
	return all[len(all)-1].N, nil
}

// requests are those after that number.
func (d *demo) requests(ctx context.Context, since int64) ([]simulator.Request, error) {
	all, err := d.twilio.Requests(ctx)
	return slices.DeleteFunc(all, func(r simulator.Request) bool { return r.N <= since }), err
}

// describe prints requests a line each, without what of their paths is always the same.
func describe(requests []simulator.Request) string {
	var text strings.Builder
	for _, r := range requests {
		fmt.Fprintf(&text, "%-6s %s", r.Method, r.Path)
		for key, values := range r.Form {
			fmt.Fprintf(&text, "  %s=%q", key, values[0])
		}
		fmt.Fprintf(&text, "  -> %d\n", r.Status)
	}
	return text.String()
}
