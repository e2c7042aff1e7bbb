// Copyright The conversations-operator Authors
// SPDX-License-Identifier: Apache-2.0

package controller_test

import (
	"fmt"
	"net/http"
	"net/url"

	. "github.com/onsi/ginkgo/v2"
	. "github.com/onsi/gomega"
	apiextensionsv1 "k8s.io/apiextensions-apiserver/pkg/apis/apiextensions/v1"
	"sigs.k8s.io/controller-runtime/pkg/client"

	"github.com/conversations-operator/conversations-operator/api/v1alpha1"
	"github.com/conversations-operator/conversations-operator/internal/plan"
	"github.com/conversations-operator/conversations-operator/internal/twilio/simulator"
)

// fieldStory is what becomes of one field of a conversation that has everyField.
type fieldStory struct {
	// edit changes the field; edited is what Twilio is then sent.
	edit   func(*v1alpha1.ConversationSpec)
	edited url.Values
	// drop hands the field back; dropped is what Twilio is then sent, nil for nothing.
	drop    func(*v1alpha1.ConversationSpec)
	dropped url.Values
	// kept: Twilio cannot clear the field, and an event says so.
	kept string
	// noted: the field is never compared with what Twilio answers, so that it is noted before it is sent.
	noted bool
}

var _ = DescribeTable("An edit sends nothing but the field that was edited, and dropping a field hands it back:",
	func(story fieldStory) {
		t := newTenant()
		t.apply("vip", everyField)
		conv := t.settled("vip", v1alpha1.ReasonSynced)
		one := "/v1/Services/" + conv.Status.ChatServiceSID + "/Conversations/" + conv.Status.SID

		t.change("vip", story.edit)
		conv = t.settled("vip", v1alpha1.ReasonSynced)
		want := []sent{{http.MethodPost, "/v1/Conversations", everyFieldForm, "true"}, {http.MethodPost, one, story.edited, "true"}}
		Expect(t.sentRequests()).To(Equal(want))
		Expect(statusOf(conv)).To(Equal(answered(t.only(), "/v1/Conversations")))
		writes := []string{"the creation", "the record", "the status", "the edit", "the status"}
		if story.noted {
			writes = append(writes, "the note of what is about to be sent")
		}
		Eventually(versions).WithArguments(conv).Should(Equal(len(writes)), "%v", writes)

		t.change("vip", story.drop)
		t.settled("vip", v1alpha1.ReasonSynced)
		if story.dropped != nil {
			want = append(want, sent{http.MethodPost, one, story.dropped, "true"})
		}
		Expect(t.sentRequests()).To(Equal(want))
		if story.kept != "" {
			Eventually(t.events("vip")).Should(ContainElement("Normal FieldKept spec." + story.kept +
				" was dropped; Twilio cannot clear it, so it keeps its value there and is no longer compared."))
		} else {
			Consistently(t.events("vip"), "100ms").ShouldNot(ContainElement(ContainSubstring("FieldKept")))
		}

		conv = t.look("vip")
		Expect(conv.Status.Drift).To(BeEmpty(), "what was dropped is no longer compared")
		Expect(t.writes()).To(HaveLen(len(want)))
	},
	Entry("friendlyName", fieldStory{
		edit:   func(s *v1alpha1.ConversationSpec) { s.FriendlyName = "Another" },
		edited: form("FriendlyName", "Another"),
		drop:   func(s *v1alpha1.ConversationSpec) { s.FriendlyName = "" },
		kept:   "friendlyName",
	}),
	Entry("uniqueName", fieldStory{
		edit:    func(s *v1alpha1.ConversationSpec) { s.UniqueName = "another" },
		edited:  form("UniqueName", "another"),
		drop:    func(s *v1alpha1.ConversationSpec) { s.UniqueName = "yet another" },
		dropped: form("UniqueName", "yet another"),
	}),
	Entry("attributes", fieldStory{
		edit:    func(s *v1alpha1.ConversationSpec) { s.Attributes = &apiextensionsv1.JSON{Raw: []byte(`[]`)} },
		edited:  form("Attributes", "[]"),
		drop:    func(s *v1alpha1.ConversationSpec) { s.Attributes = nil },
		dropped: form("Attributes", "{}"),
	}),
	Entry("messagingServiceSid", fieldStory{
		edit:   func(s *v1alpha1.ConversationSpec) { s.MessagingServiceSID = "MGffffffffffffffffffffffffffffffff" },
		edited: form("MessagingServiceSid", "MGffffffffffffffffffffffffffffffff"),
		drop:   func(s *v1alpha1.ConversationSpec) { s.MessagingServiceSID = "" },
		kept:   "messagingServiceSid",
	}),
	Entry("bindings.email.address", fieldStory{
		edit:    func(s *v1alpha1.ConversationSpec) { s.Bindings.Email.Address = "sales@example.com" },
		edited:  form("Bindings.Email.Address", "sales@example.com"),
		drop:    func(s *v1alpha1.ConversationSpec) { s.Bindings.Email.Address = "" },
		dropped: form("Bindings.Email.Address", ""),
	}),
	Entry("bindings.email.name", fieldStory{
		edit:    func(s *v1alpha1.ConversationSpec) { s.Bindings.Email.Name = "Sales" },
		edited:  form("Bindings.Email.Name", "Sales"),
		drop:    func(s *v1alpha1.ConversationSpec) { s.Bindings = nil },
		dropped: form("Bindings.Email.Address", "", "Bindings.Email.Name", ""),
	}),
	Entry("state", fieldStory{
		edit:   func(s *v1alpha1.ConversationSpec) { s.State = v1alpha1.StateActive },
		edited: form("State", "active"),
		noted:  true,
		drop:   func(s *v1alpha1.ConversationSpec) { s.State = "" },
	}),
	Entry("timers.inactive", fieldStory{
		edit:    func(s *v1alpha1.ConversationSpec) { s.Timers.Inactive = "PT1M" },
		edited:  form("Timers.Inactive", "PT1M"),
		noted:   true,
		drop:    func(s *v1alpha1.ConversationSpec) { s.Timers.Inactive = "" },
		dropped: form("Timers.Inactive", "PT0S"),
	}),
	Entry("timers.closed", fieldStory{
		edit:    func(s *v1alpha1.ConversationSpec) { s.Timers.Closed = "PT10M" },
		edited:  form("Timers.Closed", "PT10M"),
		noted:   true,
		drop:    func(s *v1alpha1.ConversationSpec) { s.Timers = nil },
		dropped: form("Timers.Inactive", "PT0S", "Timers.Closed", "PT0S"),
	}),
	Entry("dateCreated", fieldStory{
		edit:   func(s *v1alpha1.ConversationSpec) { s.DateCreated = "2016-01-01T00:00:00Z" },
		edited: form("DateCreated", "2016-01-01T00:00:00Z"),
		noted:  true,
		drop:   func(s *v1alpha1.ConversationSpec) { s.DateCreated = "" },
	}),
	Entry("dateUpdated", fieldStory{
		edit:   func(s *v1alpha1.ConversationSpec) { s.DateUpdated = "2016-01-01T00:00:00Z" },
		edited: form("DateUpdated", "2016-01-01T00:00:00Z"),
		noted:  true,
		drop:   func(s *v1alpha1.ConversationSpec) { s.DateUpdated = "" },
	}),
)

