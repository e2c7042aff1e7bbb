// Copyright The conversations-operator Authors
// SPDX-License-Identifier: Apache-2.0

package main

import (
	"context"
	"fmt"
	"net/http"
	"os"
	"time"

	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
	"sigs.k8s.io/controller-runtime/pkg/client"

	"github.com/conversations-operator/conversations-operator/api/v1alpha1"
	"github.com/conversations-operator/conversations-operator/internal/twilio/simulator"
	"github.com/conversations-operator/conversations-operator/test/testbed"
	"github.com/conversations-operator/conversations-operator/test/testbed/stage"
)

const (
	// home is the namespace of an account that works, and other that of one that does not.
	home, other = "support", "sales"
	// interval is the time between two scrapes, length that of the whole story.
	interval, length = time.Second, 2 * time.Minute
	// faultLength is how long Twilio misbehaves.
	faultLength = 8 * time.Second
	// driftInterval is the shortest that there is.
	driftInterval = 30
)

// story is what happens to the operator.
type story struct{ *stage.Stage }

// act is one thing that happens, so long after the beginning.
type act struct {
	after time.Duration
	text  string
	do    func(*story, context.Context) error
	// fault is what Twilio answers for faultLength.
	fault string
}

var acts = []act{
	{after: 5 * time.Second, text: "300 conversations are applied", do: (*story).create},
	{after: 25 * time.Second, text: "80 are edited", do: func(s *story, ctx context.Context) error { return s.edit(ctx, 0, 80, "Edited") }},
	{after: 35 * time.Second, text: "40 are changed at Twilio, 10 of them under Report", do: (*story).drift},
	{after: 50 * time.Second, text: "an account with wrong credentials, and conversations that do not exist, are applied", do: (*story).wrong},
	{after: 65 * time.Second, text: "Twilio answers 429 for a while", do: (*story).throttle, fault: "429"},
	{after: 85 * time.Second, text: "Twilio is out of order for a while", do: (*story).outage, fault: "503"},
	{after: 105 * time.Second, text: "60 are deleted", do: (*story).remove},
}

// span is a time in which Twilio misbehaved, in seconds since the beginning.
type span struct {
	From, To float64
	Text     string
}

func spans() []span {
	var out []span
	for _, a := range acts {
		if a.fault != "" {
			out = append(out, span{From: a.after.Seconds(), To: (a.after + faultLength).Seconds(), Text: a.fault})
		}
	}
	return out
}

// play has everything happen, and scrapes the manager meanwhile.
func play(ctx context.Context, all *stage.Stage) (*scrapes, error) {
	s := &story{all}
	if err := s.account(ctx, testbed.FirstTenant(home)); err != nil {
		return nil, err
	}
	ctx, cancel := context.WithTimeout(ctx, length)
	defer cancel()
	failed := make(chan error, 1)
	go func() { failed <- s.happen(ctx) }()
	seen, err := s.watch(ctx)
	cancel()
	if actErr := <-failed; actErr != nil {
		return nil, actErr
	}
	return seen, err
}

// account creates an account that is often checked for drift.
func (s *story) account(ctx context.Context, t testbed.Tenant) error {
	t.DriftCheckInterval = driftInterval
	return t.Create(ctx, s.Bed.Client)
}

// watch scrapes until the story ends.
func (s *story) watch(ctx context.Context) (*scrapes, error) {
	seen := newScrapes()
	ticker := time.NewTicker(interval)
	defer ticker.Stop()
	for {
		select {
		case <-ctx.Done():
			return seen, nil
		case <-ticker.C:
		}
		if err := seen.scrape(ctx, s.Managers[0]); err != nil && ctx.Err() == nil {
			return nil, err
		}
	}
}

// happen has one act follow another, until the story ends.
func (s *story) happen(ctx context.Context) error {
	start := time.Now()
	for _, a := range acts {
		if !wait(ctx, time.Until(start.Add(a.after))) {
			return nil
		}
		_, _ = fmt.Fprintf(os.Stderr, "%4.0fs  %s\n", time.Since(start).Seconds(), a.text)
		if err := a.do(s, ctx); err != nil && ctx.Err() == nil {
			return fmt.Errorf("%s: %w", a.text, err)
		}
	}
	return nil
}

