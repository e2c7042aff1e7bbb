// Copyright The conversations-operator Authors
// SPDX-License-Identifier: Apache-2.0

package controller_test

import (
	"net/http"
	"time"

	. "github.com/onsi/ginkgo/v2"
	. "github.com/onsi/gomega"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
	"sigs.k8s.io/controller-runtime/pkg/client"

	"github.com/conversations-operator/conversations-operator/api/v1alpha1"
	"github.com/conversations-operator/conversations-operator/internal/plan"
	"github.com/conversations-operator/conversations-operator/internal/twilio/simulator"
	"github.com/conversations-operator/conversations-operator/test/testbed/random"
)

const everyField = `
friendlyName: Ms. Müller & Co.
uniqueName: "support: 42 ?#%"
state: inactive
timers: {inactive: PT36H, closed: P2D}
attributes: {z: [1, 2.50, null], a: {"<b>": 'ü & \u003c'}, big: 9007199254740993}
messagingServiceSid: MG0123456789abcdef0123456789abcdef
bindings: {email: {address: help@example.com, name: Help Desk}}
dateCreated: "2015-12-16T23:18:37+01:00"
dateUpdated: "2015-12-17T08:00:00Z"
webhookEnabled: true
`

// everyFieldForm is what Twilio is to be sent for everyField.
var everyFieldForm = form(
	"FriendlyName", "Ms. Müller & Co.",
	"UniqueName", "support: 42 ?#%",
	"State", "inactive",
	"Timers.Inactive", "PT36H",
	"Timers.Closed", "P2D",
	"Attributes", `{"a":{"<b>":"ü & \\u003c"},"big":9007199254740993,"z":[1,2.5,null]}`,
	"MessagingServiceSid", "MG0123456789abcdef0123456789abcdef",
	"Bindings.Email.Address", "help@example.com",
	"Bindings.Email.Name", "Help Desk",
	"DateCreated", "2015-12-16T22:18:37Z",
	"DateUpdated", "2015-12-17T08:00:00Z",
)

var _ = Describe("A create", func() {
	It("sends every field once and reports what Twilio answered", func() {
		t := newTenant()
		t.apply("full", everyField)
		conv := t.settled("full", v1alpha1.ReasonSynced)
		Expect(t.sentRequests()).To(Equal([]sent{
			{http.MethodPost, "/v1/Conversations", everyFieldForm, "true"},
		}))
		there := t.only()
		Expect(there.Email).To(Equal(simulator.Email{Address: "help@example.com", Name: "Help Desk"}))
		Expect(statusOf(conv)).To(Equal(answered(there, "/v1/Conversations")))
		Expect(conv.Status.Origin).To(Equal(v1alpha1.OriginCreated))
		Expect(conv.Status.Drift).To(BeEmpty())
		Eventually(versions).WithArguments(conv).Should(Equal(3))
		Eventually(t.events("full")).Should(ConsistOf("Normal Created Created conversation " + there.SID + "."))
	})

	It("happens in the service that the spec names, and so does everything after it", func() {
		t := newTenant()
		service := t.newService()
		t.apply("full", "chatServiceSid: "+service+everyField)
		conv := t.settled("full", v1alpha1.ReasonSynced)
		there := t.only()
		collection := "/v1/Services/" + service + "/Conversations"
		Expect(there.ServiceSID).To(Equal(service))
		Expect(statusOf(conv)).To(Equal(answered(there, collection)))

		t.change("full", func(s *v1alpha1.ConversationSpec) { s.FriendlyName = "Another" })
		t.settled("full", v1alpha1.ReasonSynced)
		t.look("full")
		t.delete("full")
		t.gone("full")
		one := collection + "/" + there.SID
		Expect(t.sentRequests()).To(Equal([]sent{
			{http.MethodPost, collection, everyFieldForm, "true"},
			{http.MethodPost, one, form("FriendlyName", "Another"), "true"},
			{http.MethodGet, one, nil, ""},
			{http.MethodDelete, one, nil, "true"},
		}))
		Expect(t.conversations()).To(BeEmpty())
	})

	It("is followed by requests to the service that took it, also when the account's default service has changed", func() {
		t := newTenant()
		t.apply("vip", `{friendlyName: One}`)
		conv := t.settled("vip", v1alpha1.ReasonSynced)
		first := conv.Status.ChatServiceSID
		t.configure(func(c *simulator.Configuration) { c.DefaultServiceSID = random.SID("IS") })

		t.apply("vip", `{friendlyName: Two}`)
		t.settled("vip", v1alpha1.ReasonSynced)
		conv = t.look("vip")
		Expect(conv.Status.ChatServiceSID).To(Equal(first))
		t.delete("vip")
		t.gone("vip")
		one := "/v1/Services/" + first + "/Conversations/" + conv.Status.SID
		Expect(t.sentRequests()[1:]).To(Equal([]sent{
			{http.MethodPost, one, form("FriendlyName", "Two"), ""},
			{http.MethodGet, one, nil, ""},
			{http.MethodDelete, one, nil, ""},
		}))
		Expect(t.conversations()).To(BeEmpty())
	})

	It("needs nothing but a name", func() {
		t := newTenant()
		bare := &v1alpha1.Conversation{ObjectMeta: metav1.ObjectMeta{Namespace: t.Namespace, Name: "bare"}}
		t.create(bare)
		t.settled("bare", v1alpha1.ReasonSynced)
		Expect(t.lastForm()).To(Equal(form("UniqueName", plan.GeneratedName(clusterName, t.Namespace, "bare"))))
	})

	It("tells Twilio to call no webhooks where the spec says so", func() {
		t := newTenant()
		t.apply("quiet", `{webhookEnabled: false}`)
		t.settled("quiet", v1alpha1.ReasonSynced)
		t.delete("quiet")
		t.gone("quiet")
		Expect(t.sentRequests()).To(HaveEach(HaveField("Webhook", "false")))
	})

	It("asks Twilio to call webhooks for every write where the account says so, but for objects that say otherwise", func() {
		t := newTenant()
		t.changeAccount(func(s *v1alpha1.TwilioAccountSpec) { s.WebhookEnabled = new(true) })
		Eventually(func() int64 {
			a := t.Account()
			Expect(k8s.Get(ctx(), client.ObjectKeyFromObject(a), a)).To(Succeed())
			return a.Status.ObservedGeneration
		}).Should(BeEquivalentTo(2), "the manager has seen the edit")
		t.apply("loud", `{}`)
		t.settled("loud", v1alpha1.ReasonSynced)
		t.apply("loud", `{friendlyName: Louder}`)
		t.settled("loud", v1alpha1.ReasonSynced)
		t.delete("loud")
		t.gone("loud")
		Expect(t.sentRequests()).To(And(HaveLen(3), HaveEach(HaveField("Webhook", "true"))))
		t.apply("quiet", `{webhookEnabled: false}`)
		t.settled("quiet", v1alpha1.ReasonSynced)
		Expect(t.sentRequests()).To(And(HaveLen(4), ContainElement(HaveField("Webhook", "false"))))
	})

	It("keeps attributes that are no object as they are", func() {
		t := newTenant()
		for name, text := range map[string]string{"list": "[1, a]", "text": `"x"`, "zero": "0", "no": "false"} {
			t.apply(name, "attributes: "+text)
			t.settled(name, v1alpha1.ReasonSynced)
			conv := t.look(name)
			Expect(conv.Status.Drift).To(BeEmpty())
		}
		var all []string
		for _, c := range t.conversations() {
			all = append(all, c.Attributes)
		}
		Expect(all).To(ConsistOf(`[1,"a"]`, `"x"`, `0`, `false`))
		Expect(t.writes()).To(HaveLen(4))
	})

	It("takes old answers that lack dates, bindings and links", func() {
		t := newTenantAt(ownTwilio(simulator.Options{Quirks: simulator.Quirks{SparseAnswers: true}}))
		t.apply("old", everyField)
		conv := t.settled("old", v1alpha1.ReasonSynced)
		Expect(conv.Status.Drift).To(BeEmpty())
		conv = t.look("old")
		Expect(conv.Status.Drift).To(BeEmpty())
		Expect(reason(conv.Status.Conditions)).To(Equal(v1alpha1.ReasonSynced))
		Expect(t.writes()).To(HaveLen(1))
	})
})

