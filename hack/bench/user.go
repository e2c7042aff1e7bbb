// Copyright The conversations-operator Authors
// SPDX-License-Identifier: Apache-2.0

package main

import (
	"context"
	"fmt"
	"time"

	"sigs.k8s.io/controller-runtime/pkg/client"

	"github.com/conversations-operator/conversations-operator/api/v1alpha1"
)

// userLimit is how long a user should wait at most, whatever goes on in other namespaces.
const userLimit = time.Second

// waits are how long a user of another namespace waited for the sids of new objects, and for edits to be at Twilio.
type waits struct{ created, edited []time.Duration }

// user applies objects one after the other in another namespace, and edits each.
func (s *scene) user(ctx context.Context, prefix string, n int) (w waits, err error) {
	for i := range n {
		if err := s.visit(ctx, &w, fmt.Sprintf("%s-%d", prefix, i)); err != nil {
			return w, err
		}
	}
	return w, nil
}

func (s *scene) visit(ctx context.Context, w *waits, name string) error {
	conv := conversation(userNamespace, name)
	waited, err := s.sidAfter(ctx, conv)
	if err != nil {
		return err
	}
	w.created = append(w.created, waited)
	waited, err = s.edit(ctx, conv)
	w.edited = append(w.edited, waited)
	return err
}

// userDuringCheck is a user at work for as long as a drift check takes.
func (s *scene) userDuringCheck(ctx context.Context) (w waits, err error) {
	checked := make(chan error, 1)
	go func() {
		_, err := s.asksForCheck(ctx)
		checked <- err
	}()
	for i := 0; ; i++ {
		select {
		case err := <-checked:
			return w, err
		default:
		}
		if err := s.visit(ctx, &w, fmt.Sprintf("check-%d", i)); err != nil {
			return w, err
		}
	}
}

// figures are the waits for new objects and for edits.
func (w waits) figures(when string) []figure {
	return []figure{
		userFigure(fmt.Sprintf("a new object in another namespace %s: its sid after (p99 of %d)", when, len(w.created)), w.created),
		userFigure(fmt.Sprintf("an edit in another namespace %s: Ready after (p99 of %d)", when, len(w.edited)), w.edited),
	}
}

func userFigure(name string, took []time.Duration) figure {
	median, p99 := percentile(took, 0.5), percentile(took, 0.99)
	return figure{
		Name:     name,
		Budget:   fmt.Sprintf("%.0f ms", milliseconds(userLimit)),
		Measured: fmt.Sprintf("%.0f ms (median %.0f ms)", milliseconds(p99), milliseconds(median)),
		OK:       p99 <= userLimit,
		Values:   map[string]float64{"medianMilliseconds": milliseconds(median), "p99Milliseconds": milliseconds(p99)},
	}
}

// edit edits an object and answers how long it took until that was at Twilio and recorded.
func (s *scene) edit(ctx context.Context, conv *v1alpha1.Conversation) (time.Duration, error) {
	if err := s.Bed.Client.Get(ctx, client.ObjectKeyFromObject(conv), conv); err != nil {
		return 0, fmt.Errorf("reading a conversation: %w", err)
	}
	before := conv.DeepCopy()
	conv.Spec.FriendlyName = "Edited"
	start := time.Now()
	if err := s.Bed.Client.Patch(ctx, conv, client.MergeFrom(before)); err != nil {
		return 0, fmt.Errorf("editing a conversation: %w", err)
	}
	err := s.seen.readyAt(ctx, conv)
	return time.Since(start), err
}
