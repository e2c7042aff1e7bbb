// Copyright The conversations-operator Authors
// SPDX-License-Identifier: Apache-2.0

package controller

import (
	"context"
	"fmt"

	"sigs.k8s.io/controller-runtime/pkg/client"

	"github.com/conversations-operator/conversations-operator/api/v1alpha1"
)

// Field indexes of the cache.
const (
	// indexAccount finds the Conversations that use, or may use, an account.
	indexAccount = "account"
	// indexSecret finds the accounts that take their credentials from a Secret.
	indexSecret = "secret"
	// indexStalled finds the Conversations that another object stands in the way of.
	indexStalled = "stalled"
	// fieldSID and fieldUniqueName are selectable at the API server itself.
	fieldSID        = "status.sid"
	fieldUniqueName = "spec.uniqueName"
)

func addIndexes(ctx context.Context, indexer client.FieldIndexer, kinds []v1alpha1.AccountKind) error {
	byAccount := func(o client.Object) []string {
		keys := accountKeys(o.(*v1alpha1.Conversation))
		out := make([]string, 0, len(keys))
		for _, key := range keys {
			out = append(out, key.index())
		}
		return out
	}
	stalled := func(o client.Object) []string {
		switch ready := readyOf(o.(*v1alpha1.Conversation).Status.Conditions); ready.Reason {
		case v1alpha1.ReasonAlreadyManaged, v1alpha1.ReasonUniqueNameTaken:
			return []string{ready.Reason}
		}
		return nil
	}
	bySecret := func(o client.Object) []string { return []string{o.(Account).CredentialsSecret().String()} }
	type index struct {
		object client.Object
		name   string
		index  client.IndexerFunc
	}
	indexes := append(make([]index, 0, 2+len(kinds)),
		index{&v1alpha1.Conversation{}, indexAccount, byAccount},
		index{&v1alpha1.Conversation{}, indexStalled, stalled},
	)
	for _, kind := range kinds {
		indexes = append(indexes, index{accountKey{Kind: kind}.object(), indexSecret, bySecret})
	}
	for _, i := range indexes {
		if err := indexer.IndexField(ctx, i.object, i.name, i.index); err != nil {
			return fmt.Errorf("indexing %T by %s: %w", i.object, i.name, err)
		}
	}
	return nil
}