// statusOf keeps of a status what mirrors Twilio.
func statusOf(conv *v1alpha1.Conversation) v1alpha1.ConversationStatus {
	s := conv.Status.DeepCopy()
	return v1alpha1.ConversationStatus{
		SID: s.SID, AccountSID: s.AccountSID, ChatServiceSID: s.ChatServiceSID, MessagingServiceSID: s.MessagingServiceSID,
		UniqueName: s.UniqueName, FriendlyName: s.FriendlyName, State: s.State, Timers: s.Timers,
		DateCreated: s.DateCreated, DateUpdated: s.DateUpdated, URL: s.URL, Links: s.Links,
	}
}

// answered is the status that mirrors a conversation that was asked for under the given path.
func answered(c simulator.Conversation, collection string) v1alpha1.ConversationStatus {
	url := sim.URL + collection + "/" + c.SID
	s := v1alpha1.ConversationStatus{
		SID: c.SID, AccountSID: c.AccountSID, ChatServiceSID: c.ServiceSID, MessagingServiceSID: c.MessagingServiceSID,
		UniqueName: c.UniqueName, FriendlyName: c.FriendlyName, State: v1alpha1.ConversationState(c.State),
		DateCreated: second(c.DateCreated), DateUpdated: second(c.DateUpdated), URL: url,
		Links: &v1alpha1.ConversationLinks{
			Participants: url + "/Participants", Messages: url + "/Messages", Webhooks: url + "/Webhooks", Export: url + "/Export",
		},
	}
	if t := c.Timers; !t.Inactive.Deadline.IsZero() || !t.Closed.Deadline.IsZero() {
		s.Timers = &v1alpha1.TimersStatus{DateInactive: second(t.Inactive.Deadline), DateClosed: second(t.Closed.Deadline)}
	}
	return s
}

// second is a time as Twilio and Kubernetes write it: in whole seconds; nil for none.
func second(t time.Time) *metav1.Time {
	if t.IsZero() {
		return nil
	}
	return new(metav1.NewTime(t.Truncate(time.Second).Local()))
}
