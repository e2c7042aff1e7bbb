// Copyright The conversations-operator Authors
// SPDX-License-Identifier: Apache-2.0

package main

import (
	"context"
	"errors"
	"fmt"
	"net/http"
	"time"

	"github.com/conversations-operator/conversations-operator/internal/twilio/simulator"
)

// Twilio's limits: creates and deletes a second in one service, and requests that an account may have under way.
const (
	twilioRate       = 30
	twilioConcurrent = 100
)

// usualLatency has the simulator answer after as long as Twilio usually takes.
const usualLatency = "--latency=50ms"

// userNamespace is where somebody works who has nothing to do with the crowd at home.
const userNamespace = "other"

// burst is how long it takes to create many at once at Twilio's limits, what that costs, and what a user of another
// namespace notices of it, and of a check of all of them for drift.
func (b *bench) burst(ctx context.Context) (figures []figure, err error) {
	const users = 100
	n := b.size(1000, 10000)
	s, err := b.scene(ctx, props{simulator: []string{
		fmt.Sprintf("--create-delete-rate=%d", twilioRate), fmt.Sprintf("--max-concurrent-requests=%d", twilioConcurrent), usualLatency,
	}})
	if err != nil {
		return nil, err
	}
	defer func() { err = errors.Join(err, s.close()) }()
	if err := s.account(ctx, userNamespace); err != nil {
		return nil, err
	}
	idle, err := s.manager.Metric(ctx, "process_cpu_seconds_total", nil)
	if err != nil {
		return nil, err
	}
	start := time.Now()
	crowd := make(chan error, 1)
	go func() { crowd <- s.create(ctx, n, nil) }()
	meanwhile, err := s.user(ctx, "crowd", users)
	if err != nil {
		return nil, errors.Join(err, <-crowd)
	}
	if created, err := s.requests(ctx, simulator.OperationCreate); err != nil || created >= n {
		return nil, errors.Join(err, fmt.Errorf("%d creates were asked for: none waited at the end", created))
	}
	profiled := s.profile(ctx, b.out, "burst")
	if err := errors.Join(<-crowd, s.seen.allReady(ctx, n+users)); err != nil {
		return nil, err
	}
	took := time.Since(start)
	if err := <-profiled; err != nil {
		return nil, err
	}
	figures, err = s.burstCost(ctx, n+users, took, idle)
	if err != nil {
		return nil, err
	}
	checked, err := s.userDuringCheck(ctx)
	return append(append(figures, meanwhile.figures(fmt.Sprintf("while %d wait", n))...),
		checked.figures(fmt.Sprintf("while %d are checked for drift", n))...), err
}

// burstCost says how near the creates came to Twilio's limit, and what they cost.
func (s *scene) burstCost(ctx context.Context, n int, took time.Duration, idle float64) ([]figure, error) {
	counts, err := s.Twilio.Counts(ctx)
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
	failed := s.seen.failed()
	return []figure{{
		Name:   fmt.Sprintf("%d creates at Twilio's %d a second and %d at a time", n, twilioRate, twilioConcurrent),
		Budget: fmt.Sprintf("%.1f s, under 1 %% answered 429, none in error", 1.05*ideal.Seconds()),
		Measured: fmt.Sprintf("%.1f s (%+.1f %%), %.2f %%, %d in error; %.1f s of CPU per 1,000",
			took.Seconds(), 100*(took.Seconds()/ideal.Seconds()-1), 100*throttled, failed, perThousand),
		OK: took.Seconds() <= 1.05*ideal.Seconds() && throttled < 0.01 && failed == 0,
		Values: map[string]float64{
			inMilliseconds: milliseconds(took), "throttledShare": throttled, "inError": float64(failed), "cpuSecondsPerThousand": perThousand,
		},
	}}, nil
}
