// Copyright The conversations-operator Authors
// SPDX-License-Identifier: Apache-2.0

package main

import (
	"context"
	"errors"
	"fmt"
	"maps"
	"regexp"
	"slices"
	"strings"
	"text/tabwriter"
	"time"

	"k8s.io/apimachinery/pkg/api/meta"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
	"sigs.k8s.io/controller-runtime/pkg/client"

	"github.com/conversations-operator/conversations-operator/api/v1alpha1"
	"github.com/conversations-operator/conversations-operator/internal/twilio/simulator"
)

// namespace is where the samples go.
const namespace = "default"

func (d *demo) apply(ctx context.Context) error {
	d.say("1. Applying an account with its Secret, and conversations")
	if err := d.kubectl(ctx, "apply", "-k", "config/samples"); err != nil {
		return err
	}
	return d.kubectl(ctx, "wait", "conversations", "--all", "--for=condition=Ready", "--timeout="+patience.String())
}

// compare shows that Kubernetes and Twilio say the same.
func (d *demo) compare(ctx context.Context) error {
	if err := d.kubectl(ctx, "get", "conversations"); err != nil {
		return err
	}
	conversations, err := d.conversations(ctx)
	if err != nil {
		return err
	}
	there, err := d.Twilio.Conversations(ctx, "")
	if err != nil {
		return err
	}
	d.print("Twilio holds:")
	var text strings.Builder
	w := tabwriter.NewWriter(&text, 0, 0, 3, ' ', 0)
	_, _ = fmt.Fprintln(w, "SID\tSTATE\tUNIQUE NAME")
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
		_, _ = fmt.Fprintf(w, "%s\t%s\t%s\n", c.SID, c.State, c.UniqueName)
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
	d.say("2. Editing one field of conversation %s", conv.Name)
	patch := fmt.Sprintf(`{"spec":{"friendlyName":%q}}`, name)
	if err := d.kubectl(ctx, "patch", "conversation", conv.Name, "--type=merge", "-p", patch); err != nil {
		return err
	}
	if err := d.holds(ctx, conv.Status.SID, name); err != nil {
		return err
	}
	recorded := "--for=jsonpath={.status.friendlyName}=" + name
	if _, err := d.Bed.Kubectl(ctx, "wait", "conversation", conv.Name, recorded, "--timeout="+patience.String()); err != nil {
		return err
	}
	requests, err := d.requests(ctx, since)
	if err != nil {
		return err
	}
	d.sent(requests)
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
	d.say("3. Changing the same field at Twilio, behind the operator's back, and asking for a drift check now")
	body := map[string]string{"friendlyName": name}
	if err := d.Twilio.Control(ctx, "PATCH /conversations/"+conv.Status.SID, body, nil); err != nil {
		return err
	}
	if err := d.holds(ctx, conv.Status.SID, name); err != nil {
		return err
	}
	since, err := d.latest(ctx)
	if err != nil {
		return err
	}
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
	d.sent(requests)
	if err := d.tells(ctx, conv.Name, v1alpha1.EventDriftCorrected); err != nil {
		return err
	}
	return d.kubectl(ctx, "events", "--for", "conversation/"+conv.Name)
}

