// Copyright The conversations-operator Authors
// SPDX-License-Identifier: Apache-2.0

package scale

import (
	"fmt"

	. "github.com/onsi/ginkgo/v2"
	. "github.com/onsi/gomega"
	"sigs.k8s.io/controller-runtime/pkg/client"

	"github.com/conversations-operator/conversations-operator/api/v1alpha1"
	"github.com/conversations-operator/conversations-operator/test/testbed/random"
)

var _ = Describe("Many creates", func() {
	const many, few = 600, 5

	It("wait for Twilio's limit in silence, while others in the same account are served before them", func() {
		user := newTenant()
		for i := range few {
			user.one(fmt.Sprintf("old-%d", i))
		}
		user.synced(few)
		before := len(user.requests())
		crowd := user.neighbour()
		applied := make(chan struct{})
		go func() {
			defer GinkgoRecover()
			defer close(applied)
			crowd.many(many)
		}()
		Eventually(func() int { return seen.Are(crowd.Namespace, v1alpha1.ReasonSynced) }).Should(BeNumerically(">", few))
		for i := range few {
			user.created(fmt.Sprintf("new-%d", i))
			user.edited(fmt.Sprintf("old-%d", i))
		}
		Expect(seen.Are(crowd.Namespace, v1alpha1.ReasonSynced)).To(BeNumerically("<", many), "the crowd was done before the user")
		<-applied
		crowd.synced(many)
		Expect(user.throttled()).To(BeNumerically("<=", (len(user.requests())-before)/100))
		Expect(seen.Told(crowd.Namespace)).To(Equal(map[string]int{v1alpha1.ReasonSynced: many}), "something but the outcome was written")
		Expect(seen.Counts(crowd.Namespace)).To(Equal(map[int]int{3: many}), "one creation and two writes each")
	})
})

// created waits until an object that is applied now has its sid.
func (t *tenant) created(name string) {
	GinkgoHelper()
	key := t.one(name)
	Eventually(func() bool {
		last := seen.Last(key)
		return last != nil && last.Status.SID != ""
	}).Should(BeTrue())
}

// edited waits until an edit that is applied now is at Twilio.
func (t *tenant) edited(name string) {
	GinkgoHelper()
	conv := t.Conversation(name)
	Expect(k8s.Get(ctx(), client.ObjectKeyFromObject(conv), conv)).To(Succeed())
	before := conv.DeepCopy()
	conv.Spec.FriendlyName = random.Hex(4)
	Expect(k8s.Patch(ctx(), conv, client.MergeFrom(before))).To(Succeed())
	Eventually(func() string {
		there, _ := sim.Find(conv.Status.SID)
		return there.FriendlyName
	}).Should(Equal(conv.Spec.FriendlyName))
}
