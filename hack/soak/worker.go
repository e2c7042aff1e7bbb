// Copyright The conversations-operator Authors
// SPDX-License-Identifier: Apache-2.0

package main

import (
	"context"
	"errors"
	"fmt"
	"math/rand/v2"
	"slices"
	"sync/atomic"

	"golang.org/x/time/rate"
	apiextensionsv1 "k8s.io/apiextensions-apiserver/pkg/apis/apiextensions/v1"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
	"sigs.k8s.io/controller-runtime/pkg/client"

	"github.com/conversations-operator/conversations-operator/api/v1alpha1"
)

// population is how many objects a worker keeps, more or less.
const population = 40

// worker is a client like kubectl: it applies, edits and deletes objects, and never waits for one to be ready.
type worker struct {
	client    client.Client
	namespace string
	random    *rand.Rand
	// names are the objects that it applied and has not deleted.
	names                    []string
	created, edited, deleted atomic.Int64
}

// work goes on until end, so many times a second.
func (w *worker) work(ctx, end context.Context, perSecond float64) error {
	limiter := rate.NewLimiter(rate.Limit(perSecond), 1)
	for limiter.Wait(end) == nil {
		if err := w.next(ctx); err != nil {
			return fmt.Errorf("working in %s: %w", w.namespace, err)
		}
	}
	return nil
}

// next does one thing. Deletions keep up with creations once there are enough objects.
func (w *worker) next(ctx context.Context) error {
	choice := w.random.IntN(100)
	switch {
	case len(w.names) == 0, choice < 36+max(0, population-len(w.names)):
		return w.create(ctx)
	case choice < 70:
		return w.edit(ctx)
	default:
		return w.delete(ctx)
	}
}

// create applies an object. Names are never used again, so that a unique name at Twilio is one object's.
func (w *worker) create(ctx context.Context) error {
	n := w.created.Load()
	conv := &v1alpha1.Conversation{ObjectMeta: metav1.ObjectMeta{Namespace: w.namespace, Name: fmt.Sprintf("c%d", n)}}
	conv.Spec.Attributes = &apiextensionsv1.JSON{Raw: fmt.Appendf(nil, `{"no":%d}`, n)}
	if w.random.IntN(3) == 0 {
		conv.Spec.UniqueName = uniqueName(w.namespace, conv.Name)
	}
	if w.random.IntN(3) == 0 {
		conv.Spec.ChatServiceSID = service
	}
	w.state(conv)
	w.move(conv)
	if err := w.client.Create(ctx, conv); err != nil {
		return fmt.Errorf("creating %s: %w", conv.Name, err)
	}
	w.names = append(w.names, conv.Name)
	w.created.Add(1)
	return nil
}

// uniqueName is the name of the user's that an object has.
func uniqueName(namespace, name string) string { return namespace + " " + name }

// state is active, not said, or inactive.
func (w *worker) state(conv *v1alpha1.Conversation) {
	conv.Spec.State = []v1alpha1.ConversationState{"", "", v1alpha1.StateActive, v1alpha1.StateInactive}[w.random.IntN(4)]
}

// move gives the object to one of the shards, if there are any.
func (w *worker) move(conv *v1alpha1.Conversation) {
	metav1.SetMetaDataLabel(&conv.ObjectMeta, shardLabel, shards[w.random.IntN(len(shards))])
}

func (w *worker) edit(ctx context.Context) error {
	conv := &v1alpha1.Conversation{}
	key := client.ObjectKey{Namespace: w.namespace, Name: w.names[w.random.IntN(len(w.names))]}
	if err := w.client.Get(ctx, key, conv); err != nil {
		return fmt.Errorf("reading %s: %w", key.Name, err)
	}
	before := conv.DeepCopy()
	n := w.edited.Add(1)
	conv.Spec.FriendlyName = fmt.Sprintf("Edit %d", n)
	conv.Spec.Attributes = &apiextensionsv1.JSON{Raw: fmt.Appendf(nil, `{"edit":%d}`, n)}
	w.state(conv)
	if w.random.IntN(10) == 0 {
		w.move(conv)
	}
	if err := w.client.Patch(ctx, conv, client.MergeFrom(before)); err != nil {
		return fmt.Errorf("editing %s: %w", key.Name, err)
	}
	return nil
}

func (w *worker) delete(ctx context.Context) error {
	i := w.random.IntN(len(w.names))
	conv := &v1alpha1.Conversation{ObjectMeta: metav1.ObjectMeta{Namespace: w.namespace, Name: w.names[i]}}
	if err := w.client.Delete(ctx, conv); err != nil {
		return fmt.Errorf("deleting %s: %w", conv.Name, err)
	}
	w.names = slices.Delete(w.names, i, i+1)
	w.deleted.Add(1)
	return nil
}

// clear deletes everything.
func (w *worker) clear(ctx context.Context) (err error) {
	for len(w.names) > 0 && err == nil {
		err = errors.Join(err, w.delete(ctx))
	}
	return err
}
