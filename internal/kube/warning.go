// Copyright The conversations-operator Authors
// SPDX-License-Identifier: Apache-2.0

package kube

import (
	"sync"
	"time"

	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
	"k8s.io/apimachinery/pkg/types"
	"sigs.k8s.io/controller-runtime/pkg/client"

	"github.com/conversations-operator/conversations-operator/api/v1alpha1"
	"github.com/conversations-operator/conversations-operator/internal/retry"
)

// passes tells whether the trouble that a reason of Ready names may be over within seconds although nobody acts on it.
func passes(reason string) bool {
	switch reason {
	case v1alpha1.ReasonAccountNotReady, v1alpha1.ReasonCredentialsRejected, v1alpha1.ReasonTwilioUnavailable,
		v1alpha1.ReasonKubernetesRefused,
		v1alpha1.ReasonSecretMissing, v1alpha1.ReasonSecretInvalid:
		return true
	}
	return false
}

// Warnings are the Warning events that were not sent yet, by the object's kind and name: the trouble may pass.
type Warnings struct {
	mu      sync.Mutex
	Pending map[string]warning
}

// warning is the trouble of one object, and since when it lasts.
type warning struct {
	uid    types.UID
	reason string
	since  time.Time
}

// NewWarnings makes warnings of which none is pending.
func NewWarnings() *Warnings { return &Warnings{Pending: map[string]warning{}} }

// Due decides about the Warning event for a change of Ready that was recorded, or that was recorded before. tell: the event is
// to be sent now. A wait says when to decide again; zero: there is nothing to be told later.
func (w *Warnings) Due(key string, o client.Object, was, is metav1.Condition) (tell bool, wait time.Duration) {
	w.mu.Lock()
	defer w.mu.Unlock()
	changed := was.Reason != is.Reason || was.Message != is.Message
	if !passes(is.Reason) {
		delete(w.Pending, key)
		return changed && is.Status != metav1.ConditionTrue && is.Reason != v1alpha1.ReasonProgressing, 0
	}
	trouble, known := w.Pending[key]
	if known = known && trouble.uid == o.GetUID() && trouble.reason == is.Reason; !known {
		delete(w.Pending, key)
		if was.Reason == is.Reason {
			// An event told of it before.
			return changed, 0
		}
		trouble = warning{o.GetUID(), is.Reason, time.Now()}
	}
	if wait = time.Until(trouble.since.Add(retry.Warning.For)); wait > 0 {
		w.Pending[key] = trouble
		return false, wait
	}
	delete(w.Pending, key)
	return true, 0
}

// Forget drops the event of an object that is gone.
func (w *Warnings) Forget(key string) {
	w.mu.Lock()
	defer w.mu.Unlock()
	delete(w.Pending, key)
}
