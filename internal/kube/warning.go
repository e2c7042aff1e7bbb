// Copyright The conversations-operator Authors
// SPDX-License-Identifier: Apache-2.0

package kube

import (
	"time"

	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"

	"github.com/conversations-operator/conversations-operator/api/v1alpha1"
	"github.com/conversations-operator/conversations-operator/internal/retry"
)

// passes tells whether the trouble named by a reason of Ready may be over within seconds although no person acts.
func passes(reason string) bool {
	switch reason {
	case v1alpha1.ReasonAccountNotReady, v1alpha1.ReasonCredentialsRejected, v1alpha1.ReasonTwilioUnavailable,
		v1alpha1.ReasonKubernetesRefused,
		v1alpha1.ReasonSecretMissing, v1alpha1.ReasonSecretInvalid:
		return true
	}
	return false
}

// Warning is the Warning event about one object, held back because the trouble may pass. The zero value is ready.
type Warning struct {
	reason string
	since  time.Time
}

// Due decides about the Warning event for a change of Ready, recorded now or before. tell: send the event now. A wait
// says when to decide again; zero: no event will be due later.
func (w *Warning) Due(was, is metav1.Condition) (tell bool, wait time.Duration) {
	changed := was.Reason != is.Reason || was.Message != is.Message
	if !passes(is.Reason) {
		*w = Warning{}
		return changed && is.Status != metav1.ConditionTrue && is.Reason != v1alpha1.ReasonProgressing, 0
	}
	if w.reason != is.Reason {
		*w = Warning{}
		if was.Reason == is.Reason {
			// An earlier event told of the trouble.
			return changed, 0
		}
		*w = Warning{is.Reason, time.Now()}
	}
	if wait = time.Until(w.since.Add(retry.Warning.For)); wait > 0 {
		return false, wait
	}
	*w = Warning{}
	return true, 0
}
