// Copyright The conversations-operator Authors
// SPDX-License-Identifier: Apache-2.0

package plan

import (
	"cmp"
	"strings"
	"testing"
	"time"

	apiextensionsv1 "k8s.io/apiextensions-apiserver/pkg/apis/apiextensions/v1"
	"k8s.io/apimachinery/pkg/api/meta"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"

	"github.com/conversations-operator/conversations-operator/api/v1alpha1"
	"github.com/conversations-operator/conversations-operator/internal/twilio"
)

var (
	accountSID      = sid("AC", 'a')
	otherAccountSID = sid("AC", 'b')
	serviceSID      = sid("IS", 'a')
	messagingSID    = sid("MG", 'a')
	ourSID          = sid("CH", 'a')
	otherSID        = sid("CH", 'b')
	newSID          = sid("CH", 'c')

	// noon is when everything in these tests happens, by every clock unless a test says otherwise.
	noon = time.Date(2026, 3, 1, 12, 0, 0, 0, time.UTC)
)

func long(n int) string { return strings.Repeat("x", n) }

func sid(kind string, digit byte) string { return kind + strings.Repeat(string(digit), 32) }

// setup prepares the facts of a case. Setups are applied in order: the spec first, then what is recorded of it, then
// what is edited later or learned in the pass.
type setup func(*Facts)

// given is a new object that nobody has looked at, and what the setups make of it.
func given(setups ...setup) *Facts {
	f := &Facts{
		Object: &v1alpha1.Conversation{
			ObjectMeta: metav1.ObjectMeta{
				Namespace: "support", Name: "vip", UID: "uid-vip", Generation: 1, Finalizers: []string{v1alpha1.Finalizer},
			},
			Status: v1alpha1.ConversationStatus{ObservedGeneration: -1},
		},
		Generated: GeneratedName("test", "support", "vip"),
		Now:       noon,
		Account:   Account{SID: accountSID, Key: "TwilioAccount support/default"},
	}
	all(setups...)(f)
	return f
}

func all(setups ...setup) setup {
	return func(f *Facts) {
		for _, s := range setups {
			s(f)
		}
	}
}

// spec changes what the object says, before anything is recorded of it.
func spec(change func(*v1alpha1.ConversationSpec)) setup {
	return func(f *Facts) { change(&f.Object.Spec) }
}

func policy(p v1alpha1.ManagementPolicy) setup {
	return spec(func(s *v1alpha1.ConversationSpec) { s.ManagementPolicy = p })
}

func deletion(p v1alpha1.DeletionPolicy) setup {
	return spec(func(s *v1alpha1.ConversationSpec) { s.DeletionPolicy = p })
}

func wants(state v1alpha1.ConversationState) setup {
	return spec(func(s *v1alpha1.ConversationSpec) { s.State = state })
}

func named(unique string) setup {
	return spec(func(s *v1alpha1.ConversationSpec) { s.UniqueName = unique })
}

func friendly(name string) setup {
	return spec(func(s *v1alpha1.ConversationSpec) { s.FriendlyName = name })
}

func adopts(a v1alpha1.AdoptionSpec) setup {
	return spec(func(s *v1alpha1.ConversationSpec) { s.Adoption = &a })
}

func attributesOf(text string) setup {
	return spec(func(s *v1alpha1.ConversationSpec) { s.Attributes = jsonOf(text) })
}

// jsonOf is the value of a field; nil for no text.
func jsonOf(text string) *apiextensionsv1.JSON {
	if text == "" {
		return nil
	}
	return &apiextensionsv1.JSON{Raw: []byte(text)}
}

func emailed(address string) setup {
	return spec(func(s *v1alpha1.ConversationSpec) { emailSpec(s).Address = address })
}

// emailIn and timersOf make room for what is set in them.
func emailIn(c *twilio.Conversation) *twilio.EmailBinding {
	if c.Bindings.Email == nil {
		c.Bindings.Email = &twilio.EmailBinding{}
	}
	return c.Bindings.Email
}

