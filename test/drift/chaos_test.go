// Copyright The conversations-operator Authors
// SPDX-License-Identifier: Apache-2.0

package drift

import (
	"encoding/json"
	"fmt"
	"math/rand/v2"
	"reflect"
	"slices"
	"time"

	. "github.com/onsi/ginkgo/v2"
	. "github.com/onsi/gomega"
	apiextensionsv1 "k8s.io/apiextensions-apiserver/pkg/apis/apiextensions/v1"

	"github.com/conversations-operator/conversations-operator/api/v1alpha1"
	"github.com/conversations-operator/conversations-operator/internal/twilio/simulator"
	"github.com/conversations-operator/conversations-operator/test/testbed"
	"github.com/conversations-operator/conversations-operator/test/testbed/random"
)

var _ = Describe("Drift checks of a list that lags, is shuffled and lacks entries", func() {
	It("recreate nothing and correct nothing but what differs, in a hundred random runs", func() {
		const runs, managed, others = 100, 30, 300
		w := newWorld()
		_, err := w.sim.Seed("", others, nil)
		Expect(err).NotTo(HaveOccurred())
		w.many(managed, func(i int) string {
			if i%2 == 0 {
				return fmt.Sprintf(`{friendlyName: Mine, attributes: {no: %d}}`, i)
			}
			return fmt.Sprintf(`{friendlyName: Mine, attributes: {no: %d}, timers: {inactive: P2D}}`, i)
		})
		before := w.sids()
		for seed := range uint64(runs) {
			r := &run{world: w, seed: seed, rand: random.Source(seed, 0), least: map[string]int{}, most: map[string]int{}}
			By(fmt.Sprintf("run %d", seed))
			r.play()
			Expect(w.sids()).To(Equal(before), "run %d", seed)
		}
		Expect(w.halted()).To(BeFalse())
	})
})

// run is one random run: things happen at Twilio and to the specs before and during a check whose lists are not to be
// trusted, and then one check whose lists are.
type run struct {
	*world
	seed uint64
	rand *rand.Rand
	// least and most POSTs that what happened accounts for, by the conversation's sid.
	least, most map[string]int
}

func (r *run) play() {
	GinkgoHelper()
	since := r.mark()
	r.sim.SetListing(simulator.Listing{
		Lag: r.duration(0, 2*time.Second, time.Hour), Shuffle: r.rand.IntN(20), Omit: float64(r.rand.IntN(5)) / 4, Seed: r.seed,
	})
	r.sim.Advance(r.duration(0, 2*time.Second))
	conversations := r.objects()
	r.some(conversations, func(conv *v1alpha1.Conversation) { r.behind(conv.Status.SID) })

	hold := r.rand.IntN(3) == 0
	effect := simulator.Effect{AfterEffect: true, Hold: hold, Delay: r.duration(0, 20*time.Millisecond)}
	rule := r.fault(simulator.Match{Operation: simulator.OperationList}, effect)
	r.ask()
	if hold {
		Eventually(r.sim.Held).Should(Equal(2), "the check, and the one of the credentials")
	}
	r.some(conversations, func(conv *v1alpha1.Conversation) { r.edited(conv) })
	r.some(conversations, func(conv *v1alpha1.Conversation) { r.behind(conv.Status.SID) })
	Expect(r.sim.RemoveRule(rule)).To(Succeed())
	r.checked()
	r.all(len(conversations), v1alpha1.ReasonSynced)

	r.sim.SetListing(simulator.Listing{})
	r.check()
	Eventually(r.wrong).Should(BeEmpty(), "run %d", r.seed)
	Expect(operations(since())).NotTo(Or(HaveKey("create"), HaveKey("delete")), "run %d", r.seed)
	posts := map[string]int{}
	for _, sid := range concerned(since(), simulator.OperationUpdate) {
		posts[sid]++
	}
	for _, conv := range conversations {
		sid := conv.Status.SID
		Expect(posts[sid]).To(And(BeNumerically(">=", r.least[sid]), BeNumerically("<=", r.most[sid])), "run %d: POSTs to %s", r.seed, conv.Name)
	}
}

