// Copyright The conversations-operator Authors
// SPDX-License-Identifier: Apache-2.0

package main

import (
	"context"
	"net/http"
	"time"

	"github.com/conversations-operator/conversations-operator/internal/twilio/simulator"
)

// faults are what goes wrong at Twilio, each with its share of all requests: 30 % together.
var faults = []struct {
	share  float64
	effect simulator.Effect
}{
	{0.05, simulator.Effect{DropBefore: true}},
	{0.095, simulator.Effect{DropAfter: true}},
	{0.03, simulator.Effect{Status: http.StatusServiceUnavailable, HTML: true}},
	{0.03, simulator.Effect{Status: http.StatusInternalServerError, AfterEffect: true}},
	{0.03, simulator.Effect{TruncateBody: true}},
	{0.02, simulator.Effect{EmptyBody: true}},
	// Each holds the whole account for a second.
	{0.005, simulator.Effect{Status: http.StatusTooManyRequests, Code: 20429, Message: "Too Many Requests", RetryAfter: 1}},
	{0.02, simulator.Effect{Delay: 300 * time.Millisecond}},
	{0.02, simulator.Effect{AfterEffect: true, Delay: 300 * time.Millisecond}},
}

// addFaults has the simulator fail. A rule sees what those before it let pass.
func (s *soak) addFaults(ctx context.Context) error {
	left := 1.0
	for i, f := range faults {
		rule := simulator.Rule{Match: simulator.Match{Probability: f.share / left, Seed: s.seed + uint64(i)}, Effect: f.effect}
		if err := s.Twilio.Control(ctx, "POST /rules", rule, nil); err != nil {
			return err
		}
		left -= f.share
	}
	return nil
}

func (s *soak) removeFaults(ctx context.Context) error {
	return s.Twilio.Control(ctx, "DELETE /rules", nil, nil)
}
