// Copyright The conversations-operator Authors
// SPDX-License-Identifier: Apache-2.0

package controller_test

import (
	"fmt"
	"slices"
	"strings"

	. "github.com/onsi/ginkgo/v2"
	. "github.com/onsi/gomega"

	"github.com/conversations-operator/conversations-operator/api/v1alpha1"
)

var _ = Describe("Two objects with one unique name", func() {
	It("that come at the same time make exactly one conversation", func() {
		t := newTenant()
		const pairs = 8
		for i := range pairs {
			for _, side := range []string{"a", "b"} {
				t.apply(fmt.Sprintf("%s-%d", side, i), fmt.Sprintf(`{uniqueName: 'name-%d, x="=\\"', friendlyName: Same}`, i))
			}
		}
		Eventually(func() []int {
			return []int{t.ready(v1alpha1.ReasonSynced), t.ready(v1alpha1.ReasonAlreadyManaged) + t.ready(v1alpha1.ReasonUniqueNameTaken)}
		}).Should(Equal([]int{pairs, pairs}))
		Expect(t.conversations()).To(HaveLen(pairs))
		By("who lost learns from another look whom it lost to")
		t.relabel("looked-at", "again")
		Eventually(func() int { return t.ready(v1alpha1.ReasonAlreadyManaged) }).Should(Equal(pairs))
		for i := range pairs {
			a, b := t.get(fmt.Sprintf("a-%d", i)), t.get(fmt.Sprintf("b-%d", i))
			Expect([]bool{a.Status.SID == "", b.Status.SID == ""}).To(ConsistOf(true, false))
		}
	})

	It("of which one takes another name leave it to the other at once", func() {
		t := newTenant()
		t.apply("first", `{uniqueName: vip, friendlyName: One}`)
		t.settled("first", v1alpha1.ReasonSynced)
		t.apply("late", `{uniqueName: vip, friendlyName: Two}`)
		t.settled("late", v1alpha1.ReasonAlreadyManaged)
		t.apply("other", `{friendlyName: Three}`)
		t.settled("other", v1alpha1.ReasonSynced)
		t.apply("first", `{uniqueName: gold, friendlyName: One}`)
		t.settled("late", v1alpha1.ReasonSynced)
		By("also to one that has a conversation already")
		t.apply("other", `{uniqueName: vip, friendlyName: Three}`)
		t.settled("other", v1alpha1.ReasonUniqueNameTaken)
		t.apply("late", `{friendlyName: Two}`)
		t.settled("other", v1alpha1.ReasonSynced)
		Expect(t.conversations()).To(ConsistOf(
			SatisfyAll(HaveField("UniqueName", "gold"), HaveField("FriendlyName", "One")),
			SatisfyAll(HaveField("UniqueName", HavePrefix("k8s.")), HaveField("FriendlyName", "Two")),
			SatisfyAll(HaveField("UniqueName", "vip"), HaveField("FriendlyName", "Three")),
		))
	})

	It("make exactly one even if every answer is lost", func() {
		t := newTenant()
		t.fault(matchCreate(4), dropAfter)
		for i := range 4 {
			t.apply(fmt.Sprintf("rival-%d", i), `{uniqueName: vip, friendlyName: Same}`)
		}
		Eventually(func() []int {
			return []int{t.ready(v1alpha1.ReasonSynced), t.ready(v1alpha1.ReasonAlreadyManaged) + t.ready(v1alpha1.ReasonUniqueNameTaken)}
		}).Should(Equal([]int{1, 3}))
		Expect(t.conversations()).To(HaveLen(1))
		By("who lost learns from another look whom it lost to")
		t.relabel("looked-at", "again")
		Eventually(func() (lost []string) {
			var winner string
			for i := range 4 {
				conv := t.get(fmt.Sprintf("rival-%d", i))
				if conv.Status.SID != "" {
					winner = conv.Name
				}
				lost = append(lost, message(conv.Status.Conditions))
			}
			return slices.DeleteFunc(lost, func(message string) bool {
				return !strings.Contains(message, "managed by Conversation "+t.Namespace+"/"+winner+":")
			})
		}).Should(HaveLen(3))
	})
})
