// Copyright The conversations-operator Authors
// SPDX-License-Identifier: Apache-2.0

package main

import (
	"context"
	"errors"
	"fmt"
	"strconv"
	"time"

	"sigs.k8s.io/controller-runtime/pkg/client"

	"github.com/conversations-operator/conversations-operator/api/v1alpha1"
	"github.com/conversations-operator/conversations-operator/test/testbed/stage"
)

// pageSize is how many conversations Twilio lists at a time.
const pageSize = 100

// drift is what a drift check costs: of an account with nothing else in it, and of one with far more than is managed.
func (b *bench) drift(ctx context.Context) ([]figure, error) {
	alone, err := b.driftAlone(ctx)
	if err != nil {
		return nil, err
	}
	crowd, err := b.driftInCrowd(ctx)
	return append(alone, crowd...), err
}

func (b *bench) driftAlone(ctx context.Context) (figures []figure, err error) {
	n := b.size(1000, 10000)
	s, err := b.scene(ctx, props{})
	if err != nil {
		return nil, err
	}
	defer func() { err = errors.Join(err, s.close()) }()
	if err := s.fill(ctx, n); err != nil {
		return nil, err
	}
	before, err := s.writes(ctx, nothingOfAccounts)
	if err != nil {
		return nil, err
	}
	check, err := s.check(ctx)
	if err != nil {
		return nil, err
	}
	after, err := s.writes(ctx, nothingOfAccounts)
	if err != nil {
		return nil, err
	}
	pages := (n + pageSize - 1) / pageSize
	return []figure{{
		Name:     fmt.Sprintf("drift check of %d managed, nothing else in the account", n),
		Budget:   fmt.Sprintf("%d requests, no Kubernetes write but the account's status", pages),
		Measured: fmt.Sprintf("%d requests, %d other writes, %.2f s", check.requests, after-before, check.took.Seconds()),
		OK:       check.requests <= pages && after == before,
		Values: map[string]float64{
			"requests": float64(check.requests), "otherWrites": float64(after - before), inMilliseconds: milliseconds(check.took),
		},
	}}, nil
}

func (b *bench) driftInCrowd(ctx context.Context) (figures []figure, err error) {
	m, n := b.size(100, 1000), b.size(10000, 100000)
	s, err := b.scene(ctx, props{})
	if err != nil {
		return nil, err
	}
	defer func() { err = errors.Join(err, s.close()) }()
	// Half of the managed ones are older than the others and half are younger, so that no window leaves the others out.
	if err := s.fill(ctx, m/2); err != nil {
		return nil, err
	}
	if err := s.Twilio.Control(ctx, "POST /conversations", map[string]int{"count": n}, nil); err != nil {
		return nil, err
	}
	err = s.create(ctx, m/2, func(i int, conv *v1alpha1.Conversation) { conv.Name = fmt.Sprintf("young-%d", i) })
	if err := errors.Join(err, s.seen.allReady(ctx, m)); err != nil {
		return nil, err
	}
	first, err := s.check(ctx)
	if err != nil {
		return nil, err
	}
	later, err := s.check(ctx)
	if err != nil {
		return nil, err
	}
	return []figure{{
		Name:     fmt.Sprintf("drift check of %d managed among %d", m, n),
		Budget:   fmt.Sprintf("the first %d requests, later ones %d", 2*m, m*11/10),
		Measured: fmt.Sprintf("%d, %d", first.requests, later.requests),
		OK:       first.requests <= 2*m && later.requests <= m*11/10,
		Values:   map[string]float64{"first": float64(first.requests), "later": float64(later.requests)},
	}}, nil
}

// fill creates conversations in the default service, and waits until all are in sync.
func (s *scene) fill(ctx context.Context, n int) error {
	if err := s.create(ctx, n, nil); err != nil {
		return err
	}
	return s.seen.allReady(ctx, n)
}

// driftCheck is what one check took. Asking for it has the credentials checked too, by a request that does not count.
type driftCheck struct {
	requests int
	took     time.Duration
}

// check asks for a drift check, waits for its end and holds its status against what the simulator counted.
func (s *scene) check(ctx context.Context) (c driftCheck, err error) {
	counted, err := s.requests(ctx, "")
	if err != nil {
		return c, err
	}
	start := time.Now()
	last, err := s.asksForCheck(ctx)
	if err != nil {
		return c, err
	}
	c.took = time.Since(start)
	now, err := s.requests(ctx, "")
	if err != nil {
		return c, err
	}
	c.requests = now - counted - 1
	if int(last.Requests) != c.requests {
		return c, fmt.Errorf("the simulator counted %d requests, the status says %d", c.requests, last.Requests)
	}
	return c, nil
}

// asksForCheck asks for a drift check and waits for its end.
func (s *scene) asksForCheck(ctx context.Context) (*v1alpha1.DriftCheck, error) {
	before, err := s.readAccount(ctx)
	if err != nil {
		return nil, err
	}
	// The times in status are whole seconds: the check must not begin in the same one as the last.
	if err := stage.Poll(ctx, func() (bool, error) {
		last := before.Status.LastDriftCheck
		return last == nil || time.Now().After(last.StartTime.Add(time.Second)), nil
	}); err != nil {
		return nil, err
	}
	start, account := time.Now(), before.DeepCopy()
	account.Annotations = map[string]string{v1alpha1.ReconcileRequestedAtAnnotation: strconv.FormatInt(start.UnixNano(), 10)}
	if err := s.Bed.Client.Patch(ctx, account, client.MergeFrom(before)); err != nil {
		return nil, fmt.Errorf("asking for a drift check: %w", err)
	}
	err = stage.Poll(ctx, func() (bool, error) {
		account, err = s.readAccount(ctx)
		if err != nil {
			return false, err
		}
		last := account.Status.LastDriftCheck
		return last != nil && !last.StartTime.Time.Before(start.Truncate(time.Second)), nil
	})
	return account.Status.LastDriftCheck, err
}

func (s *scene) readAccount(ctx context.Context) (*v1alpha1.TwilioAccount, error) {
	account := &v1alpha1.TwilioAccount{}
	if err := s.Bed.Client.Get(ctx, client.ObjectKey{Namespace: home, Name: "default"}, account); err != nil {
		return nil, fmt.Errorf("reading the account: %w", err)
	}
	return account, nil
}