// lose has the answer to a create get lost, and shows that there is one conversation.
func (d *demo) lose(ctx context.Context) error {
	const name = "lost"
	d.say("4. Applying a conversation whose create takes effect at Twilio, but whose answer is lost")
	since, err := d.latest(ctx)
	if err != nil {
		return err
	}
	rule := simulator.Rule{
		Match: simulator.Match{Operation: simulator.OperationCreate, Count: 1}, Effect: simulator.Effect{DropAfter: true},
	}
	if err := d.Twilio.Control(ctx, "POST /rules", rule, nil); err != nil {
		return err
	}
	conv := &v1alpha1.Conversation{ObjectMeta: metav1.ObjectMeta{Namespace: namespace, Name: name}}
	conv.Spec.FriendlyName = "Once"
	if err := d.Bed.Client.Create(ctx, conv); err != nil {
		return fmt.Errorf("applying conversation %s: %w", name, err)
	}
	if err := d.kubectl(ctx, "wait", "conversation", name, "--for=condition=Ready", "--timeout="+patience.String()); err != nil {
		return err
	}
	requests, err := d.requests(ctx, since)
	if err != nil {
		return err
	}
	d.sent(requests)
	there, err := d.Twilio.Conversations(ctx, "")
	if err != nil {
		return err
	}
	there = slices.DeleteFunc(there, func(c simulator.Conversation) bool { return c.FriendlyName != conv.Spec.FriendlyName })
	if len(there) != 1 || len(requests) < 2 || requests[0].Status != 0 {
		return fmt.Errorf("there are %d conversations of one create whose answer was lost", len(there))
	}
	d.print("Twilio holds it once: " + there[0].SID)
	return nil
}

// remove deletes a conversation and shows that it is gone at Twilio.
func (d *demo) remove(ctx context.Context) error {
	conv, err := d.pick(ctx, "full")
	if err != nil {
		return err
	}
	since, err := d.latest(ctx)
	if err != nil {
		return err
	}
	d.say("5. Deleting conversation %s", conv.Name)
	if err := d.kubectl(ctx, "delete", "conversation", conv.Name, "--timeout="+patience.String()); err != nil {
		return err
	}
	requests, err := d.requests(ctx, since)
	if err != nil {
		return err
	}
	d.sent(requests)
	there, err := d.Twilio.Conversations(ctx, "")
	if err != nil {
		return err
	}
	if slices.ContainsFunc(there, func(c simulator.Conversation) bool { return c.SID == conv.Status.SID }) {
		return fmt.Errorf("conversation %s is still at Twilio", conv.Status.SID)
	}
	return nil
}

func (d *demo) conversations(ctx context.Context) ([]v1alpha1.Conversation, error) {
	var list v1alpha1.ConversationList
	if err := d.Bed.Client.List(ctx, &list, client.InNamespace(namespace)); err != nil {
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
		if err := d.Twilio.Control(ctx, "GET /conversations/"+sid, nil, &c); err != nil {
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
		out, err := d.Bed.Kubectl(ctx, "events", "--for", "conversation/"+name)
		if err == nil && !strings.Contains(out, reason) {
			err = fmt.Errorf("no event %s of conversation %s:\n%s", reason, name, out)
		}
		return err
	})
}

// latest is the number of the last request to Twilio.
func (d *demo) latest(ctx context.Context) (int64, error) {
	all, err := d.Twilio.Requests(ctx)
	if err != nil || len(all) == 0 {
		return 0, err
	}
	return all[len(all)-1].N, nil
}

// requests are those after that number.
func (d *demo) requests(ctx context.Context, since int64) ([]simulator.Request, error) {
	all, err := d.Twilio.Requests(ctx)
	return slices.DeleteFunc(all, func(r simulator.Request) bool { return r.N <= since }), err
}

// always is what all paths begin with.
var always = regexp.MustCompile(`^/v1/(Services/[^/]+/)?`)

// sent shows requests to Twilio a line each, without what of their paths is always the same.
func (d *demo) sent(requests []simulator.Request) {
	for _, r := range requests {
		var line strings.Builder
		_, _ = fmt.Fprintf(&line, "to Twilio: %-6s %s", r.Method, always.ReplaceAllString(r.Path, ""))
		for _, key := range slices.Sorted(maps.Keys(r.Form)) {
			if key != "UniqueName" {
				_, _ = fmt.Fprintf(&line, "  %s=%q", key, r.Form.Get(key))
			}
		}
		if r.Status == 0 {
			d.print(line.String() + "  -> the connection broke")
		} else {
			d.print(fmt.Sprintf("%s  -> %d", &line, r.Status))
		}
	}
}
