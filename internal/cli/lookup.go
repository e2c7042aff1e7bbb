// Copyright The conversations-operator Authors
// SPDX-License-Identifier: Apache-2.0

package cli

import (
	"context"

	apierrors "k8s.io/apimachinery/pkg/api/errors"
	"sigs.k8s.io/controller-runtime/pkg/client"

	"github.com/conversations-operator/conversations-operator/api/v1alpha1"
)

// many objects are rather read from a list of the cluster than one by one.
const many = 100

// lookup finds objects in the cluster. A nil one finds none.
type lookup struct {
	*cluster
	counts map[string]int
	listed map[client.ObjectKey]*v1alpha1.Conversation
}

// lookup prepares to find these objects: it lists a namespace of which many are looked for.
func (c *cluster) lookup(ctx context.Context, wanted []candidate) (*lookup, error) {
	l := &lookup{c, map[string]int{}, map[client.ObjectKey]*v1alpha1.Conversation{}}
	for _, one := range wanted {
		l.counts[one.Namespace]++
	}
	for namespace, n := range l.counts {
		if n <= many {
			continue
		}
		err := c.each(ctx, namespace, func(conv *v1alpha1.Conversation) error {
			l.listed[client.ObjectKeyFromObject(conv)] = conv.DeepCopy()
			return nil
		})
		if err != nil {
			return nil, err
		}
	}
	return l, nil
}

// find answers the object as it is in the cluster, or nil.
func (l *lookup) find(ctx context.Context, conv *v1alpha1.Conversation) (*v1alpha1.Conversation, error) {
	if l == nil {
		return nil, nil
	}
	key := client.ObjectKeyFromObject(conv)
	if l.counts[key.Namespace] > many {
		return l.listed[key].DeepCopy(), nil
	}
	live := &v1alpha1.Conversation{}
	err := l.Get(ctx, key, live)
	if apierrors.IsNotFound(err) {
		return nil, nil
	}
	return live, l.fails(err)
}
