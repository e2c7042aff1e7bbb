// Copyright The conversations-operator Authors
// SPDX-License-Identifier: Apache-2.0

package conversation

import (
	"sync"

	"k8s.io/apimachinery/pkg/types"
	"sigs.k8s.io/controller-runtime/pkg/client"
	"sigs.k8s.io/controller-runtime/pkg/controller/controllerutil"

	"github.com/conversations-operator/conversations-operator/api/v1alpha1"
)

// released remembers the objects whose finalizer this process took away, until the cache has let go of them. An older
// copy still has the finalizer and a sid, and would be deleted at Twilio once more.
type released struct {
	mu   sync.Mutex
	uids map[types.NamespacedName]types.UID
}

func newReleased() *released { return &released{uids: map[types.NamespacedName]types.UID{}} }

// note remembers an object that was released.
func (r *released) note(o client.Object) {
	r.mu.Lock()
	defer r.mu.Unlock()
	r.uids[client.ObjectKeyFromObject(o)] = o.GetUID()
}

// has tells whether the copy is of a released object, as it was before that.
func (r *released) has(o client.Object) bool {
	r.mu.Lock()
	defer r.mu.Unlock()
	key := client.ObjectKeyFromObject(o)
	if r.uids[key] == o.GetUID() && controllerutil.ContainsFinalizer(o, v1alpha1.Finalizer) {
		return true
	}
	delete(r.uids, key)
	return false
}

// forget is called when the cache has no object of that name.
func (r *released) forget(key types.NamespacedName) {
	r.mu.Lock()
	defer r.mu.Unlock()
	delete(r.uids, key)
}
