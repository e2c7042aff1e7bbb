// Copyright The conversations-operator Authors
// SPDX-License-Identifier: Apache-2.0

package main

import (
	"context"
	"errors"
	"fmt"
	"time"

	"github.com/conversations-operator/conversations-operator/api/v1alpha1"
)

// latency is how long a user waits for one new object while nothing else goes on.
func (b *bench) latency(ctx context.Context) (figures []figure, err error) {
	const (
		n           = 200
		atTwilio    = 50 * time.Millisecond
		medianLimit = 70 * time.Millisecond
		p99Limit    = 150 * time.Millisecond
	)
	s, err := b.scene(ctx, props{simulator: []string{"--latency=" + atTwilio.String()}})
	if err != nil {
		return nil, err
	}
	defer func() { err = errors.Join(err, s.close()) }()
	var took []time.Duration
	for i := range n {
		conv := conversation(home, fmt.Sprintf("conv-%d", i))
		conv.Spec.FriendlyName = fmt.Sprintf("Conversation %d", i)
		waited, err := s.sidAfter(ctx, conv)
		if err != nil {
			return nil, err
		}
		took = append(took, waited)
	}
	median, p99 := percentile(took, 0.5), percentile(took, 0.99)
	return []figure{{
		Name:     fmt.Sprintf("a new object, idle, at a simulator latency of %s: sid in status after (median, p99 of %d)", atTwilio, n),
		Budget:   fmt.Sprintf("%.0f ms, %.0f ms", milliseconds(medianLimit), milliseconds(p99Limit)),
		Measured: fmt.Sprintf("%.1f ms, %.1f ms", milliseconds(median), milliseconds(p99)),
		OK:       median <= medianLimit && p99 <= p99Limit,
		Values:   map[string]float64{"medianMilliseconds": milliseconds(median), "p99Milliseconds": milliseconds(p99)},
	}}, nil
}

// sidAfter creates an object and answers how long it waited for its sid.
func (s *scene) sidAfter(ctx context.Context, conv *v1alpha1.Conversation) (time.Duration, error) {
	if err := s.Bed.Client.Create(ctx, conv); err != nil {
		return 0, fmt.Errorf("creating a conversation: %w", err)
	}
	created := time.Now()
	seen, err := s.seen.sidOf(ctx, conv)
	return seen.Sub(created), err
}
