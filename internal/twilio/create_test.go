// Copyright The conversations-operator Authors
// SPDX-License-Identifier: Apache-2.0

package twilio_test

import (
	"context"
	"errors"
	"testing"
	"time"

	"github.com/onsi/gomega"

	"github.com/conversations-operator/conversations-operator/internal/twilio"
	"github.com/conversations-operator/conversations-operator/internal/twilio/simulator"
)

// What the client says of a create that went wrong has to agree with what Twilio then holds.
func TestWhatBecameOfACreateThatWentWrong(t *testing.T) {
	tests := []struct {
		name      string
		effect    simulator.Effect
		class     string
		ambiguous bool
		happened  bool
	}{
		{"dropped before", simulator.Effect{DropBefore: true}, "unavailable", true, false},
		{"dropped after", simulator.Effect{DropAfter: true}, "unavailable", true, true},
		{"500 before", simulator.Effect{Status: 500}, "unavailable", true, false},
		{"503 after", simulator.Effect{Status: 503, AfterEffect: true}, "unavailable", true, true},
		{"a page after", simulator.Effect{Status: 502, HTML: true, AfterEffect: true}, "unavailable", true, true},
		{"a page that says 200", simulator.Effect{Status: 200, HTML: true}, "unavailable", true, false},
		{"a page that says 404", simulator.Effect{Status: 404, HTML: true}, "unavailable", true, false},
		{"no body", simulator.Effect{EmptyBody: true}, "unavailable", true, true},
		{"half a body", simulator.Effect{TruncateBody: true}, "unavailable", true, true},
		{"a redirect", simulator.Effect{Redirect: "/v1/Conversations"}, "unavailable", true, false},
		{"no answer", simulator.Effect{Hang: true}, "unavailable", true, false},
		{"throttled", simulator.Effect{Status: 429, Code: 20429, RetryAfter: 3}, "throttled", false, false},
		{"throttled until a date", simulator.Effect{Status: 429, RetryAfter: 3, RetryAfterAsDate: true}, "throttled", false, false},
		{"a conflict", simulator.Effect{Status: 409, Code: 50391}, "conflict", false, false},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			sim, client := simulated(t)
			rule := simulator.Rule{Match: simulator.Match{Operation: simulator.OperationCreate, Count: 1}, Effect: tt.effect}
			if _, err := sim.AddRule(rule); err != nil {
				t.Fatal(err)
			}
			s := client.Conversations("")
			ctx, giveUp := context.WithCancel(t.Context())
			defer giveUp()
			created := make(chan error, 1)
			go func() {
				_, err := s.Create(ctx, twilio.Params{UniqueName: new("vip")})
				created <- err
			}()
			if tt.effect.Hang {
				patient(t).Eventually(sim.Held).Should(gomega.Equal(1))
				giveUp()
			}
			err := <-created
			if classesOf(err) != tt.class || twilio.Ambiguous(err) != tt.ambiguous {
				t.Errorf("got %v", err)
			}
			if e, _ := errors.AsType[*twilio.Error](err); e.RetryAfter != time.Duration(tt.effect.RetryAfter)*time.Second {
				t.Errorf("to be retried after %s", e.RetryAfter)
			}
			creates := func() int { return sim.Counts().Operation(simulator.OperationCreate) }
			patient(t).Eventually(creates).Should(gomega.Equal(1))
			_, err = s.Fetch(t.Context(), "vip")
			if happened := err == nil; happened != tt.happened || !happened && classesOf(err) != "not found" {
				t.Errorf("looked up: %v", err)
			}
		})
	}
}

func TestACreateThatIsGivenUpMayHappenLater(t *testing.T) {
	sim, client := simulated(t)
	id, err := sim.AddRule(simulator.Rule{Match: simulator.Match{Operation: simulator.OperationCreate}, Effect: simulator.Effect{Hold: true}})
	if err != nil {
		t.Fatal(err)
	}
	ctx, cancel := context.WithCancel(t.Context())
	s, g := client.Conversations(""), patient(t)
	created := make(chan error)
	go func() {
		_, err := s.Create(ctx, twilio.Params{UniqueName: new("vip")})
		created <- err
	}()
	g.Eventually(sim.Held).Should(gomega.Equal(1))
	cancel()
	if err := <-created; !errors.Is(err, context.Canceled) || !twilio.Ambiguous(err) {
		t.Errorf("got %v", err)
	}
	if err := sim.ReleaseRule(id); err != nil {
		t.Fatal(err)
	}
	g.Eventually(func() int { return len(sim.Conversations("")) }).Should(gomega.Equal(1))
	if _, err := s.Fetch(t.Context(), "vip"); err != nil {
		t.Error(err)
	}
}

// every answers the numbers from first to last that are step apart.
func every(step, first, last int) (all []int) {
	for i := first; i <= last; i += step {
		all = append(all, i)
	}
	return all
}
