// Copyright The conversations-operator Authors
// SPDX-License-Identifier: Apache-2.0

package crash

import (
	"fmt"
	"testing"

	. "github.com/onsi/gomega"
	"k8s.io/apimachinery/pkg/labels"

	"github.com/conversations-operator/conversations-operator/api/v1alpha1"
	"github.com/conversations-operator/conversations-operator/internal/twilio/simulator"
)

// startShard runs a manager of the Conversations with that label.
func (w *world) startShard(shard string) {
	w.selector = labels.SelectorFromSet(labels.Set{"shard": shard})
	w.start(newProcess())
}

// applyIn creates a Conversation in a shard.
func (w *world) applyIn(shard, name, spec string) {
	conv := w.conversation(name)
	conv.Labels = map[string]string{"shard": shard}
	w.Expect(unmarshal(spec, &conv.Spec)).To(Succeed())
	w.create(conv)
}

// clear empties the namespace for the test after this one.
func (w *world) clear() {
	for _, conv := range w.all() {
		w.delete(&conv)
	}
	w.Eventually(w.all).Should(BeEmpty())
	w.delete(w.Account())
	w.gone(w.Account())
	w.delete(w.secret())
	w.gone(w.secret())
}

// TestTwoShardsAdoptOne: two objects that two managers keep name the same conversation at the same time, by its sid or by
// its name. One of them has it in the end, and the other says so.
func TestTwoShardsAdoptOne(t *testing.T) {
	const rounds = 20
	t.Parallel()
	w := newWorld(t)
	w.startShard("a")
	w.startShard("b")
	w.connected()
	for round := range rounds {
		name := fmt.Sprintf("theirs-%d", round)
		sids, err := w.sim.Seed("", 1, func(_ int, c *simulator.Conversation) { c.UniqueName = name })
		w.Expect(err).NotTo(HaveOccurred())
		spec := fmt.Sprintf(`{adoption: {sid: %s}}`, sids[0])
		if round%2 == 1 {
			spec = fmt.Sprintf(`{uniqueName: %s, adoption: {policy: IfExists}}`, name)
		}
		a, b := fmt.Sprintf("a%d", round), fmt.Sprintf("b%d", round)
		w.applyIn("a", a, spec)
		w.applyIn("b", b, spec)
		w.Eventually(func() []string { return []string{w.settledAs(a), w.settledAs(b)} }).Should(
			ConsistOf(v1alpha1.ReasonSynced, v1alpha1.ReasonAlreadyManaged))
		// The one that lost may just be saying once more that it is about to adopt, and then sees the other.
		w.Eventually(func() []string { return []string{w.get(a).Status.SID, w.get(b).Status.SID} }).Should(ConsistOf(sids[0], ""))
	}
	w.clear()
	w.Expect(w.there()).To(HaveLen(rounds), "what was adopted stays")
}

// TestAnOlderEditThatArrivesLate: of two managers that work on the same object, the one that read it earlier sends what it
// read last. Twilio ends with what the spec says, whoever recorded what.
func TestAnOlderEditThatArrivesLate(t *testing.T) {
	for name, edits := range map[string][2]string{
		"friendlyName": {`{friendlyName: Two}`, `{friendlyName: Three}`},
		"timers":       {`{timers: {closed: P2D}}`, `{timers: {closed: P3D}}`},
		"dropped":      {`{timers: {closed: P2D}}`, `{}`},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			w := newWorld(t)
			w.start(newProcess())
			w.start(newProcess())
			w.connected()
			w.apply(vip, `{}`)
			w.synced(vip)
			rule, err := w.sim.AddRule(simulator.Rule{
				Match: simulator.Match{Operation: simulator.OperationUpdate, Count: 1}, Effect: simulator.Effect{Hold: true},
			})
			w.Expect(err).NotTo(HaveOccurred())
			w.apply(vip, edits[0])
			w.Eventually(func() int { return w.sim.Rules()[0].Applied }).Should(Equal(1))
			w.apply(vip, edits[1])
			w.Eventually(func() string { return w.settledAs(vip) }).ShouldNot(BeEmpty(), "the other manager has seen it")
			w.Expect(w.sim.RemoveRule(rule)).To(Succeed())
			w.Eventually(func() []string {
				return append(disagreements(w.get(vip), w.there()[0]), w.settledAs(vip))
			}).Should(Equal([]string{v1alpha1.ReasonSynced}))
			w.Consistently(func() []string { return disagreements(w.get(vip), w.there()[0]) }, requestTimeout).Should(BeEmpty())
			w.clear()
		})
	}
}

// tooSlow takes longer than anybody waits; answerLost breaks off once the request was carried out.
var tooSlow, answerLost = &fault{do: slow(requestTimeout)}, &fault{do: after(broken)}

// TestAnAnnouncementThatTakesLong: the API server takes longer for the announcement than a create may be old when it
// begins, and the answer to the create is lost. What came of it is still this object's.
func TestAnAnnouncementThatTakesLong(t *testing.T) {
	t.Parallel()
	p := &point{story: story{when: apply(`{uniqueName: mine}`), reason: v1alpha1.ReasonSynced}}
	p.aims = []aim{
		{call: call{label: announcement, nth: 1, write: true}, fault: tooSlow},
		{call: call{label: creation, nth: 1, twilio: true, write: true}, fault: answerLost},
	}
	p.run(t)
	p.Expect(p.met).To(Equal(2))
}
