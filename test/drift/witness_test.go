// Copyright The conversations-operator Authors
// SPDX-License-Identifier: Apache-2.0

package drift

import (
	"context"
	"fmt"
	"sync"

	. "github.com/onsi/ginkgo/v2"
	. "github.com/onsi/gomega"
	"k8s.io/apimachinery/pkg/watch"

	"github.com/conversations-operator/conversations-operator/api/v1alpha1"
	"github.com/conversations-operator/conversations-operator/test/invariant"
)

// witness sees the versions of all Conversations that the API server hands out, and complains of those that break an
// invariant. Where a watch ends early, as one of thousands of writes may, it begins another.
type witness struct {
	mu         sync.Mutex
	complaints []string
}

func (w *witness) watch(ctx context.Context) {
	for ctx.Err() == nil {
		events, err := k8s.Watch(ctx, &v1alpha1.ConversationList{})
		if err != nil {
			return
		}
		for e := range events.ResultChan() {
			if conv, ok := e.Object.(*v1alpha1.Conversation); ok && e.Type != watch.Deleted {
				w.look(conv)
			}
		}
	}
}

func (w *witness) look(conv *v1alpha1.Conversation) {
	w.mu.Lock()
	defer w.mu.Unlock()
	for _, problem := range invariant.Of(conv) {
		w.complaints = append(w.complaints, fmt.Sprintf("%s/%s at %s: %s", conv.Namespace, conv.Name, conv.ResourceVersion, problem))
	}
}

var _ = AfterEach(func() {
	seen.mu.Lock()
	defer seen.mu.Unlock()
	Expect(seen.complaints).To(BeEmpty())
})