func timersOf(s *v1alpha1.ConversationSpec) *v1alpha1.TimersSpec {
	if s.Timers == nil {
		s.Timers = &v1alpha1.TimersSpec{}
	}
	return s.Timers
}

func timers(inactive, closed string) setup {
	return spec(func(s *v1alpha1.ConversationSpec) {
		s.Timers = &v1alpha1.TimersSpec{Inactive: inactive, Closed: closed}
	})
}

var (
	observing     = policy(v1alpha1.ManagementPolicyObserve)
	reporting     = policy(v1alpha1.ManagementPolicyReport)
	ifExists      = adopts(v1alpha1.AdoptionSpec{Policy: v1alpha1.AdoptionPolicyIfExists})
	bySID         = adopts(v1alpha1.AdoptionSpec{SID: ourSID})
	suspendedSpec = spec(func(s *v1alpha1.ConversationSpec) { s.Suspend = true })
	startingOver  = spec(func(s *v1alpha1.ConversationSpec) { s.ClosedPolicy = v1alpha1.ClosedPolicyRecreate })
)

// edit changes the spec after it was recorded.
func edit(changes ...setup) setup {
	return func(f *Facts) {
		all(changes...)(f)
		f.Object.Generation++
	}
}

// unanswered: so long ago an update was sent for the spec as it is, and nobody heard an answer.
func unanswered(ago time.Duration) setup {
	return func(f *Facts) {
		f.UpdateIntent = &UpdateIntent{SID: f.Object.Status.SID, Time: f.Now.Add(-ago), Generation: f.Object.Generation, Fields: []string{FieldState}}
	}
}

func beingDeleted(f *Facts) {
	f.Object.DeletionTimestamp = new(metav1.NewTime(noon))
	f.Object.Generation++
}

// with changes what Twilio answers.
type with = func(*twilio.Conversation)

func inState(s twilio.State) with { return func(c *twilio.Conversation) { c.State = s } }

func isSID(sid string) with { return func(c *twilio.Conversation) { c.SID = sid } }

func called(name string) with { return func(c *twilio.Conversation) { c.FriendlyName = name } }

func uniquely(name string) with { return func(c *twilio.Conversation) { c.UniqueName = name } }

func bornAt(t time.Time) with { return func(c *twilio.Conversation) { c.DateCreated = &t } }

// closesAt and idlesAt show the date of a timer.
func closesAt(t time.Time) with { return func(c *twilio.Conversation) { c.Timers.DateClosed = &t } }

func idlesAt(t time.Time) with { return func(c *twilio.Conversation) { c.Timers.DateInactive = &t } }

// conversation is what Twilio answers about a conversation that is as the spec says.
func conversation(f *Facts, changes ...with) *twilio.Conversation {
	s := &f.Object.Spec
	c := &twilio.Conversation{
		SID: ourSID, AccountSID: cmp.Or(f.Account.SID, accountSID), ChatServiceSID: cmp.Or(s.ChatServiceSID, serviceSID),
		MessagingServiceSID: cmp.Or(s.MessagingServiceSID, messagingSID),
		FriendlyName:        s.FriendlyName, UniqueName: f.CreateName(),
		Attributes: cmp.Or(attributes(s), noAttributes), State: cmp.Or(twilio.State(s.State), twilio.StateActive),
		DateCreated: new(noon), DateUpdated: new(noon), Bindings: &twilio.Bindings{}, ServerTime: noon,
		URL: "https://conversations.twilio.com/v1/Conversations/" + ourSID,
	}
	if s.Bindings != nil && s.Bindings.Email != nil {
		c.Bindings.Email = &twilio.EmailBinding{Address: s.Bindings.Email.Address, Name: s.Bindings.Email.Name}
	}
	for _, change := range changes {
		change(c)
	}
	return c
}

