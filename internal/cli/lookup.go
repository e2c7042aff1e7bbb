// Copyright The conversations-operator Authors
// SPDX-License-Identifier: Apache-2.0

package cli

import (
	"context"

	apierrors "k8s.io/apimachinery/pkg/api/errors"
	"sigs.k8s.io/controller-runtime/pkg/client"

	"github.com/conversations-operator/conversations-operator/api/v1alpha1"
)

// many is the number of objects above which the plugin lists the objects instead of a request for each object.
const many = 100

// lookup finds objects in the cluster. A nil lookup finds no object.
type lookup struct {
	*cluster
	counts map[string]int
	listed map[client.ObjectKey]*v1alpha1.Conversation
}

// lookup returns a lookup for the wanted objects. A namespace with many wanted objects is listed at once.
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

// find returns the object of the cluster; nil: the object does not exist.
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