// some picks a few conversations.
func (r *run) some(all []v1alpha1.Conversation, do func(*v1alpha1.Conversation)) {
	for _, i := range r.rand.Perm(len(all))[:r.rand.IntN(6)] {
		do(&all[i])
	}
}

func (r *run) duration(of ...time.Duration) time.Duration { return of[r.rand.IntN(len(of))] }

// differs notes that something happened that takes a POST, at least if nothing else does.
func (r *run) differs(sid string) {
	r.least[sid] = 1
	r.most[sid]++
}

// behind lets something happen at Twilio.
func (r *run) behind(sid string) {
	GinkgoHelper()
	switch r.rand.IntN(5) {
	case 0:
		r.differs(sid)
		r.edit(sid, func(c *simulator.Conversation) { c.FriendlyName = fmt.Sprintf("Theirs in run %d", r.seed) })
	case 1:
		r.differs(sid)
		r.edit(sid, func(c *simulator.Conversation) { c.Attributes = fmt.Sprintf(`{"theirs":%d}`, r.seed) })
	case 2:
		// The same, written differently.
		r.edit(sid, func(c *simulator.Conversation) { c.Attributes = " " + c.Attributes + " " })
	case 3:
		// There and back again; lists that lag may show only the way there.
		var was string
		r.edit(sid, func(c *simulator.Conversation) { was, c.FriendlyName = c.FriendlyName, "Theirs for a moment" })
		r.sim.Advance(r.duration(0, 3*time.Second))
		r.edit(sid, func(c *simulator.Conversation) { c.FriendlyName = was })
	default:
		Expect(r.sim.Message(sid)).To(Succeed())
	}
}

// edited lets a user do something to a Conversation.
func (r *run) edited(conv *v1alpha1.Conversation) {
	GinkgoHelper()
	switch r.rand.IntN(4) {
	case 0:
		r.differs(conv.Status.SID)
		r.change(conv.Name, func(conv *v1alpha1.Conversation) { conv.Spec.FriendlyName = fmt.Sprintf("Mine in run %d", r.seed) })
	case 1:
		r.differs(conv.Status.SID)
		r.change(conv.Name, func(conv *v1alpha1.Conversation) {
			conv.Spec.Attributes = &apiextensionsv1.JSON{Raw: fmt.Appendf(nil, `{"run":%d}`, r.seed)}
		})
	case 2:
		// Nothing that Twilio would have to know.
		r.change(conv.Name, func(conv *v1alpha1.Conversation) {
			conv.Spec.DeletionPolicy = []v1alpha1.DeletionPolicy{v1alpha1.DeletionPolicyDelete, v1alpha1.DeletionPolicyRetain}[r.seed%2]
		})
	default:
		r.look(conv.Name)
	}
}

// wrong lists what is not as its spec says, or of which the status does not tell what is there.
func (w *world) wrong() []string {
	GinkgoHelper()
	there := w.there()
	var out []string
	for _, conv := range w.objects() {
		c, s := there[conv.Status.SID], &conv.Status
		problem := func(format string, args ...any) { out = append(out, conv.Name+": "+fmt.Sprintf(format, args...)) }
		switch {
		case c.FriendlyName != conv.Spec.FriendlyName:
			problem("friendlyName is %q, not %q", c.FriendlyName, conv.Spec.FriendlyName)
		case !sameJSON(c.Attributes, string(conv.Spec.Attributes.Raw)):
			problem("attributes are %s, not %s", c.Attributes, conv.Spec.Attributes.Raw)
		case s.FriendlyName != c.FriendlyName, string(s.State) != c.State,
			!slices.Equal(dates(&conv), []time.Time{c.Timers.Inactive.Deadline.Truncate(time.Second), c.Timers.Closed.Deadline.Truncate(time.Second)}):
			problem("the status does not tell what is there")
		case testbed.Ready(s.Conditions).Reason != v1alpha1.ReasonSynced || len(s.Drift) > 0:
			problem("it is %s, with drift %v", testbed.Ready(s.Conditions).Reason, s.Drift)
		}
	}
	return out
}

func sameJSON(a, b string) bool {
	var x, y any
	return json.Unmarshal([]byte(a), &x) == nil && json.Unmarshal([]byte(b), &y) == nil && reflect.DeepEqual(x, y)
}
