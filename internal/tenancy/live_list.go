// Copyright The conversations-operator Authors
// SPDX-License-Identifier: Apache-2.0

package tenancy

import (
	"context"
	"fmt"

	apierrors "k8s.io/apimachinery/pkg/api/errors"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
	"sigs.k8s.io/controller-runtime/pkg/client"

	"github.com/conversations-operator/conversations-operator/api/v1alpha1"
)

// LiveList lists Conversations from the API server itself, past the cache.
type LiveList struct {
	reader client.Reader
	// namespaces of this manager; empty: all.
	namespaces []string
}

// NewLiveList makes a list of the Conversations in the given namespaces; without any: in all namespaces.
func NewLiveList(r client.Reader, namespaces []string) LiveList { return LiveList{r, namespaces} }

// Everywhere lists Conversations of all namespaces of this manager. If the manager has several namespaces, a namespace
// which the manager may not list counts as unwatched.
func (l LiveList) Everywhere(ctx context.Context, opts ...client.ListOption) ([]v1alpha1.Conversation, error) {
	if len(l.namespaces) == 0 {
		return l.In(ctx, metav1.NamespaceAll, opts...)
	}
	var out []v1alpha1.Conversation
	for _, ns := range l.namespaces {
		found, err := l.In(ctx, ns, opts...)
		if err != nil && !apierrors.IsForbidden(err) {
			return nil, err
		}
		out = append(out, found...)
	}
	return out, nil
}

// In lists the Conversations of one namespace, or of all namespaces.
func (l LiveList) In(ctx context.Context, namespace string, opts ...client.ListOption) ([]v1alpha1.Conversation, error) {
	var list v1alpha1.ConversationList
	if err := l.reader.List(ctx, &list, append(opts, client.InNamespace(namespace))...); err != nil {
		return nil, fmt.Errorf("listing the conversations: %w", err)
	}
	return list.Items, nil
}
