// Copyright The conversations-operator Authors
// SPDX-License-Identifier: Apache-2.0

package plan

import (
	"strings"
	"testing"
	"time"
	"unicode/utf8"

	"github.com/google/go-cmp/cmp"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"

	"github.com/conversations-operator/conversations-operator/api/v1alpha1"
	"github.com/conversations-operator/conversations-operator/internal/twilio"
)

// ends is the end of a pass: what the last step says is recorded, and what the pass learned is forgotten.
func ends(t *testing.T, f *Facts, step Step) {
	t.Helper()
	if !step.Verb.Ends() {
		t.Fatalf("row %q decides on %s, which ends no pass", step.Row, step.Verb)
	}
	f.Record(step)
	if step.Reason != "" {
		is(step.Reason)(f)
	}
	forget(f)
}

// fails is the end of a pass by an error.
func fails(f *Facts, reason string) {
	f.Record(Step{})
	is(reason)(f)
	forget(f)
}

func forget(f *Facts) {
	*f = Facts{Object: f.Object, Generated: f.Generated, Now: f.Now, Timeout: f.Timeout, Account: f.Account, Intent: f.Intent, Unsent: f.Unsent}
}

func TestRecordMirrorsWhatTwilioAnswered(t *testing.T) {
	f := given(wanted, wants(v1alpha1.StateActive), timers("PT1H", "PT2H"), created(), look,
		sees(idlesAt(noon.Add(time.Hour)), closesAt(noon.Add(2*time.Hour+time.Millisecond)), func(c *twilio.Conversation) {
			c.Links = map[string]string{"participants": "p", "messages": "m", "webhooks": "w", "export": "e"}
		}))
	ends(t, f, mustNotPanic(t, f))
	got := f.Object.Status
	got.Conditions, got.LastApplied = nil, nil
	want := v1alpha1.ConversationStatus{
		ObservedGeneration: 1, ObjectUID: "uid-vip", SID: ourSID, AccountSID: accountSID, ChatServiceSID: serviceSID, MessagingServiceSID: messagingSID,
		UniqueName: "vip", FriendlyName: "VIP", State: v1alpha1.StateActive, Origin: v1alpha1.OriginCreated,
		Timers: &v1alpha1.TimersStatus{
			DateInactive: new(metav1.NewTime(noon.Add(time.Hour))), DateClosed: new(metav1.NewTime(noon.Add(2 * time.Hour))),
		},
		DateCreated: new(metav1.NewTime(noon)), DateUpdated: new(metav1.NewTime(noon)),
		URL:   "https://conversations.twilio.com/v1/Conversations/" + ourSID,
		Links: &v1alpha1.ConversationLinks{Participants: "p", Messages: "m", Webhooks: "w", Export: "e"},
	}
	if diff := cmp.Diff(want, got); diff != "" {
		t.Errorf("status (-want +got):\n%s", diff)
	}
}

func TestDriftIsShownWithinBounds(t *testing.T) {
	text := `"` + strings.Repeat("ü", 300) + `"`
	f := given(reporting, attributesOf(text), created(), look, sees(func(c *twilio.Conversation) { c.Attributes = `{"b":2}` }))
	ends(t, f, mustNotPanic(t, f))
	want := []v1alpha1.FieldDrift{{Field: FieldAttributes, Desired: `"` + strings.Repeat("ü", 254) + "…", Observed: `{"b":2}`}}
	if diff := cmp.Diff(want, f.Object.Status.Drift); diff != "" {
		t.Errorf("drift (-want +got):\n%s", diff)
	}
	for _, d := range f.Object.Status.Drift {
		if utf8.RuneCountInString(d.Desired) > 256 {
			t.Errorf("%d characters", utf8.RuneCountInString(d.Desired))
		}
	}
	if step := mustNotPanic(t, f); step.Verb != Rest {
		t.Errorf("the next pass decides on %s", step.Verb)
	}
}

