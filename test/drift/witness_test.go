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
	"sigs.k8s.io/controller-runtime/pkg/client"

	"github.com/conversations-operator/conversations-operator/api/v1alpha1"
	"github.com/conversations-operator/conversations-operator/test/health"
	"github.com/conversations-operator/conversations-operator/test/invariant"
)

// witness sees the versions of all Conversations and accounts that the API server hands out, and complains of those that
// break an invariant, and of accounts of which tools would say something else than their Ready. Where a watch ends early,
// as one of thousands of writes may, it begins another.
type witness struct {
	mu         sync.Mutex
	complaints []string
	tools      *health.Tools
}

func (w *witness) watch(ctx context.Context, list client.ObjectList) {
	for ctx.Err() == nil {
		events, err := k8s.Watch(ctx, list)
		if err != nil {
			return
		}
		for e := range events.ResultChan() {
			if e.Type == watch.Deleted {
				continue
			}
			switch o := e.Object.(type) {
			case *v1alpha1.Conversation:
				w.complain(o, invariant.Of(o))
			case *v1alpha1.TwilioAccount:
				w.complain(o, append(invariant.OfAccount(&o.Status, o.Generation), w.tools.Of(o, "TwilioAccount")...))
			}
		}
	}
}

func (w *witness) complain(o client.Object, problems []string) {
	w.mu.Lock()
	defer w.mu.Unlock()
	for _, problem := range problems {
		w.complaints = append(w.complaints, fmt.Sprintf("%s/%s at %s: %s", o.GetNamespace(), o.GetName(), o.GetResourceVersion(), problem))
	}
}

var _ = AfterEach(func() {
	seen.mu.Lock()
	defer seen.mu.Unlock()
	Expect(seen.complaints).To(BeEmpty())
})
