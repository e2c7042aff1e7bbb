// Copyright The conversations-operator Authors
// SPDX-License-Identifier: Apache-2.0

package main

import (
	"context"
	"errors"
	"fmt"
	"net/http"
	"time"

	"github.com/conversations-operator/conversations-operator/api/v1alpha1"
	"github.com/conversations-operator/conversations-operator/internal/twilio/simulator"
	"github.com/conversations-operator/conversations-operator/test/testbed"
)

// probeEvery is the longest that the manager waits before it asks again whether an outage is over, and probesAtFirst how
// many requests an outage costs before that: what was under way, and those that came sooner.
const (
	probeEvery    = 15 * time.Second
	probesAtFirst = 40
)

// outage is what an outage of one account costs, in the midst of many creates, and what another account notices of it.
func (b *bench) outage(ctx context.Context) (figures []figure, err error) {
	const other = "other"
	n, length := b.size(1000, 10000), time.Duration(b.size(20, 120))*time.Second
	s, err := b.scene(ctx, props{simulator: []string{fmt.Sprintf("--create-delete-rate=%d", twilioRate), usualLatency}})
	if err != nil {
		return nil, err
	}
	defer func() { err = errors.Join(err, s.close()) }()
	neighbour := testbed.NewTenant()
	neighbour.Namespace = other
	if err := s.Admit(ctx, &neighbour); err != nil {
		return nil, err
	}
	start := time.Now()
	if err := s.create(ctx, n, nil); err != nil {
		return nil, err
	}
	if err := s.strike(ctx, simulator.Effect{DropBefore: true}, length/2); err != nil {
		return nil, err
	}
	others := b.size(200, 1000)
	begun := time.Now()
	if err := s.create(ctx, others, func(_ int, conv *v1alpha1.Conversation) { conv.Namespace = other }); err != nil {
		return nil, err
	}
	struck := make(chan error, 1)
	go func() { struck <- s.strike(ctx, simulator.Effect{Status: http.StatusServiceUnavailable}, length/2) }()
	if err := s.seen.allReadyIn(ctx, other, others); err != nil {
		return nil, err
	}
	took := time.Since(begun)
	if err := errors.Join(<-struck, s.seen.allReady(ctx, n+others)); err != nil {
		return nil, err
	}
	counts, err := s.Twilio.Counts(ctx)
	if err != nil {
		return nil, err
	}
	failed := counts.Status(0) + counts.Status(http.StatusServiceUnavailable)
	ideal := time.Duration(others) * time.Second / twilioRate
	most := probesAtFirst + int(length/probeEvery)
	return []figure{
		{
			Name:     fmt.Sprintf("an outage of %s in the midst of %d creates: requests that failed", length, n),
			Budget:   fmt.Sprintf("%d, all Ready in the end", most),
			Measured: fmt.Sprintf("%d, all Ready after %.0f s", failed, time.Since(start).Seconds()),
			OK:       failed <= most,
			Values:   map[string]float64{"failed": float64(failed)},
		},
		{
			Name:     fmt.Sprintf("meanwhile, %d creates of another account", others),
			Budget:   fmt.Sprintf("%.1f s (5 %% over Twilio's limit)", 1.05*ideal.Seconds()),
			Measured: fmt.Sprintf("%.1f s (%+.1f %%)", took.Seconds(), 100*(took.Seconds()/ideal.Seconds()-1)),
			OK:       took.Seconds() <= 1.05*ideal.Seconds(),
			Values:   map[string]float64{inMilliseconds: milliseconds(took)},
		},
	}, nil
}

// strike has every request of the first account fail for a while.
func (s *scene) strike(ctx context.Context, effect simulator.Effect, length time.Duration) error {
	var rule struct {
		ID string `json:"id"`
	}
	if err := s.Twilio.Control(ctx, "POST /rules", simulator.Rule{
		Match: simulator.Match{Account: simulator.DefaultAccountSID}, Effect: effect,
	}, &rule); err != nil {
		return err
	}
	select {
	case <-ctx.Done():
		return ctx.Err()
	case <-time.After(length):
	}
	return s.Twilio.Control(ctx, "DELETE /rules/"+rule.ID, nil, nil)
}