func TestWhatTwilioAnswersInOtherWordsIsSentOnce(t *testing.T) {
	tidy := called("VIP")
	f := given(created(), edit(friendly(" VIP ")))
	f.Updated(mustNotPanic(t, f), conversation(f, tidy))
	ends(t, f, mustNotPanic(t, f))
	if diff := cmp.Diff([]string{FieldFriendlyName}, f.Object.Status.LastApplied.Unechoed); diff != "" {
		t.Fatalf("unechoed (-want +got):\n%s", diff)
	}
	all(look, sees(called("Vip")))(f)
	step := mustNotPanic(t, f)
	if step.Verb != Keep || len(step.Drift) > 0 {
		t.Errorf("the next look decides on %s and reports %v", step.Verb, step.Drift)
	}
	ends(t, f, step)
	edit(friendly("VIP"))(f)
	step = mustNotPanic(t, f)
	if fieldsOf(step.Differences) != FieldFriendlyName {
		t.Fatalf("an edit sends %q", fieldsOf(step.Differences))
	}
	f.Updated(step, conversation(f))
	ends(t, f, mustNotPanic(t, f))
	if got := f.Object.Status.LastApplied.Unechoed; len(got) > 0 {
		t.Errorf("still unechoed: %v", got)
	}
}

func TestWhatIsCreatedInOtherWordsIsNotSentAgain(t *testing.T) {
	f := given(wanted)
	f.Created(conversation(f, called("V I P"), func(c *twilio.Conversation) { c.Attributes, c.Bindings = `{}`, &twilio.Bindings{} }))
	step := mustNotPanic(t, f)
	if step.Verb != Keep || step.Reason != v1alpha1.ReasonSynced {
		t.Errorf("row %q decides on %s", step.Row, step.Verb)
	}
	ends(t, f, step)
	if diff := cmp.Diff([]string{FieldFriendlyName, FieldAttributes, FieldEmailAddress}, f.Object.Status.LastApplied.Unechoed); diff != "" {
		t.Errorf("unechoed (-want +got):\n%s", diff)
	}
}

func TestReportLeavesWhatItFoundAndAppliesEditsOnly(t *testing.T) {
	other := called("other")
	f := given(reporting, ifExists, named("vip"), friendly("wanted"), timers("", "PT10M"), foundUnapplied, sees(other))
	ends(t, f, mustNotPanic(t, f))
	if got := fieldsOf(driftOf(f)); got != "friendlyName timers.closed" {
		t.Errorf("reported %q", got)
	}
	all(look, sees(other))(f)
	ends(t, f, mustNotPanic(t, f))
	if got := fieldsOf(driftOf(f)); got != "friendlyName timers.closed" {
		t.Errorf("reported %q at the next look", got)
	}
	edit(attributesOf(`{"a":1}`))(f)
	if step := mustNotPanic(t, f); fieldsOf(step.Differences) != FieldAttributes {
		t.Errorf("an edit sends %q", fieldsOf(step.Differences))
	}
	edit(attributesOf(""), policy(v1alpha1.ManagementPolicyEnforce))(f)
	if step := mustNotPanic(t, f); step.Verb != Fetch {
		t.Fatalf("Enforce decides on %s", step.Verb)
	}
	sees(other)(f)
	if step := mustNotPanic(t, f); fieldsOf(step.Differences) != "friendlyName timers.closed" || !step.Corrects {
		t.Errorf("Enforce sends %q, corrects: %t", fieldsOf(step.Differences), step.Corrects)
	}
}

func driftOf(f *Facts) []Difference {
	var out []Difference
	for _, d := range f.Object.Status.Drift {
		out = append(out, Difference{Field: d.Field})
	}
	return out
}

