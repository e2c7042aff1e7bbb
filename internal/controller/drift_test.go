// Copyright The conversations-operator Authors
// SPDX-License-Identifier: Apache-2.0

package controller_test

import (
	"fmt"
	"maps"
	"slices"

	. "github.com/onsi/ginkgo/v2"
	. "github.com/onsi/gomega"
	"k8s.io/apimachinery/pkg/api/meta"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
	"sigs.k8s.io/controller-runtime/pkg/client"

	"github.com/conversations-operator/conversations-operator/api/v1alpha1"
	"github.com/conversations-operator/conversations-operator/internal/twilio/simulator"
	"github.com/conversations-operator/conversations-operator/test/testbed/random"
)

// many applies n minimal Conversations and waits until all are Synced.
func (t *tenant) many(n int, spec string) {
	GinkgoHelper()
	for i := range n {
		t.apply(fmt.Sprintf("c%04d", i), spec)
	}
	Eventually(func() int { return t.ready(v1alpha1.ReasonSynced) }, "60s").Should(Equal(n))
}

// ready counts the Conversations with a reason of Ready.
func (t *tenant) ready(want string) int {
	var list v1alpha1.ConversationList
	Expect(k8s.List(ctx(), &list, client.InNamespace(t.Namespace))).To(Succeed())
	n := 0
	for i := range list.Items {
		if reason(list.Items[i].Status.Conditions) == want && list.Items[i].Status.ObservedGeneration == list.Items[i].Generation {
			n++
		}
	}
	return n
}

// checkDrift asks for a drift check of what is there now, and waits until it is recorded.
func (t *tenant) checkDrift() *v1alpha1.DriftCheck {
	GinkgoHelper()
	// A check passes over what the manager has not seen yet.
	Eventually(func() bool { return maps.Equal(t.versions(cached), t.versions(k8s)) }).Should(BeTrue())
	a := t.Account()
	Expect(k8s.Get(ctx(), client.ObjectKeyFromObject(a), a)).To(Succeed())
	// An earlier check is marked, so that the next one shows however soon it ends, and is not due by itself.
	mark := metav1.Unix(1, 0)
	before := a.DeepCopy()
	a.Status.LastDriftCheck = &v1alpha1.DriftCheck{StartTime: &mark, CompletionTime: new(metav1.Now())}
	Expect(k8s.Status().Patch(ctx(), a, client.MergeFrom(before))).To(Succeed())
	before = a.DeepCopy()
	metav1.SetMetaDataAnnotation(&a.ObjectMeta, v1alpha1.ReconcileRequestedAtAnnotation, random.Hex(4))
	Expect(k8s.Patch(ctx(), a, client.MergeFrom(before))).To(Succeed())
	Eventually(func(g Gomega) {
		g.Expect(k8s.Get(ctx(), client.ObjectKeyFromObject(a), a)).To(Succeed())
		g.Expect(a.Status.LastDriftCheck).NotTo(BeNil())
		g.Expect(a.Status.LastDriftCheck.StartTime.Equal(&mark)).To(BeFalse())
	}, "60s").Should(Succeed())
	return a.Status.LastDriftCheck
}

// versions of the tenant's Conversations, as somebody reads them.
func (t *tenant) versions(from client.Reader) map[string]string {
	GinkgoHelper()
	var list v1alpha1.ConversationList
	Expect(from.List(ctx(), &list, client.InNamespace(t.Namespace))).To(Succeed())
	out := map[string]string{}
	for _, conv := range list.Items {
		out[conv.Name] = conv.ResourceVersion
	}
	return out
}

func (t *tenant) halted() bool {
	a := t.Account()
	Expect(k8s.Get(ctx(), client.ObjectKeyFromObject(a), a)).To(Succeed())
	return meta.IsStatusConditionTrue(a.Status.Conditions, v1alpha1.ConditionConversationsVanished)
}

// since answers the account's requests after the first n.
func (t *tenant) since(n int) []simulator.Request { return t.requests()[n:] }

