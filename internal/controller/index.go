// Copyright The conversations-operator Authors
// SPDX-License-Identifier: Apache-2.0

package controller

import (
	"context"
	"fmt"

	"sigs.k8s.io/controller-runtime/pkg/client"

	"github.com/conversations-operator/conversations-operator/api/v1alpha1"
	"github.com/conversations-operator/conversations-operator/internal/condition"
	"github.com/conversations-operator/conversations-operator/internal/controller/conversation"
	"github.com/conversations-operator/conversations-operator/internal/tenancy"
)

// addIndexes adds the fields by which the reconcilers look objects up in the cache.
func addIndexes(ctx context.Context, indexer client.FieldIndexer, kinds []v1alpha1.AccountKind) error {
	byAccount := func(o client.Object) []string {
		keys := tenancy.KeysOf(o.(*v1alpha1.Conversation))
		out := make([]string, 0, len(keys))
		for _, key := range keys {
			out = append(out, key.Index())
		}
		return out
	}
	stalled := func(o client.Object) []string {
		switch ready := condition.ReadyOf(o.(*v1alpha1.Conversation).Status.Conditions); ready.Reason {
		case v1alpha1.ReasonAlreadyManaged, v1alpha1.ReasonUniqueNameTaken:
			return []string{ready.Reason}
		}
		return nil
	}
	bySecret := func(o client.Object) []string { return []string{o.(tenancy.Account).CredentialsSecret().String()} }
	type index struct {
		object client.Object
		name   string
		index  client.IndexerFunc
	}
	indexes := append(make([]index, 0, 2+len(kinds)),
		index{&v1alpha1.Conversation{}, tenancy.IndexAccount, byAccount},
		index{&v1alpha1.Conversation{}, conversation.IndexStalled, stalled},
	)
	for _, kind := range kinds {
		indexes = append(indexes, index{tenancy.Key{Kind: kind}.Object(), tenancy.IndexSecret, bySecret})
	}
	for _, i := range indexes {
		if err := indexer.IndexField(ctx, i.object, i.name, i.index); err != nil {
			return fmt.Errorf("indexing %T by %s: %w", i.object, i.name, err)
		}
	}
	return nil
}