func TestDriftThatAnEditTakesBackIsNotReportedAnyMore(t *testing.T) {
	other := called("other")
	cases := []struct {
		name  string
		facts *Facts
		edit  setup
	}{
		{"A field that is handed back under Report", given(reporting, friendly("wanted"), created(), look, sees(other)), friendly("")},
		{"A state that is left out of a closed conversation", given(active, created(), look, sees(seenClosed, other)), wants("")},
		{"An edit of a closed conversation that is taken back",
			given(active, friendly("other"), created(seenClosed), edit(friendly("wanted")), sees(seenClosed, other)), friendly("other")},
	}
	for _, c := range cases {
		t.Run(c.name, func(t *testing.T) {
			ends(t, c.facts, mustNotPanic(t, c.facts))
			if len(c.facts.Object.Status.Drift) == 0 {
				t.Fatal("nothing was reported before")
			}
			edit(c.edit)(c.facts)
			step := mustNotPanic(t, c.facts)
			if step.Verb == Fetch {
				sees(func(conv *twilio.Conversation) {
					conv.FriendlyName, conv.State = "other", twilio.State(c.facts.Object.Status.State)
				})(c.facts)
				step = mustNotPanic(t, c.facts)
			}
			ends(t, c.facts, step)
			if got := c.facts.Object.Status.Drift; len(got) > 0 {
				t.Errorf("still reported: %v", got)
			}
		})
	}
}

func TestObserveAppliesNothing(t *testing.T) {
	f := given(friendly("one"), created(), edit(observing, friendly("")), sees(called("one")))
	step := mustNotPanic(t, f)
	if len(step.Kept) > 0 {
		t.Errorf("Observe hands back %v", step.Kept)
	}
	ends(t, f, step)
	if got := f.Object.Status.LastApplied.FriendlyName; got != "one" {
		t.Errorf("recorded as applied: %q", got)
	}
	if step := mustNotPanic(t, f); step.Verb != Rest {
		t.Errorf("the next pass decides on %s", step.Verb)
	}
}

func TestWhatIsGoneIsLookedForAgain(t *testing.T) {
	cases := []struct {
		name  string
		facts *Facts
		gone  setup
	}{
		{"A conversation that was deleted to start over", given(startingOver, created(seenClosed)), func(f *Facts) { f.Deleted() }},
		{"A conversation that vanished", given(created(), look), missing},
	}
	for _, c := range cases {
		for _, reason := range []string{
			v1alpha1.ReasonRejected, v1alpha1.ReasonCredentialsRejected, v1alpha1.ReasonTwilioUnavailable, v1alpha1.ReasonAccountNotReady,
		} {
			t.Run(c.name+", and the create ended as "+reason, func(t *testing.T) {
				f := new(*c.facts)
				f.Object = f.Object.DeepCopy()
				c.gone(f)
				if step := mustNotPanic(t, f); step.Verb != Create {
					t.Fatalf("row %q decides on %s", step.Row, step.Verb)
				}
				fails(f, reason)
				if step := mustNotPanic(t, f); step.Verb != Fetch && step.Verb != Delete {
					t.Errorf("the next pass decides on %s by row %q", step.Verb, step.Row)
				}
			})
		}
	}
}

func TestWhatWasFoundIsPutRightAlthoughTheFirstTryFails(t *testing.T) {
	f := given(ifExists, named("vip"), active, foundUnapplied, sees(seenInactive))
	step := mustNotPanic(t, f)
	if step.Verb != Update {
		t.Fatalf("row %q decides on %s", step.Row, step.Verb)
	}
	f.Record(Step{Drift: step.Drift})
	is(v1alpha1.ReasonTwilioUnavailable)(f)
	forget(f)
	sees(seenInactive)(f)
	if diff := cmp.Diff(sendActive, answerOf(mustNotPanic(t, f))); diff != "" {
		t.Errorf("second try (-want +got):\n%s", diff)
	}
}

func TestA404IsBelievedOnceTheAccountIsKnown(t *testing.T) {
	f := given(created(), look, missing, accountIs(Account{}))
	ends(t, f, mustNotPanic(t, f))
	accountIs(Account{SID: accountSID})(f)
	if step := mustNotPanic(t, f); step.Verb != Fetch {
		t.Fatalf("row %q decides on %s", step.Row, step.Verb)
	}
	missing(f)
	if step := mustNotPanic(t, f); step.Verb != Create {
		t.Errorf("row %q decides on %s", step.Row, step.Verb)
	}
}
