// Copyright The conversations-operator Authors
// SPDX-License-Identifier: Apache-2.0

package controller

import (
	"sync"

	"k8s.io/apimachinery/pkg/types"
	"k8s.io/apimachinery/pkg/util/resourceversion"
	"sigs.k8s.io/controller-runtime/pkg/client"
)

// freshness remembers the resource version of this process' last write of an object until the cache has caught up
// with it. An older copy would show an object without its own finalizer, record or sid.
type freshness struct {
	mu      sync.Mutex
	written map[types.UID]string
}

func newFreshness() *freshness { return &freshness{written: map[types.UID]string{}} }

// wrote notes a write that the API server confirmed. Two controllers write an account, and the later write may be noted
// first.
func (f *freshness) wrote(o client.Object) {
	f.mu.Lock()
	defer f.mu.Unlock()
	if !f.older(o) {
		f.written[o.GetUID()] = o.GetResourceVersion()
	}
}

// stale tells whether the copy is older than the last write.
func (f *freshness) stale(o client.Object) bool {
	f.mu.Lock()
	defer f.mu.Unlock()
	if f.older(o) {
		return true
	}
	delete(f.written, o.GetUID())
	return false
}

// older tells whether the copy is from before the write that is remembered, if one is.
func (f *freshness) older(o client.Object) bool {
	order, err := resourceversion.CompareResourceVersion(o.GetResourceVersion(), f.written[o.GetUID()])
	return err == nil && order < 0
}

// forget drops what is remembered of an object that is gone.
func (f *freshness) forget(uid types.UID) {
	f.mu.Lock()
	defer f.mu.Unlock()
	delete(f.written, uid)
}
