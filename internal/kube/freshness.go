// Copyright The conversations-operator Authors
// SPDX-License-Identifier: Apache-2.0

package kube

import (
	"sync"

	"k8s.io/apimachinery/pkg/types"
	"k8s.io/apimachinery/pkg/util/resourceversion"
	"sigs.k8s.io/controller-runtime/pkg/client"
)

// Freshness remembers the resource version of this process' last write of an object until the cache has caught up
// with it. An older copy would show an object without its own finalizer, record or sid.
type Freshness struct {
	mu      sync.Mutex
	Written map[types.UID]string
}

// NewFreshness makes a freshness of which no write is remembered.
func NewFreshness() *Freshness { return &Freshness{Written: map[types.UID]string{}} }

// Wrote notes a write that the API server confirmed. Two controllers write an account, and the later write may be noted
// first.
func (f *Freshness) Wrote(o client.Object) {
	f.mu.Lock()
	defer f.mu.Unlock()
	if !f.older(o) {
		f.Written[o.GetUID()] = o.GetResourceVersion()
	}
}

// Stale tells whether the copy is older than the last write.
func (f *Freshness) Stale(o client.Object) bool {
	f.mu.Lock()
	defer f.mu.Unlock()
	if f.older(o) {
		return true
	}
	delete(f.Written, o.GetUID())
	return false
}

// older tells whether the copy is from before the write that is remembered, if one is.
func (f *Freshness) older(o client.Object) bool {
	order, err := resourceversion.CompareResourceVersion(o.GetResourceVersion(), f.Written[o.GetUID()])
	return err == nil && order < 0
}

// Forget drops what is remembered of an object that is gone.
func (f *Freshness) Forget(uid types.UID) {
	f.mu.Lock()
	defer f.mu.Unlock()
	delete(f.Written, uid)
}