// recorded makes the object manage a conversation, in sync and with the status that says so.
func recorded(origin v1alpha1.Origin, changes ...with) setup {
	return func(f *Facts) {
		f.take(conversation(f, changes...), origin)
		f.Object.Status.LastApplied = Applied(f, nil)
		f.Record(Step{Verb: Keep})
		is(v1alpha1.ReasonSynced)(f)
		f.Observed = nil
	}
}

func created(changes ...with) setup { return recorded(v1alpha1.OriginCreated, changes...) }
func adopted(f *Facts)              { recorded(v1alpha1.OriginAdopted)(f) }

// onlyObserved makes the object one that observes a conversation somebody else made.
func onlyObserved(f *Facts) {
	f.take(conversation(f), "")
	f.Record(Step{Verb: Keep})
	is(v1alpha1.ReasonSynced)(f)
	f.Observed = nil
}

// is writes the condition Ready, as the controller does.
func is(reason string) setup {
	return func(f *Facts) {
		status := metav1.ConditionFalse
		switch reason {
		case v1alpha1.ReasonSynced, v1alpha1.ReasonClosed:
			status = metav1.ConditionTrue
		case v1alpha1.ReasonProgressing, v1alpha1.ReasonTwilioUnavailable:
			status = metav1.ConditionUnknown
		}
		s := &f.Object.Status
		meta.SetStatusCondition(&s.Conditions, metav1.Condition{
			Type: v1alpha1.ConditionReady, Status: status, Reason: reason, Message: "As it was.", ObservedGeneration: f.Object.Generation,
		})
		s.ObservedGeneration = f.Object.Generation
	}
}

// drifting records differences that are only reported.
func drifting(d ...v1alpha1.FieldDrift) setup {
	return func(f *Facts) { f.Object.Status.Drift = d }
}

// legacy makes the record one of a version that recorded neither UID nor Region.
func legacy(f *Facts) { f.Object.Status.ObjectUID, f.Object.Status.Region = "", "" }

// unheld takes the finalizer and every annotation away, as a replaced manifest does.
func unheld(f *Facts) { f.Object.Finalizers, f.Object.Annotations = nil, nil }

// announced records, that long ago, a create for the spec as it is.
func announced(ago time.Duration) setup {
	return func(f *Facts) {
		now := f.Now
		f.Now = now.Add(-ago)
		f.TwilioNow = f.Now
		f.Intent = new(NewIntent(f))
		f.Now, f.TwilioNow = now, time.Time{}
	}
}

func unsent(f *Facts) { f.Unsent = true }

// sees is a GET by sid that was answered.
func sees(changes ...with) setup {
	return func(f *Facts) { f.Found(Step{Verb: Fetch}, conversation(f, changes...)) }
}

// finds is a GET by unique name that was answered.
func finds(changes ...with) setup {
	return func(f *Facts) {
		conv := conversation(f, changes...)
		f.Found(Step{Verb: Lookup, Target: conv.UniqueName}, conv)
	}
}

func elsewhereManaged(f *Facts) { f.ManagedBy = "sales/other" }
func missing(f *Facts)          { f.NotFound(Step{Verb: Fetch}) }
func nobodyHasTheName(f *Facts) { f.NotFound(For(f)) }
func refused(f *Facts)          { f.Refused() }
func exists(f *Facts)           { f.Exists(Step{Verb: Create}) }
func look(f *Facts)             { f.Look = true }

func accountIs(a Account) setup { return func(f *Facts) { f.Account = a } }

// fieldsOf names the differences.
func fieldsOf(d []Difference) string { return strings.Join(Fields(d), " ") }

func mustNotPanic(t *testing.T, f *Facts) Step {
	t.Helper()
	defer func() {
		if r := recover(); r != nil {
			t.Fatalf("For panicked: %v\nspec %+v\nstatus %+v", r, f.Object.Spec, f.Object.Status)
		}
	}()
	return For(f)
}
