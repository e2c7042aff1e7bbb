// Copyright The conversations-operator Authors
// SPDX-License-Identifier: Apache-2.0

package account

import (
	"context"
	"fmt"

	"k8s.io/apimachinery/pkg/api/equality"
	"sigs.k8s.io/controller-runtime/pkg/client"

	"github.com/conversations-operator/conversations-operator/internal/tenancy"
)

// WriteStatus writes the changes of an account's status. Two controllers write the status side by side.
func (a *Registry) WriteStatus(ctx context.Context, c client.Client, before, acct tenancy.Account) error {
	was, is := before.CommonStatus(), acct.CommonStatus()
	if equality.Semantic.DeepEqual(was, is) {
		return nil
	}
	patch := client.MergeFrom(before)
	if !equality.Semantic.DeepEqual(was.Conditions, is.Conditions) || !equality.Semantic.DeepEqual(was.HaltedBy, is.HaltedBy) {
		// A patch replaces a list as a whole, and the other controller, or another manager, writes the list too.
		patch = client.MergeFromWithOptions(before, client.MergeFromWithOptimisticLock{})
	}
	if err := c.Status().Patch(ctx, acct, patch); err != nil {
		return fmt.Errorf("writing the status of %s: %w", tenancy.KeyOf(acct), err)
	}
	a.WroteTo(acct)
	return nil
}
