// Copyright The conversations-operator Authors
// SPDX-License-Identifier: Apache-2.0

package controller_test

import (
	"context"
	"fmt"
	"sync"

	. "github.com/onsi/ginkgo/v2"
	. "github.com/onsi/gomega"
	"k8s.io/apimachinery/pkg/api/meta"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
	"k8s.io/apimachinery/pkg/watch"

	"github.com/conversations-operator/conversations-operator/api/v1alpha1"
)

// witness sees every version of every Conversation that the API server hands out, and checks what must hold of each.
type witness struct {
	mu         sync.Mutex
	complaints []string
	versions   map[string]int
}

func observe(ctx context.Context) *witness {
	GinkgoHelper()
	w := &witness{versions: map[string]int{}}
	events, err := k8s.Watch(ctx, &v1alpha1.ConversationList{})
	Expect(err).NotTo(HaveOccurred())
	go func() {
		for e := range events.ResultChan() {
			if conv, ok := e.Object.(*v1alpha1.Conversation); ok && e.Type != watch.Deleted {
				w.look(conv)
			}
		}
	}()
	return w
}

func (w *witness) look(conv *v1alpha1.Conversation) {
	w.mu.Lock()
	defer w.mu.Unlock()
	w.versions[conv.Namespace+"/"+conv.Name]++
	for _, problem := range invariants(conv) {
		w.complaints = append(w.complaints, fmt.Sprintf("%s/%s at %s: %s", conv.Namespace, conv.Name, conv.ResourceVersion, problem))
	}
}

// writes is how many versions of an object there were: its creation and every write since.
func (w *witness) writes(conv *v1alpha1.Conversation) int {
	w.mu.Lock()
	defer w.mu.Unlock()
	return w.versions[conv.Namespace+"/"+conv.Name]
}

// invariants of the conditions, as kstatus reads them.
func invariants(conv *v1alpha1.Conversation) []string {
	s := &conv.Status
	if len(s.Conditions) == 0 {
		if s.ObservedGeneration > 0 {
			return []string{"status was written without conditions"}
		}
		return nil
	}
	var out []string
	ready := meta.FindStatusCondition(s.Conditions, v1alpha1.ConditionReady)
	reconciling := meta.FindStatusCondition(s.Conditions, v1alpha1.ConditionReconciling)
	stalled := meta.FindStatusCondition(s.Conditions, v1alpha1.ConditionStalled)
	if ready == nil {
		return []string{"there is no Ready"}
	}
	if reconciling != nil && stalled != nil {
		out = append(out, "both Reconciling and Stalled")
	}
	if ready.Status == metav1.ConditionTrue && (reconciling != nil || stalled != nil) {
		out = append(out, "Ready beside Reconciling or Stalled")
	}
	if stalled != nil && ready.Status != metav1.ConditionFalse {
		out = append(out, "Stalled and Ready not False")
	}
	for _, c := range s.Conditions {
		if c.Type != v1alpha1.ConditionReady && c.Status != metav1.ConditionTrue {
			out = append(out, c.Type+" is there without being true")
		}
		if c.ObservedGeneration <= 0 || c.ObservedGeneration > conv.Generation {
			out = append(out, fmt.Sprintf("%s has observedGeneration %d of %d", c.Type, c.ObservedGeneration, conv.Generation))
		}
		if c.Message == "" || c.Reason == "" {
			out = append(out, c.Type+" has no message or no reason")
		}
	}
	if s.ObservedGeneration <= 0 || s.ObservedGeneration > conv.Generation {
		out = append(out, fmt.Sprintf("observedGeneration is %d of %d", s.ObservedGeneration, conv.Generation))
	}
	return out
}

var _ = AfterEach(func() {
	seen.mu.Lock()
	defer seen.mu.Unlock()
	Expect(seen.complaints).To(BeEmpty())
})