var _ = Describe("The drift check", func() {
	It("takes one request for a hundred conversations in sync, and writes nothing but the account", func() {
		t := newTenant()
		t.many(120, `{friendlyName: Same}`)
		before := len(t.requests())
		check := t.checkDrift()
		Expect(check.Requests).To(BeEquivalentTo(2))
		Expect(check.Checked).To(BeEquivalentTo(120))
		Expect(check.Drifted).To(BeZero())
		Expect(t.since(before)).To(asked("list", "list"))
		Consistently(func() int { return len(t.since(before)) }).Should(Equal(2))
	})

	It("asks one by one where listing is dearer, and remembers that", func() {
		t := newTenant()
		_, err := sim.Seed(t.SID, 3000, nil)
		Expect(err).NotTo(HaveOccurred())
		t.many(20, `{}`)
		// The managed ones are spread over what else there is, as creation dates go.
		all := t.conversations()
		managed := slices.DeleteFunc(slices.Clone(all), func(c simulator.Conversation) bool { return c.UniqueName == "" })
		for i, c := range managed {
			at := all[0].DateCreated
			Expect(sim.Edit(c.SID, func(c *simulator.Conversation) { c.DateCreated = at.AddDate(0, 0, -i) })).To(Succeed())
		}
		before := len(t.requests())
		first := t.checkDrift()
		Expect(first.Requests).To(BeNumerically("<=", 40))
		Expect(first.Checked).To(BeEquivalentTo(20))
		Eventually(func() int { return t.ready(v1alpha1.ReasonSynced) }).Should(Equal(20))
		second := t.checkDrift()
		Expect(second.Requests).To(BeNumerically("<=", 22))
		Expect(second.Drifted).To(BeZero())
		Expect(before).To(BeNumerically(">", 0))
	})

	It("corrects exactly what was changed behind our back, with one GET and one POST each", func() {
		t := newTenant()
		t.many(30, `{friendlyName: Mine, attributes: {tier: gold}}`)
		for _, c := range t.conversations()[:5] {
			Expect(sim.Edit(c.SID, func(c *simulator.Conversation) { c.FriendlyName = "Theirs" })).To(Succeed())
		}
		before := len(t.requests())
		check := t.checkDrift()
		Expect(check.Drifted).To(BeEquivalentTo(5))
		Eventually(func() []string {
			var names []string
			for _, c := range t.conversations() {
				names = append(names, c.FriendlyName)
			}
			return names
		}).Should(HaveEach("Mine"))
		Eventually(func() int { return t.ready(v1alpha1.ReasonSynced) }).Should(Equal(30))
		ops := map[string]int{}
		for _, r := range t.since(before) {
			ops[r.Operation]++
		}
		// How many lists a check takes is the subject of test/drift.
		delete(ops, simulator.OperationList)
		Expect(ops).To(Equal(map[string]int{"fetch": 5, "update": 5}))
	})

	It("recreates a few that vanished, and asks before it recreates many", func() {
		t := newTenant()
		t.many(40, `{}`)
		for _, c := range t.conversations()[:3] {
			Expect(sim.Remove(c.SID)).To(Succeed())
		}
		t.checkDrift()
		Eventually(func() int { return len(t.conversations()) }).Should(Equal(40))
		Eventually(func() int { return t.ready(v1alpha1.ReasonSynced) }).Should(Equal(40))
		Expect(t.halted()).To(BeFalse())

		for _, c := range t.conversations()[:20] {
			Expect(sim.Remove(c.SID)).To(Succeed())
		}
		t.checkDrift()
		Expect(t.halted()).To(BeTrue())
		Eventually(func() int { return t.ready(v1alpha1.ReasonProgressing) }).Should(Equal(20))
		t.checkDrift()
		Consistently(func() int { return len(t.conversations()) }).Should(Equal(20))

		a := t.Account()
		Expect(k8s.Get(ctx(), client.ObjectKeyFromObject(a), a)).To(Succeed())
		Expect(a.Status.Conditions).To(ContainElement(HaveField("Message", ContainSubstring("recreate-vanished"))))
		Expect(reason(a.Status.Conditions)).To(Equal(v1alpha1.ReasonAuthenticated))
		patch := client.MergeFrom(a.DeepCopy())
		metav1.SetMetaDataAnnotation(&a.ObjectMeta, v1alpha1.RecreateVanishedAnnotation, "true")
		Expect(k8s.Patch(ctx(), a, patch)).To(Succeed())
		Eventually(func() int { return t.ready(v1alpha1.ReasonSynced) }).Should(Equal(40))
		Expect(t.conversations()).To(HaveLen(40))
		Expect(t.halted()).To(BeFalse())
		Eventually(func() map[string]string {
			_ = k8s.Get(ctx(), client.ObjectKeyFromObject(a), a)
			return a.Annotations
		}).ShouldNot(HaveKey(v1alpha1.RecreateVanishedAnnotation))
	})
})
