// Copyright The conversations-operator Authors
// SPDX-License-Identifier: Apache-2.0

package controller

import (
	"context"
	"fmt"

	"k8s.io/apimachinery/pkg/api/equality"
	"k8s.io/apimachinery/pkg/api/meta"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
	"sigs.k8s.io/controller-runtime/pkg/client"

	"github.com/conversations-operator/conversations-operator/api/v1alpha1"
)

// writeStatus writes what changed in an account's status. Its two controllers write it side by side.
func writeStatus(ctx context.Context, c client.Client, fresh *freshness, before, acct Account) error {
	was, is := before.CommonStatus(), acct.CommonStatus()
	if equality.Semantic.DeepEqual(was, is) {
		return nil
	}
	patch := client.MergeFrom(before)
	if !equality.Semantic.DeepEqual(was.Conditions, is.Conditions) || !equality.Semantic.DeepEqual(was.HaltedBy, is.HaltedBy) {
		// A patch replaces a list as a whole, and others write it too.
		patch = client.MergeFromWithOptions(before, client.MergeFromWithOptimisticLock{})
	}
	if err := c.Status().Patch(ctx, acct, patch); err != nil {
		return fmt.Errorf("writing the status of %s: %w", keyOf(acct), err)
	}
	fresh.wrote(acct)
	return nil
}

func readyOf(conditions []metav1.Condition) metav1.Condition {
	if c := meta.FindStatusCondition(conditions, v1alpha1.ConditionReady); c != nil {
		return *c
	}
	return metav1.Condition{Status: metav1.ConditionUnknown}
}
