// Copyright The conversations-operator Authors
// SPDX-License-Identifier: Apache-2.0

package controller_test

import (
	"maps"
	"slices"
	"time"

	. "github.com/onsi/ginkgo/v2"
	. "github.com/onsi/gomega"
	"k8s.io/apimachinery/pkg/types"
	"sigs.k8s.io/controller-runtime/pkg/client"

	"github.com/conversations-operator/conversations-operator/api/v1alpha1"
	"github.com/conversations-operator/conversations-operator/internal/twilio/simulator"
)

// lose removes an object as the loss of a cluster does: nobody deletes anything at Twilio.
func (t *tenant) lose(name string) {
	GinkgoHelper()
	t.change(name, func(s *v1alpha1.ConversationSpec) { s.Suspend = true })
	Eventually(func() int64 { return t.get(name).Status.ObservedGeneration }).Should(Equal(t.get(name).Generation))
	conv := t.get(name)
	Expect(k8s.Delete(ctx(), conv)).To(Succeed())
	free := client.RawPatch(types.MergePatchType, []byte(`{"metadata":{"finalizers":null}}`))
	Expect(client.IgnoreNotFound(k8s.Patch(ctx(), conv, free))).To(Succeed())
	t.gone(name)
}

var _ = Describe("A cluster that is rebuilt from the same manifests", func() {
	var t *tenant
	BeforeEach(func() { t = newTenantAt(ownTwilio(simulator.Options{})) })

	It("finds every conversation with a generated name, its clock and its origin", func() {
		manifests := map[string]string{
			"bare":  `{}`,
			"timed": `{state: active, timers: {closed: P1D, inactive: PT1H}, attributes: {a: 1}}`,
			"dated": `{dateCreated: "2015-12-16T22:18:37Z", friendlyName: Dated, bindings: {email: {address: a@example.com}}}`,
			"done":  `{state: closed}`,
		}
		sids := map[string]string{}
		for name, spec := range manifests {
			t.apply(name, spec)
			want := v1alpha1.ReasonSynced
			if name == "done" {
				want = v1alpha1.ReasonClosed
			}
			sids[name] = t.settled(name, want).Status.SID
		}
		t.sim.Advance(2 * time.Hour)
		before := t.conversations()
		for name := range manifests {
			t.lose(name)
		}
		Expect(t.conversations()).To(Equal(before))

		for name, spec := range manifests {
			t.apply(name, spec)
		}
		for name := range manifests {
			want := v1alpha1.ReasonSynced
			if name == "done" {
				want = v1alpha1.ReasonClosed
			}
			conv := t.settled(name, want)
			Expect(conv.Status.SID).To(Equal(sids[name]))
			Expect(conv.Status.Origin).To(Equal(v1alpha1.OriginCreated))
			Expect(conv.Status.Drift).To(BeEmpty())
			Eventually(t.events(name)).Should(ContainElement("Normal Adopted Found conversation " + sids[name] + ", which was made for this object."))
		}
		Expect(t.conversations()).To(Equal(before), "nothing was created, and nothing was sent again")
		for _, name := range slices.Sorted(maps.Keys(manifests)) {
			t.delete(name)
			t.gone(name)
		}
		Expect(t.conversations()).To(BeEmpty(), "they are the operator's own again")
	})

	It("applies what the manifests say now", func() {
		t.apply("vip", `{friendlyName: One, timers: {closed: P1D}}`)
		sid := t.settled("vip", v1alpha1.ReasonSynced).Status.SID
		t.lose("vip")
		t.apply("vip", `{friendlyName: Two, timers: {closed: P1D, inactive: PT1H}}`)
		conv := t.settled("vip", v1alpha1.ReasonSynced)
		Expect(conv.Status.SID).To(Equal(sid))
		Expect(t.lastForm()).To(Equal(form("FriendlyName", "Two", "Timers.Inactive", "PT1H")))
	})

	It("knows a conversation that its timer closed meanwhile", func() {
		t.apply("vip", `{state: active, timers: {closed: PT10M}}`)
		sid := t.settled("vip", v1alpha1.ReasonSynced).Status.SID
		t.lose("vip")
		t.sim.Advance(time.Hour)
		t.apply("vip", `{state: active, timers: {closed: PT10M}}`)
		conv := t.settled("vip", v1alpha1.ReasonClosed)
		Expect(conv.Status.SID).To(Equal(sid))
		Expect(t.conversations()).To(HaveLen(1))
	})

	It("finds a user's name with IfExists, and only with it", func() {
		const adopting = `{uniqueName: vip, friendlyName: Same, timers: {closed: P1D}, adoption: {policy: IfExists}}`
		t.apply("vip", adopting)
		conv := t.settled("vip", v1alpha1.ReasonSynced)
		sid := conv.Status.SID
		t.sim.Advance(time.Hour)
		t.look("vip") // so that the operator knows the time at Twilio
		before := t.conversations()
		t.lose("vip")
		t.apply("vip", adopting)
		conv = t.settled("vip", v1alpha1.ReasonSynced)
		Expect(conv.Status.SID).To(Equal(sid))
		Expect(conv.Status.Origin).To(Equal(v1alpha1.OriginAdopted))
		Expect(t.conversations()).To(Equal(before))

		t.lose("vip")
		t.apply("vip", `{uniqueName: vip, friendlyName: Same, timers: {closed: P1D}}`)
		t.settled("vip", v1alpha1.ReasonUniqueNameTaken)
		Expect(t.conversations()).To(Equal(before))
	})
})
