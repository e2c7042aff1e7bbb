// Copyright The conversations-operator Authors
// SPDX-License-Identifier: Apache-2.0

package witness

import (
	"maps"

	"sigs.k8s.io/controller-runtime/pkg/client"

	"github.com/conversations-operator/conversations-operator/api/v1alpha1"
	"github.com/conversations-operator/conversations-operator/test/testbed"
)

// tally is what the Conversations of a namespace came to have, those that are gone included.
type tally struct {
	// versions of each: its creation and every write since.
	versions map[string]int
	// now is the last reason of Ready of each, and told how often one came to have a reason.
	now  map[string]string
	told map[string]int
}

// tally is that of a namespace. The lock is held.
func (w *Witness) tally(namespace string) *tally {
	if w.tallies[namespace] == nil {
		w.tallies[namespace] = &tally{versions: map[string]int{}, now: map[string]string{}, told: map[string]int{}}
	}
	return w.tallies[namespace]
}

func (t *tally) count(conv *v1alpha1.Conversation) {
	t.versions[conv.Name]++
	reason := testbed.Ready(conv.Status.Conditions).Reason
	if reason != "" && reason != t.now[conv.Name] {
		t.now[conv.Name] = reason
		t.told[reason]++
	}
}

// Versions is how many versions of an object there were: its creation and every write since.
func (w *Witness) Versions(key client.ObjectKey) int {
	w.mu.Lock()
	defer w.mu.Unlock()
	return w.tally(key.Namespace).versions[key.Name]
}

// Counts answers how many versions the objects of a namespace had, each with how many objects had so many.
func (w *Witness) Counts(namespace string) map[int]int {
	w.mu.Lock()
	defer w.mu.Unlock()
	out := map[int]int{}
	for _, n := range w.tally(namespace).versions {
		out[n]++
	}
	return out
}

// Are is how many objects of a namespace have Ready with the reason, or had it when they went.
func (w *Witness) Are(namespace, reason string) (n int) {
	w.mu.Lock()
	defer w.mu.Unlock()
	for _, is := range w.tally(namespace).now {
		if is == reason {
			n++
		}
	}
	return n
}

// Told answers how often Ready of an object of a namespace came to have each reason.
func (w *Witness) Told(namespace string) map[string]int {
	w.mu.Lock()
	defer w.mu.Unlock()
	return maps.Clone(w.tally(namespace).told)
}
