// Copyright The conversations-operator Authors
// SPDX-License-Identifier: Apache-2.0

package scale

import (
	"context"
	"maps"
	"sync"

	. "github.com/onsi/ginkgo/v2"
	. "github.com/onsi/gomega"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
	"k8s.io/apimachinery/pkg/watch"
	"sigs.k8s.io/controller-runtime/pkg/client"

	"github.com/conversations-operator/conversations-operator/api/v1alpha1"
)

// witness sees every version of every Conversation.
type witness struct {
	mu sync.Mutex
	// versions of an object: its creation and every write since. sids are those that had theirs.
	versions map[client.ObjectKey]int
	sids     map[client.ObjectKey]bool
	// reasons are how often Ready of a namespace's objects came to have a reason.
	reasons map[string]map[string]int
	// now is the last reason of each.
	now map[client.ObjectKey]string
}

func newWitness() *witness {
	return &witness{
		versions: map[client.ObjectKey]int{}, sids: map[client.ObjectKey]bool{},
		reasons: map[string]map[string]int{}, now: map[client.ObjectKey]string{},
	}
}

// watch sees all until ctx ends. A watch that the API server ends, because it cannot keep up, is taken up where it ended.
func (w *witness) watch(ctx context.Context) {
	defer GinkgoRecover()
	for version := "0"; ctx.Err() == nil; {
		from := &client.ListOptions{Raw: &metav1.ListOptions{ResourceVersion: version}}
		events, err := k8s.Watch(ctx, &v1alpha1.ConversationList{}, from)
		if ctx.Err() != nil {
			return
		}
		Expect(err).NotTo(HaveOccurred())
		for e := range events.ResultChan() {
			conv, ok := e.Object.(*v1alpha1.Conversation)
			if ctx.Err() != nil {
				return
			}
			Expect(ok).To(BeTrue(), "the watch broke: %v", e.Object)
			version = conv.ResourceVersion
			if e.Type != watch.Deleted {
				w.look(conv)
			}
		}
	}
}

func (w *witness) look(conv *v1alpha1.Conversation) {
	w.mu.Lock()
	defer w.mu.Unlock()
	key := client.ObjectKeyFromObject(conv)
	w.versions[key]++
	if conv.Status.SID != "" {
		w.sids[key] = true
	}
	for _, c := range conv.Status.Conditions {
		if c.Type == v1alpha1.ConditionReady {
			if w.reasons[conv.Namespace] == nil {
				w.reasons[conv.Namespace] = map[string]int{}
			}
			if w.now[key] != c.Reason {
				w.reasons[conv.Namespace][c.Reason]++
				w.now[key] = c.Reason
			}
		}
	}
}

// are is how many objects of a namespace have Ready with the reason.
func (w *witness) are(namespace, reason string) (n int) {
	w.mu.Lock()
	defer w.mu.Unlock()
	for key, is := range w.now {
		if key.Namespace == namespace && is == reason {
			n++
		}
	}
	return n
}

// told answers how often Ready came to have each reason in a namespace.
func (w *witness) told(namespace string) map[string]int {
	w.mu.Lock()
	defer w.mu.Unlock()
	return maps.Clone(w.reasons[namespace])
}

// counts answers how many versions the objects of a namespace had, each with how many objects had so many.
func (w *witness) counts(namespace string) map[int]int {
	w.mu.Lock()
	defer w.mu.Unlock()
	out := map[int]int{}
	for key, n := range w.versions {
		if key.Namespace == namespace {
			out[n]++
		}
	}
	return out
}

// named tells whether an object has had its sid.
func (w *witness) named(key client.ObjectKey) bool {
	w.mu.Lock()
	defer w.mu.Unlock()
	return w.sids[key]
}
