// Copyright The conversations-operator Authors
// SPDX-License-Identifier: Apache-2.0

package scale

import (
	"fmt"

	. "github.com/onsi/ginkgo/v2"
	. "github.com/onsi/gomega"
	"sigs.k8s.io/controller-runtime/pkg/client"

	"github.com/conversations-operator/conversations-operator/api/v1alpha1"
	"github.com/conversations-operator/conversations-operator/internal/twilio/simulator"
	"github.com/conversations-operator/conversations-operator/test/testbed"
	"github.com/conversations-operator/conversations-operator/test/testbed/random"
)

// Requests that the simulator keeps end when the story lets them: what another account gets meanwhile did not wait for them.
var _ = Describe("Thirty accounts that hang", func() {
	const hanging = 30

	It("in creates keep no object of another account waiting", func() {
		const objects = 8
		var struck []*tenant
		for range hanging {
			t := newTenant()
			t.keeps(simulator.Match{Operation: simulator.OperationCreate})
			t.many(objects)
			struck = append(struck, t)
		}
		healthy := newTenant()
		Eventually(sim.Held).Should(BeNumerically(">=", 2*hanging), "two requests of each account")
		healthy.many(objects)
		healthy.synced(objects)
		healthy.edited("c0000")
		Expect(k8s.Delete(ctx(), healthy.Conversation("c0001"))).To(Succeed())
		Eventually(func() int { return len(sim.Conversations(healthy.SID)) }).Should(Equal(objects - 1))
		Expect(sim.Held()).To(BeNumerically(">=", 2*hanging), "they are kept no longer")

		sim.ClearRules()
		for _, t := range struck {
			t.synced(objects)
			Expect(sim.Conversations(t.SID)).To(HaveLen(objects))
		}
	})

	It("in the check of their credentials keep no new account waiting", func() {
		var struck []*tenant
		for range hanging + 10 {
			t := &tenant{testbed.NewTenant()}
			Expect(sim.AddAccount(t.SID, t.Token)).To(Succeed())
			t.keeps(simulator.Match{Operation: simulator.OperationList})
			Expect(t.Create(ctx(), k8s)).To(Succeed())
			struck = append(struck, t)
		}
		Eventually(sim.Held).Should(Equal(len(struck)))
		newTenant().created("vip")
		Expect(sim.Held()).To(Equal(len(struck)), "they are kept no longer")
		sim.ClearRules()
		for _, t := range struck {
			Eventually(t.accountReason).Should(Equal(v1alpha1.ReasonAuthenticated))
		}
	})

	It("in drift checks keep no other account from being checked", func() {
		var struck []*tenant
		for range hanging {
			t := newTenant()
			t.created("vip")
			t.keeps(simulator.Match{PathRegexp: "^/v1/Services/"})
			struck = append(struck, t)
		}
		healthy := newTenant()
		healthy.created("vip")
		for _, t := range struck {
			t.ask()
		}
		Eventually(sim.Held).Should(Equal(hanging))
		healthy.ask()
		Eventually(healthy.checked).Should(BeEquivalentTo(1))
		Expect(sim.Held()).To(Equal(hanging), "they are kept no longer")
		sim.ClearRules()
		for _, t := range struck {
			Eventually(t.checked).Should(BeEquivalentTo(1))
		}
	})
})

var _ = Describe("An outage of writes alone", func() {
	It("costs a handful of requests, although the looks after lost creates are answered", func() {
		const objects = 60
		t := newTenant()
		rule, err := sim.AddRule(simulator.Rule{
			Match: simulator.Match{Account: t.SID, Operation: simulator.OperationCreate}, Effect: simulator.Effect{DropBefore: true},
		})
		Expect(err).NotTo(HaveOccurred())
		t.many(objects)
		Eventually(func() int { return seen.Are(t.Namespace, v1alpha1.ReasonTwilioUnavailable) }).Should(BeNumerically(">=", 5))
		// Five that fail open the breaker, two or three were under way beside them, and then there are the probes, after 1, 2
		// and 4 seconds. Each has its look.
		Consistently(func() int { return len(t.requests()) }, "3s").Should(BeNumerically("<=", 2*(5+3+3)))
		Expect(seen.Told(t.Namespace)[v1alpha1.ReasonTwilioUnavailable]).To(BeNumerically("<=", 5+3+3))
		Expect(sim.RemoveRule(rule)).To(Succeed())
		t.synced(objects)
		Expect(sim.Conversations(t.SID)).To(HaveLen(objects))
	})
})

var _ = Describe("A namespace with a service for each of its many objects", func() {
	It("has turns no more often than another namespace of the account", func() {
		const many, few = 600, 5
		user := newTenant()
		crowd := user.neighbour()
		account := crowd.Account()
		Expect(k8s.Patch(ctx(), account, client.RawPatch("application/merge-patch+json", []byte(`{"spec":{"maxConcurrentRequests":1}}`)))).To(Succeed())
		applied := make(chan struct{})
		go func() {
			defer GinkgoRecover()
			defer close(applied)
			// Services that do not exist cost a request each, which is refused.
			crowd.each(many, func(i int, conv *v1alpha1.Conversation) { conv.Spec.ChatServiceSID = fmt.Sprintf("IS%032x", i) })
		}()
		served := func() int { return seen.Are(crowd.Namespace, v1alpha1.ReasonRejected) }
		Eventually(served).Should(BeNumerically(">", 0))
		<-applied
		before := served()
		for i := range few {
			user.created(fmt.Sprintf("new-%d", i))
			user.edited(fmt.Sprintf("new-%d", i))
		}
		Expect(served()-before).To(BeNumerically("<", many/4), "those of the crowd that were served meanwhile")
		Eventually(served, "90s").Should(Equal(many))
	})
})

// keeps holds the requests of the account that match until the rules are cleared.
func (t *tenant) keeps(m simulator.Match) {
	GinkgoHelper()
	m.Account = t.SID
	_, err := sim.AddRule(simulator.Rule{Match: m, Effect: simulator.Effect{Hold: true}})
	Expect(err).NotTo(HaveOccurred())
	DeferCleanup(sim.ClearRules)
}

// ask asks for a drift check.
func (t *tenant) ask() {
	GinkgoHelper()
	account := t.Account()
	patch := fmt.Sprintf(`{"metadata":{"annotations":{%q:%q}}}`, v1alpha1.ReconcileRequestedAtAnnotation, random.Hex(4))
	Expect(k8s.Patch(ctx(), account, client.RawPatch("application/merge-patch+json", []byte(patch)))).To(Succeed())
}

// checked is how many conversations the last drift check compared.
func (t *tenant) checked() int32 {
	GinkgoHelper()
	account := t.Account()
	Expect(k8s.Get(ctx(), client.ObjectKeyFromObject(account), account)).To(Succeed())
	if account.Status.LastDriftCheck == nil {
		return 0
	}
	return account.Status.LastDriftCheck.Checked
}
