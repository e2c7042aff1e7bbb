// Copyright The conversations-operator Authors
// SPDX-License-Identifier: Apache-2.0

package account

import (
	"context"
	"fmt"
	"slices"

	"k8s.io/apimachinery/pkg/api/equality"
	"sigs.k8s.io/controller-runtime/pkg/client"

	"github.com/conversations-operator/conversations-operator/api/v1alpha1"
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

// maxDefaultServices bounds how many default services of an account the status remembers.
const maxDefaultServices = 8

// noteDefaultService records the account's default service, in front of the account's earlier default services.
func noteDefaultService(status *v1alpha1.AccountStatus, live *Live) {
	if live == nil {
		return
	}
	service := live.service.Load()
	if service == nil || len(status.DefaultServiceSIDs) > 0 && status.DefaultServiceSIDs[0] == *service {
		return
	}
	others := slices.DeleteFunc(slices.Clone(status.DefaultServiceSIDs), func(sid string) bool { return sid == *service })
	others = others[:min(len(others), maxDefaultServices-1)]
	status.DefaultServiceSIDs = append([]string{*service}, others...)
}
