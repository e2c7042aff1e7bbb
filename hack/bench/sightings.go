// Copyright The conversations-operator Authors
// SPDX-License-Identifier: Apache-2.0

package main

import (
	"context"
	"fmt"
	"sync"
	"time"

	"k8s.io/apimachinery/pkg/api/meta"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
	"k8s.io/apimachinery/pkg/types"
	toolscache "k8s.io/client-go/tools/cache"
	"sigs.k8s.io/controller-runtime/pkg/cache"
	"sigs.k8s.io/controller-runtime/pkg/client"

	"github.com/conversations-operator/conversations-operator/api/v1alpha1"
	"github.com/conversations-operator/conversations-operator/test/testbed"
)

// sightings are when somebody who watches the API server first saw what.
type sightings struct {
	mu sync.Mutex
	// sid is when an object first had one; ready is the generation of an object that was last seen Ready.
	sid   map[types.NamespacedName]time.Time
	ready map[types.NamespacedName]int64
	gone  map[types.NamespacedName]bool
	// readyIn counts the objects of a namespace in ready; inError are the reasons of objects that were seen in error.
	readyIn map[string]int
	inError map[types.NamespacedName]string
	// changed is closed, and replaced, on every change.
	changed chan struct{}
}

// watch sees every Conversation from now on, until the context ends.
func watch(ctx context.Context, bed *testbed.Bed) (*sightings, error) {
	s := &sightings{
		sid: map[types.NamespacedName]time.Time{}, ready: map[types.NamespacedName]int64{}, gone: map[types.NamespacedName]bool{},
		readyIn: map[string]int{}, inError: map[types.NamespacedName]string{},
		changed: make(chan struct{}),
	}
	informers, err := cache.New(bed.Config, cache.Options{Scheme: bed.Client.Scheme(), DefaultTransform: cache.TransformStripManagedFields()})
	if err != nil {
		return nil, fmt.Errorf("watching conversations: %w", err)
	}
	informer, err := informers.GetInformer(ctx, &v1alpha1.Conversation{}, cache.BlockUntilSynced(false))
	if err != nil {
		return nil, fmt.Errorf("watching conversations: %w", err)
	}
	_, err = informer.AddEventHandler(toolscache.ResourceEventHandlerFuncs{
		AddFunc:    func(o any) { s.look(o, time.Now()) },
		UpdateFunc: func(_, o any) { s.look(o, time.Now()) },
		DeleteFunc: s.miss,
	})
	if err != nil {
		return nil, fmt.Errorf("watching conversations: %w", err)
	}
	// It ends with the context, and without an error.
	go func() { _ = informers.Start(ctx) }()
	if !informers.WaitForCacheSync(ctx) {
		return nil, fmt.Errorf("watching conversations: %w", context.Cause(ctx))
	}
	return s, nil
}

func (s *sightings) look(o any, now time.Time) {
	conv, ok := o.(*v1alpha1.Conversation)
	if !ok {
		return
	}
	key := client.ObjectKeyFromObject(conv)
	s.update(func() {
		if _, seen := s.sid[key]; !seen && conv.Status.SID != "" {
			s.sid[key] = now
		}
		ready := meta.FindStatusCondition(conv.Status.Conditions, v1alpha1.ConditionReady)
		switch {
		case ready == nil:
		case ready.Status == metav1.ConditionTrue && conv.Status.SID == "":
			s.inError[key] = "Ready without a sid"
		case ready.Status == metav1.ConditionTrue:
			if _, seen := s.ready[key]; !seen {
				s.readyIn[key.Namespace]++
			}
			s.ready[key] = ready.ObservedGeneration
		case ready.Reason != v1alpha1.ReasonProgressing:
			s.inError[key] = ready.Reason
		}
	})
}

func (s *sightings) miss(o any) {
	if name, err := toolscache.DeletionHandlingObjectToName(o); err == nil {
		s.update(func() { s.gone[name.AsNamespacedName()] = true })
	}
}

func (s *sightings) update(f func()) {
	s.mu.Lock()
	defer s.mu.Unlock()
	f()
	close(s.changed)
	s.changed = make(chan struct{})
}

// until waits until the condition, which is asked under lock after every change, holds.
func (s *sightings) until(ctx context.Context, holds func() bool) error {
	for {
		s.mu.Lock()
		done, changed := holds(), s.changed
		s.mu.Unlock()
		if done {
			return nil
		}
		select {
		case <-changed:
		case <-ctx.Done():
			return ctx.Err()
		}
	}
}

// sidOf waits for an object's sid, and says when it was seen.
func (s *sightings) sidOf(ctx context.Context, conv *v1alpha1.Conversation) (at time.Time, err error) {
	key := client.ObjectKeyFromObject(conv)
	err = s.until(ctx, func() bool {
		var seen bool
		at, seen = s.sid[key]
		return seen
	})
	return at, err
}

// allReady waits until that many objects were seen Ready.
func (s *sightings) allReady(ctx context.Context, n int) error {
	return s.until(ctx, func() bool { return len(s.ready) >= n })
}

// allReadyIn waits until that many objects of a namespace were seen Ready.
func (s *sightings) allReadyIn(ctx context.Context, namespace string, n int) error {
	return s.until(ctx, func() bool { return s.readyIn[namespace] >= n })
}

// failed counts the objects that were seen in error so far.
func (s *sightings) failed() int {
	s.mu.Lock()
	defer s.mu.Unlock()
	return len(s.inError)
}

// readyAt waits until the object's generation was seen Ready.
func (s *sightings) readyAt(ctx context.Context, conv *v1alpha1.Conversation) error {
	return s.until(ctx, func() bool { return s.ready[client.ObjectKeyFromObject(conv)] == conv.Generation })
}

// allGone waits until that many objects are gone.
func (s *sightings) allGone(ctx context.Context, n int) error {
	return s.until(ctx, func() bool { return len(s.gone) >= n })
}

// goneOf waits until the object is gone.
func (s *sightings) goneOf(ctx context.Context, conv *v1alpha1.Conversation) error {
	return s.until(ctx, func() bool { return s.gone[client.ObjectKeyFromObject(conv)] })
}
