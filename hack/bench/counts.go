// Copyright The conversations-operator Authors
// SPDX-License-Identifier: Apache-2.0

package main

import (
	"context"
	"errors"
	"fmt"

	"sigs.k8s.io/controller-runtime/pkg/client"

	"github.com/conversations-operator/conversations-operator/api/v1alpha1"
)

// counts is what creating, changing and deleting costs, in requests to Twilio and writes to Kubernetes.
func (b *bench) counts(ctx context.Context) (figures []figure, err error) {
	const n = 200
	s, err := b.scene(ctx, props{})
	if err != nil {
		return nil, err
	}
	defer func() { err = errors.Join(err, s.close()) }()
	all := make([]*v1alpha1.Conversation, n)
	created, err := s.cost(ctx, func() error {
		err := s.create(ctx, n, func(i int, conv *v1alpha1.Conversation) {
			conv.Spec.FriendlyName = "Created"
			all[i] = conv
		})
		return errors.Join(err, s.seen.allReady(ctx, n))
	})
	if err != nil {
		return nil, err
	}
	updated, err := s.cost(ctx, func() error {
		for _, conv := range all {
			before := conv.DeepCopy()
			conv.Spec.FriendlyName = "Updated"
			if err := s.Bed.Client.Patch(ctx, conv, client.MergeFrom(before)); err != nil {
				return fmt.Errorf("updating a conversation: %w", err)
			}
		}
		return s.each(ctx, all, s.seen.readyAt)
	})
	if err != nil {
		return nil, err
	}
	deleted, err := s.cost(ctx, func() error {
		for _, conv := range all {
			if err := s.Bed.Client.Delete(ctx, conv); err != nil {
				return fmt.Errorf("deleting a conversation: %w", err)
			}
		}
		return s.each(ctx, all, s.seen.goneOf)
	})
	if err != nil {
		return nil, err
	}
	return []figure{
		{
			Name: "requests to Twilio per create, update, delete", Budget: "1, 1, 1",
			Measured: fmt.Sprintf("%g, %g, %g", created.requests/n, updated.requests/n, deleted.requests/n),
			OK:       created.requests <= n && updated.requests <= n && deleted.requests <= n,
			Values: map[string]float64{
				"create": created.requests / n, "update": updated.requests / n, "delete": deleted.requests / n,
			},
		},
		{
			Name: "Kubernetes writes per create (Events aside)", Budget: "2",
			Measured: fmt.Sprintf("%g (update %g, delete %g)", created.writes/n, updated.writes/n, deleted.writes/n),
			OK:       created.writes <= 2*n,
			Values: map[string]float64{
				"create": created.writes / n, "update": updated.writes / n, "delete": deleted.writes / n,
			},
		},
	}, nil
}

// cost is what something took, of Conversations alone.
type cost struct{ requests, writes float64 }

func (s *scene) cost(ctx context.Context, do func() error) (c cost, err error) {
	requests, err := s.requests(ctx, "")
	if err != nil {
		return c, err
	}
	writes, err := s.writes(ctx, conversations)
	if err != nil {
		return c, err
	}
	if err := do(); err != nil {
		return c, err
	}
	requestsAfter, err := s.requests(ctx, "")
	if err != nil {
		return c, err
	}
	writesAfter, err := s.writes(ctx, conversations)
	return cost{float64(requestsAfter - requests), float64(writesAfter - writes)}, err
}

// each waits for something of every object.
func (s *scene) each(ctx context.Context, all []*v1alpha1.Conversation, wait func(context.Context, *v1alpha1.Conversation) error) error {
	for _, conv := range all {
		if err := wait(ctx, conv); err != nil {
			return err
		}
	}
	return nil
}
