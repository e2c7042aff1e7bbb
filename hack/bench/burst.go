// Copyright The conversations-operator Authors
// SPDX-License-Identifier: Apache-2.0

package main

import (
	"context"
	"errors"
	"fmt"
	"net/http"
	"time"

	"sigs.k8s.io/controller-runtime/pkg/client"

	"github.com/conversations-operator/conversations-operator/api/v1alpha1"
	"github.com/conversations-operator/conversations-operator/internal/twilio/simulator"
)

// twilioRate is how many creates and deletes a second Twilio takes in one service.
const twilioRate = 30

// burst is how long it takes to create many at once at Twilio's rate.
func (b *bench) burst(ctx context.Context) (figures []figure, err error) {
	n := b.size(1000, 10000)
	s, err := b.stage(ctx, props{simulator: []string{fmt.Sprintf("--create-delete-rate=%d", twilioRate)}})
	if err != nil {
		return nil, err
	}
	defer func() { err = joinClose(err, s) }()
	idle, err := s.manager.Metric(ctx, "process_cpu_seconds_total", nil)
	if err != nil {
		return nil, err
	}
	start := time.Now()
	if err := s.fill(ctx, n); err != nil {
		return nil, err
	}
	took := time.Since(start)
	counts, err := s.twilio.Counts(ctx)
	if err != nil {
		return nil, err
	}
	cpu, err := s.manager.Metric(ctx, "process_cpu_seconds_total", nil)
	if err != nil {
		return nil, err
	}
	perThousand := (cpu - idle) / float64(n) * 1000
	ideal := time.Duration(n) * time.Second / twilioRate
	throttled := float64(counts.Status(http.StatusTooManyRequests)) / float64(counts.Operation(simulator.OperationCreate))
	return []figure{{
		Name:   fmt.Sprintf("%d creates at Twilio's %d a second", n, twilioRate),
		Budget: fmt.Sprintf("%.1f s, under 1 %% answered 429", 1.05*ideal.Seconds()),
		Measured: fmt.Sprintf("%.1f s (%+.1f %%), %.2f %%; %.1f s of CPU per 1,000",
			took.Seconds(), 100*(took.Seconds()/ideal.Seconds()-1), 100*throttled, perThousand),
		OK:     took.Seconds() <= 1.05*ideal.Seconds() && throttled < 0.01,
		Values: map[string]float64{inMilliseconds: milliseconds(took), "throttledShare": throttled, "cpuSecondsPerThousand": perThousand},
	}}, nil
}

// fairness is how long a new object in another namespace waits while many of one namespace do.
func (b *bench) fairness(ctx context.Context) (figures []figure, err error) {
	const (
		probes = 50
		limit  = time.Second
		other  = "other"
	)
	n := b.size(1000, 10000)
	s, err := b.stage(ctx, props{simulator: []string{fmt.Sprintf("--create-delete-rate=%d", twilioRate), "--latency=50ms"}})
	if err != nil {
		return nil, err
	}
	defer func() { err = joinClose(err, s) }()
	if err := s.account(ctx, other); err != nil {
		return nil, err
	}
	if err := s.create(ctx, n, nil); err != nil {
		return nil, err
	}
	var took, edited []time.Duration
	for i := range probes {
		conv := conversation(other, fmt.Sprintf("probe-%d", i))
		waited, err := s.sidAfter(ctx, conv)
		if err != nil {
			return nil, err
		}
		took = append(took, waited)
		at, err := s.edit(ctx, conv)
		if err != nil {
			return nil, err
		}
		edited = append(edited, at)
	}
	if created, err := s.requests(ctx, simulator.OperationCreate); err != nil || created >= n {
		return nil, errors.Join(err, fmt.Errorf("%d creates were asked for: none waited at the end", created))
	}
	median, p99 := percentile(took, 0.5), percentile(took, 0.99)
	return []figure{{
		Name:     fmt.Sprintf("a new object in another namespace while %d wait: its sid after (p99 of %d)", n, probes),
		Budget:   fmt.Sprintf("%.0f ms", milliseconds(limit)),
		Measured: fmt.Sprintf("%.0f ms (median %.0f ms)", milliseconds(p99), milliseconds(median)),
		OK:       p99 <= limit,
		Values:   map[string]float64{"medianMilliseconds": milliseconds(median), "p99Milliseconds": milliseconds(p99)},
	}, {
		Name:     fmt.Sprintf("an edit in another namespace while %d wait: Ready after (p99 of %d)", n, probes),
		Budget:   fmt.Sprintf("%.0f ms", milliseconds(limit)),
		Measured: fmt.Sprintf("%.0f ms (median %.0f ms)", milliseconds(percentile(edited, 0.99)), milliseconds(percentile(edited, 0.5))),
		OK:       percentile(edited, 0.99) <= limit,
		Values: map[string]float64{
			"medianMilliseconds": milliseconds(percentile(edited, 0.5)), "p99Milliseconds": milliseconds(percentile(edited, 0.99)),
		},
	}}, nil
}

// edit edits an object and answers how long it took until that was at Twilio and recorded.
func (s *stage) edit(ctx context.Context, conv *v1alpha1.Conversation) (time.Duration, error) {
	if err := s.bed.Client.Get(ctx, client.ObjectKeyFromObject(conv), conv); err != nil {
		return 0, fmt.Errorf("reading a conversation: %w", err)
	}
	before := conv.DeepCopy()
	conv.Spec.FriendlyName = "Edited"
	start := time.Now()
	if err := s.bed.Client.Patch(ctx, conv, client.MergeFrom(before)); err != nil {
		return 0, fmt.Errorf("editing a conversation: %w", err)
	}
	err := s.seen.readyAt(ctx, conv)
	return time.Since(start), err
}
