// Copyright The conversations-operator Authors
// SPDX-License-Identifier: Apache-2.0

package tenancy

import (
	"context"
	"fmt"
	"slices"

	"k8s.io/apimachinery/pkg/types"
	"sigs.k8s.io/controller-runtime/pkg/client"

	"github.com/conversations-operator/conversations-operator/api/v1alpha1"
)

// Field indexes of the cache.
const (
	// IndexAccount finds the Conversations that use, or may use, an account.
	IndexAccount = "account"
	// IndexSecret finds the accounts that take their credentials from a Secret.
	IndexSecret = "secret"
)

// ListOf answers an empty list to read the accounts of a kind into.
func ListOf(kind v1alpha1.AccountKind) client.ObjectList {
	if kind == v1alpha1.ClusterTwilioAccountKind {
		return &v1alpha1.ClusterTwilioAccountList{}
	}
	return &v1alpha1.TwilioAccountList{}
}

// Items answers the accounts of a list of either kind.
func Items(list client.ObjectList) []Account {
	var out []Account
	switch list := list.(type) {
	case *v1alpha1.TwilioAccountList:
		for i := range list.Items {
			out = append(out, &list.Items[i])
		}
	case *v1alpha1.ClusterTwilioAccountList:
		for i := range list.Items {
			out = append(out, &list.Items[i])
		}
	}
	return slices.Clip(out)
}

// AccountsOf lists the accounts of every kind which take their credentials from the Secret.
func (r Resolver) AccountsOf(ctx context.Context, name types.NamespacedName) ([]Account, error) {
	var out []Account
	for _, kind := range r.Kinds {
		list := ListOf(kind)
		if err := r.List(ctx, list, client.MatchingFields{IndexSecret: name.String()}); err != nil {
			return nil, fmt.Errorf("listing the accounts of Secret %s: %w", name, err)
		}
		out = append(out, Items(list)...)
	}
	return out, nil
}
