// Copyright The conversations-operator Authors
// SPDX-License-Identifier: Apache-2.0

package kube

import (
	"k8s.io/apimachinery/pkg/util/resourceversion"
	"sigs.k8s.io/controller-runtime/pkg/client"
)

// Freshness is the resource version of this process' last write of one object, until the cache has caught up with the write. An
// older copy would show the object without its own finalizer, record or sid. The zero value is ready.
type Freshness struct{ written string }

// Wrote notes a write that the API server confirmed. Two controllers write an account, and the later write may be noted first.
func (f *Freshness) Wrote(o client.Object) {
	if !f.older(o) {
		f.written = o.GetResourceVersion()
	}
}

// Stale tells whether the copy is older than the last write. Freshness forgets the write as soon as a copy has caught
// up.
func (f *Freshness) Stale(o client.Object) bool {
	if f.older(o) {
		return true
	}
	f.written = ""
	return false
}

func (f *Freshness) older(o client.Object) bool {
	order, err := resourceversion.CompareResourceVersion(o.GetResourceVersion(), f.written)
	return err == nil && order < 0
}
