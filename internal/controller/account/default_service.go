// Copyright The conversations-operator Authors
// SPDX-License-Identifier: Apache-2.0

package account

import (
	"slices"

	"github.com/conversations-operator/conversations-operator/api/v1alpha1"
)

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
