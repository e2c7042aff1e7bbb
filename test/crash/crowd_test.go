// Copyright The conversations-operator Authors
// SPDX-License-Identifier: Apache-2.0

package crash

import (
	"fmt"
	"testing"
	"time"

	. "github.com/onsi/gomega"
	"sigs.k8s.io/controller-runtime/pkg/client"

	"github.com/conversations-operator/conversations-operator/api/v1alpha1"
	"github.com/conversations-operator/conversations-operator/internal/twilio/simulator"
	"github.com/conversations-operator/conversations-operator/test/testbed"
)

// patience is for crowds, on a busy machine.
const patience = 3 * time.Minute

// all are the Conversations of the world.
func (w *world) all() []v1alpha1.Conversation {
	var list v1alpha1.ConversationList
	w.Expect(k8s.List(ctx(), &list, client.InNamespace(w.Namespace))).To(Succeed())
	return list.Items
}

// syncedCount counts the Conversations that Twilio has as they say.
func (w *world) syncedCount() int {
	n := 0
	for _, conv := range w.all() {
		if testbed.Ready(conv.Status.Conditions).Reason == v1alpha1.ReasonSynced && conv.Status.ObservedGeneration == conv.Generation {
			n++
		}
	}
	return n
}

// paired checks that every Conversation has one conversation of its own, and that there are no others.
func (w *world) paired(n int) {
	there := map[string]bool{}
	for _, conv := range w.there() {
		there[conv.SID] = true
	}
	w.Expect(there).To(HaveLen(n))
	all := w.all()
	w.Expect(all).To(HaveLen(n))
	for _, conv := range all {
		w.Expect(there).To(HaveKey(conv.Status.SID), conv.Name)
		delete(there, conv.Status.SID)
	}
}

// TestSixtyInARow: sixty objects applied one after another are sixty conversations and sixty requests, ten times over.
func TestSixtyInARow(t *testing.T) {
	const objects, rounds = 60, 10
	t.Parallel()
	w := newWorld(t)
	w.start(newProcess())
	w.connected()
	for round := range rounds {
		w.sim.ResetRequests()
		for i := range objects {
			w.apply(fmt.Sprintf("c%d-%d", round, i), `{friendlyName: VIP}`)
		}
		w.Eventually(w.syncedCount, patience).Should(Equal(objects))
		w.paired(objects)
		w.Expect(count(w.requests())).To(Equal(tally{simulator.OperationCreate: objects}))
		for _, conv := range w.all() {
			w.delete(&conv)
		}
		w.Eventually(w.all, patience).Should(BeEmpty())
		w.Expect(w.there()).To(BeEmpty())
	}
}

// TestTwoManagersAtOnce: two managers work on the same objects without electing a leader, and a good part of Twilio's
// answers to creates is lost.
func TestTwoManagersAtOnce(t *testing.T) {
	const objects = 200
	t.Parallel()
	w := newWorld(t)
	for i, effect := range []simulator.Effect{{DropAfter: true}, {DropBefore: true}, {Status: 503, HTML: true, AfterEffect: true}} {
		match := simulator.Match{Operation: simulator.OperationCreate, Probability: 0.2, Seed: uint64(i)}
		_, err := w.sim.AddRule(simulator.Rule{Match: match, Effect: effect})
		w.Expect(err).NotTo(HaveOccurred())
	}
	w.start(newProcess())
	w.start(newProcess())
	w.connected()
	for i := range objects {
		// Half have a name of their own.
		w.apply(fmt.Sprintf("c%d", i), []string{`{}`, fmt.Sprintf(`{uniqueName: mine-%d}`, i)}[i%2])
	}
	w.Eventually(w.syncedCount, patience).Should(Equal(objects))
	w.paired(objects)
	for _, conv := range w.all() {
		w.Expect(conv.Status.Origin).To(Equal(v1alpha1.OriginCreated), conv.Name)
		w.delete(&conv)
	}
	w.Eventually(w.all, patience).Should(BeEmpty())
	w.Expect(w.there()).To(BeEmpty())
}