// wait is false if the story ended meanwhile.
func wait(ctx context.Context, d time.Duration) bool {
	select {
	case <-ctx.Done():
		return false
	case <-time.After(d):
		return true
	}
}

func name(i int) string { return fmt.Sprintf("conv-%d", i) }

func (s *story) create(ctx context.Context) error {
	for i := range 300 {
		conv := &v1alpha1.Conversation{ObjectMeta: metav1.ObjectMeta{Namespace: home, Name: name(i)}}
		conv.Spec.FriendlyName = "As it was"
		if i < 10 {
			conv.Spec.ManagementPolicy = v1alpha1.ManagementPolicyReport
		}
		if i%10 == 0 {
			conv.Spec.State = v1alpha1.StateInactive
		}
		if err := s.Bed.Client.Create(ctx, conv); err != nil {
			return err
		}
	}
	return nil
}

func (s *story) edit(ctx context.Context, from, to int, friendlyName string) error {
	for i := from; i < to; i++ {
		conv, err := s.get(ctx, i)
		if err != nil {
			return err
		}
		before := conv.DeepCopy()
		conv.Spec.FriendlyName = friendlyName
		if err := s.Bed.Client.Patch(ctx, conv, client.MergeFrom(before)); err != nil {
			return err
		}
	}
	return nil
}

func (s *story) get(ctx context.Context, i int) (*v1alpha1.Conversation, error) {
	conv := &v1alpha1.Conversation{}
	return conv, s.Bed.Client.Get(ctx, client.ObjectKey{Namespace: home, Name: name(i)}, conv)
}

func (s *story) drift(ctx context.Context) error {
	for i := range 40 {
		conv, err := s.get(ctx, i)
		if err != nil {
			return err
		}
		if err := s.Twilio.Control(ctx, "PATCH /conversations/"+conv.Status.SID, map[string]string{"friendlyName": "Somebody else's"}, nil); err != nil {
			return err
		}
	}
	return nil
}

func (s *story) wrong(ctx context.Context) error {
	t := testbed.FirstTenant(other)
	t.Token = "wrong"
	if err := s.account(ctx, t); err != nil {
		return err
	}
	for i := range 12 {
		conv := &v1alpha1.Conversation{ObjectMeta: metav1.ObjectMeta{Namespace: home, Name: fmt.Sprintf("missing-%d", i)}}
		conv.Spec.Adoption = &v1alpha1.AdoptionSpec{SID: fmt.Sprintf("CH%032x", i)}
		if i%2 == 0 {
			conv.Namespace, conv.Spec.Adoption = other, nil
		}
		if err := s.Bed.Client.Create(ctx, conv); err != nil {
			return err
		}
	}
	return nil
}

// fault has Twilio misbehave for faultLength, while conversations are edited.
func (s *story) fault(ctx context.Context, effect simulator.Effect, friendlyName string) error {
	if err := s.Twilio.Control(ctx, "POST /rules", simulator.Rule{Effect: effect}, nil); err != nil {
		return err
	}
	if err := s.edit(ctx, 100, 180, friendlyName); err != nil {
		return err
	}
	wait(ctx, faultLength)
	return s.Twilio.Control(ctx, "DELETE /rules", nil, nil)
}

func (s *story) throttle(ctx context.Context) error {
	return s.fault(ctx, simulator.Effect{Status: http.StatusTooManyRequests, Code: 20429, Message: "Too many requests"}, "While throttled")
}

func (s *story) outage(ctx context.Context) error {
	return s.fault(ctx, simulator.Effect{Status: http.StatusServiceUnavailable, HTML: true}, "While out of order")
}

func (s *story) remove(ctx context.Context) error {
	for i := 240; i < 300; i++ {
		conv := &v1alpha1.Conversation{ObjectMeta: metav1.ObjectMeta{Namespace: home, Name: name(i)}}
		if err := s.Bed.Client.Delete(ctx, conv); err != nil {
			return err
		}
	}
	return nil
}