var _ = Describe("An edit", func() {
	It("that drops a user's unique name gives the conversation the generated one", func() {
		t := newTenant()
		t.apply("vip", `{uniqueName: mine}`)
		t.settled("vip", v1alpha1.ReasonSynced)
		t.apply("vip", `{}`)
		conv := t.settled("vip", v1alpha1.ReasonSynced)
		generated := plan.GeneratedName(clusterName, t.Namespace, "vip")
		Expect(t.lastForm()).To(Equal(form("UniqueName", generated)))
		Expect(conv.Status.UniqueName).To(Equal(generated))
	})

	It("of several fields is one request", func() {
		t := newTenant()
		t.apply("vip", everyField)
		t.settled("vip", v1alpha1.ReasonSynced)
		t.apply("vip", `{friendlyName: New, state: active, attributes: {a: 1}, timers: {closed: P3D}, uniqueName: "support: 42 ?#%"}`)
		conv := t.settled("vip", v1alpha1.ReasonSynced)
		Expect(t.writes()).To(HaveLen(2))
		Expect(t.lastForm()).To(Equal(form("FriendlyName", "New", "State", "active", "Attributes", `{"a":1}`,
			"Timers.Inactive", "PT0S", "Timers.Closed", "P3D", "Bindings.Email.Address", "", "Bindings.Email.Name", "")))
		Eventually(t.events("vip")).Should(ContainElement(ContainSubstring("Normal FieldKept spec.messagingServiceSid was dropped")))
		Eventually(t.events("vip")).Should(ContainElement(
			"Normal Updated Updated friendlyName, attributes, bindings.email.address, bindings.email.name, timers.inactive, timers.closed, state."))
		Eventually(versions).WithArguments(conv).Should(Equal(6), "with the note of what is about to be sent")
	})

	It("that drops several fields that Twilio cannot clear says so once", func() {
		t := newTenant()
		t.apply("vip", everyField)
		t.settled("vip", v1alpha1.ReasonSynced)
		t.change("vip", func(s *v1alpha1.ConversationSpec) { s.FriendlyName, s.MessagingServiceSID = "", "" })
		t.settled("vip", v1alpha1.ReasonSynced)
		Eventually(t.events("vip")).Should(ContainElement("Normal FieldKept spec.friendlyName, spec.messagingServiceSid were dropped; " +
			"Twilio cannot clear them, so they keep their values there and are no longer compared."))
		Expect(t.writes()).To(HaveLen(1))
	})

	It("that changes nothing of meaning is no request", func() {
		t := newTenant()
		t.apply("vip", `{attributes: {a: 1, b: 10}, timers: {inactive: PT60M}, dateCreated: "2015-12-16T22:18:37Z"}`)
		t.settled("vip", v1alpha1.ReasonSynced)
		t.apply("vip", `{attributes: {b: 1e1, a: 1.0}, timers: {inactive: PT1H}, dateCreated: "2015-12-16T23:18:37+01:00"}`)
		conv := t.settled("vip", v1alpha1.ReasonSynced)
		Expect(conv.Generation).To(BeEquivalentTo(2))
		t.change("vip", func(s *v1alpha1.ConversationSpec) { s.DeletionPolicy = v1alpha1.DeletionPolicyRetain })
		t.settled("vip", v1alpha1.ReasonSynced)
		Expect(t.requests()).To(asked("create"))
	})

	It("that comes back before the operator looks is no request", func() {
		t := newTenant()
		t.apply("vip", `{friendlyName: One}`)
		t.settled("vip", v1alpha1.ReasonSynced)
		t.change("vip", func(s *v1alpha1.ConversationSpec) { s.FriendlyName, s.Suspend = "Two", true })
		t.settled("vip", v1alpha1.ReasonSynced)
		t.change("vip", func(s *v1alpha1.ConversationSpec) { s.FriendlyName, s.Suspend = "One", false })
		t.settled("vip", v1alpha1.ReasonSynced)
		Expect(t.requests()).To(asked("create"))
	})

	It("of labels and other annotations is none of the operator's business", func() {
		t := newTenant()
		t.apply("vip", `{}`)
		conv := t.settled("vip", v1alpha1.ReasonSynced)
		before := conv.DeepCopy()
		conv.Labels = map[string]string{"team": "a"}
		conv.Annotations["note"] = "b"
		Expect(k8s.Patch(ctx(), conv, client.MergeFrom(before))).To(Succeed())
		Consistently(func() string { return t.get("vip").ResourceVersion }, "300ms").Should(Equal(conv.ResourceVersion))
		Expect(t.requests()).To(asked("create"))
	})

	It("is sent again when the answer to it is lost, and done once", func() {
		t := newTenant()
		t.apply("vip", `{friendlyName: One, timers: {closed: PT1H}}`)
		t.settled("vip", v1alpha1.ReasonSynced)
		t.fault(matchUpdate(1), dropAfter)
		t.apply("vip", `{friendlyName: Two, timers: {closed: PT2H}}`)
		conv := t.settled("vip", v1alpha1.ReasonSynced)
		Expect(conv.Status.FriendlyName).To(Equal("Two"))
		Expect(t.only().Timers.Closed.Duration).To(Equal("PT2H"))
		Expect(conv.Status.Timers.DateClosed).To(Equal(second(t.only().Timers.Closed.Deadline)))
	})

	for _, unheard := range []struct{ text, was, edit string }{
		{"of a timer", `{timers: {closed: PT1H}}`, `{timers: {closed: PT2H}}`},
		{"of a date", `{dateCreated: "2020-01-01T00:00:00Z"}`, `{dateCreated: "2021-01-01T00:00:00Z"}`},
		{"of a name under Report", `{managementPolicy: Report, friendlyName: One}`, `{managementPolicy: Report, friendlyName: Two}`},
	} {
		for text, refusal := range map[string]simulator.Effect{
			"not answered again": dropBefore, "refused then": {Status: http.StatusBadRequest, Code: 50303},
		} {
			It(unheard.text+" that took effect unheard and was "+text+" is undone when it is taken back", func() {
				t := newTenant()
				t.apply("vip", unheard.was)
				t.settled("vip", v1alpha1.ReasonSynced)
				is := func() string {
					c := t.only()
					return fmt.Sprint(c.FriendlyName, c.DateCreated, c.Timers.Closed.Duration)
				}
				was := is()
				t.fault(matchUpdate(1), dropAfter)
				rule := t.fault(matchUpdate(0), refusal)
				t.apply("vip", unheard.edit)
				Eventually(t.applied(rule)).Should(BeNumerically(">=", 1))
				Expect(is()).NotTo(Equal(was))
				Expect(t.sim.RemoveRule(rule)).To(Succeed())
				t.apply("vip", unheard.was)
				conv := t.settled("vip", v1alpha1.ReasonSynced)
				Expect(is()).To(Equal(was))
				Expect(conv.Status.Drift).To(BeEmpty())
			})
		}
	}

	It("waits while Twilio answers pages, nothing or half of an answer", func() {
		t := newTenant()
		t.apply("vip", `{friendlyName: One}`)
		t.settled("vip", v1alpha1.ReasonSynced)
		t.fault(matchUpdate(1), htmlPage)
		t.fault(matchUpdate(1), emptyBody)
		t.fault(matchUpdate(1), halfBody)
		t.apply("vip", `{friendlyName: Two}`)
		conv := t.settled("vip", v1alpha1.ReasonSynced)
		Expect(conv.Status.FriendlyName).To(Equal("Two"))
	})
})
