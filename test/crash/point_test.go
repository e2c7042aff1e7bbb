// Copyright The conversations-operator Authors
// SPDX-License-Identifier: Apache-2.0

package crash

import (
	"fmt"
	"strings"
	"sync"
	"sync/atomic"
	"testing"

	. "github.com/onsi/gomega"
	"sigs.k8s.io/controller-runtime/pkg/client"

	"github.com/conversations-operator/conversations-operator/api/v1alpha1"
	"github.com/conversations-operator/conversations-operator/internal/twilio/simulator"
)

// point is one run of a story, with what happens in it.
type point struct {
	story
	aims []aim

	*world
	// trace are the calls of the last process up to the end of the story, asked is what Twilio was asked in it.
	trace []call
	asked tally
	// met is how many of the faults happened, slow says whether the machine was too slow for the time-outs, which makes
	// faults of its own.
	met  int
	slow bool
	// interrupted is how often the user did something in the midst of a call.
	interrupted atomic.Int32
}

func (p *point) run(t *testing.T) {
	p.world = newWorld(t)
	first := newProcess()
	stopped := p.start(first)
	if !p.bare {
		p.connected()
	}
	if p.given != nil {
		p.given(p.world)
	}
	p.sim.ResetRequests()
	during := p.meanwhile()
	first.begin(p.aims, during)
	p.when(p.world)
	last := p.live(first, stopped, during)
	p.Expect(p.over()).To(BeTrue(), p.state)
	p.ended()
	p.asked = count(p.requests())
	p.again(last)
	p.tearDown()
	p.Expect(seen.Complaints(p.Namespace)).To(BeEmpty())
}

// atItsCost runs the story, in which nothing goes wrong, and checks what it asked of Twilio.
func (p *point) atItsCost(t *testing.T) {
	p.run(t)
	p.Expect(p.interrupted.Load()).To(BeEquivalentTo(len(p.during)), "what the user was to do in the midst of a call was not done")
	if p.cost != nil && !p.slow {
		p.Expect(p.asked).To(Equal(p.cost))
	}
}

// live waits for the end of the story. Each process that dies on the way is followed by another; the last is answered.
func (p *point) live(now *process, stopped <-chan struct{}, during map[string]func()) *process {
	for {
		p.Eventually(func() bool { return now.isDead() || p.over() }).Should(BeTrue(), p.state)
		now.busy.Wait()
		p.met, p.slow = p.met+now.hasMet(), p.slow || now.isSlow()
		if !now.isDead() {
			p.Eventually(p.over).Should(BeTrue(), p.state)
			// What comes from now on is no part of the story, and meets no fault any more.
			p.trace = now.end()
			now.busy.Wait()
			if !now.isDead() {
				return now
			}
		}
		<-stopped
		now = newProcess()
		now.begin(p.aims[p.met:], during)
		stopped = p.start(now)
	}
}

// meanwhile is what the user does in the midst of calls, each thing once, whichever process makes the call.
func (p *point) meanwhile() map[string]func() {
	out := map[string]func(){}
	for label, do := range p.during {
		out[label] = sync.OnceFunc(func() {
			p.interrupted.Add(1)
			do(p.world)
		})
	}
	return out
}

// over tells whether the story is.
func (p *point) over() bool {
	if p.isOver != nil {
		return p.isOver(p.world)
	}
	if p.reason == "" {
		return p.removed(vip)
	}
	return p.settledAs(vip) == p.reason
}

// state is what is known of the objects, for the report of a failure.
func (p *point) state() string {
	var b strings.Builder
	for _, name := range []string{vip, rival} {
		if last := seen.Last(client.ObjectKeyFromObject(p.conversation(name))); last != nil {
			fmt.Fprintf(&b, "%s: deleted %v, finalizers %v, %+v\n", name, last.DeletionTimestamp, last.Finalizers, last.Status)
		}
	}
	return b.String()
}

// ended checks that Kubernetes and Twilio agree about the end.
func (p *point) ended() {
	switch {
	case p.then != nil:
		p.then(p.world)
	case p.reason == "":
		p.Expect(p.there()).To(HaveLen(p.remain))
	default:
		p.Expect(p.there()).To(HaveLen(1))
		p.Expect(disagreements(p.get(vip), p.there()[0])).To(BeEmpty())
	}
}

// again looks once more: it costs one request and changes nothing.
func (p *point) again(last *process) {
	if p.reason == "" || p.then != nil {
		return
	}
	before := p.get(vip).Status
	p.sim.ResetRequests()
	p.look("again")
	p.Eventually(func() string { return p.get(vip).Status.LastHandledReconcileAt }).Should(Equal("again"))
	if !last.isSlow() {
		p.Expect(count(p.requests())).To(Equal(tally{simulator.OperationFetch: 1}))
	}
	p.Expect(lasting(p.get(vip).Status)).To(Equal(lasting(before)))
}

// tearDown ends the namespace: nothing may be left in it, nor at Twilio.
func (p *point) tearDown() {
	p.deleteAll()
	for _, name := range []string{vip, rival} {
		p.gone(p.conversation(name))
	}
	p.gone(p.Account())
	p.gone(p.secret())
	p.Expect(p.there()).To(HaveLen(p.remain))
}

// lasting is what of a status does not change by itself at Twilio.
func lasting(s v1alpha1.ConversationStatus) v1alpha1.ConversationStatus {
	return v1alpha1.ConversationStatus{
		Conditions: s.Conditions, ObservedGeneration: s.ObservedGeneration, SID: s.SID, AccountSID: s.AccountSID,
		ChatServiceSID: s.ChatServiceSID, UniqueName: s.UniqueName, FriendlyName: s.FriendlyName, State: s.State, Origin: s.Origin,
		DateCreated: s.DateCreated, Drift: s.Drift, LastApplied: s.LastApplied,
	}
}
