// Copyright The conversations-operator Authors
// SPDX-License-Identifier: Apache-2.0

package kube

import (
	"time"

	apierrors "k8s.io/apimachinery/pkg/api/errors"
	ctrl "sigs.k8s.io/controller-runtime"

	"github.com/conversations-operator/conversations-operator/internal/retry"
)

// RetryConflict tries again soon after another client wrote the object.
func RetryConflict(err error) (ctrl.Result, error) {
	if apierrors.IsConflict(err) {
		return ctrl.Result{RequeueAfter: retry.Conflict.After()}, nil
	}
	return ctrl.Result{}, err
}

// Soonest answers the shorter of two waits. Zero means no wait.
func Soonest(a, b time.Duration) time.Duration {
	if a == 0 || b > 0 && b < a {
		return b
	}
	return a
}
