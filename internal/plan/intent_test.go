// Copyright The conversations-operator Authors
// SPDX-License-Identifier: Apache-2.0

package plan

import (
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"
	"k8s.io/apimachinery/pkg/types"

	"github.com/conversations-operator/conversations-operator/api/v1alpha1"
	"github.com/conversations-operator/conversations-operator/internal/twilio"
)

// intends records a create for the facts at their own time, with what is known of Twilio's clock.
func intends(skew time.Duration, known bool) setup {
	return func(f *Facts) {
		if known {
			f.TwilioNow = f.Now.Add(-skew)
		}
		f.Intent = new(NewIntent(f))
		f.TwilioNow = time.Time{}
	}
}

// later moves the operator's clock.
func later(d time.Duration) setup { return func(f *Facts) { f.Now = f.Now.Add(d) } }

// wanted is what the cases want: a name of the user's, and one value of every kind that is compared.
var wanted = all(named("vip"), friendly("VIP"), attributesOf(`{"a":1,"n":9007199254740993}`), emailed("a@example.com"))

func TestAnIntentProvesWhatItAnnounced(t *testing.T) {
	const skew = 10 * time.Minute
	born := func(d time.Duration) with { return bornAt(noon.Add(d)) }
	cases := []struct {
		name  string
		facts *Facts
		want  bool
	}{
		{"What was announced a moment ago and is as it was sent is ours", given(wanted, intends(0, true), finds(born(time.Second))), true},
		{"The meaning of attributes counts",
			given(wanted, intends(0, true), finds(born(0), func(c *twilio.Conversation) { c.Attributes = `{ "n": 9007199254740993, "a": 1.0 }` })), true},
		{"Another value of attributes is not what was sent",
			given(wanted, intends(0, true), finds(born(0), func(c *twilio.Conversation) { c.Attributes = `{"n":9007199254740992,"a":1}` })), false},
		{"Another friendly name is not what was sent", given(wanted, intends(0, true), finds(born(0), called("other"))), false},
		{"Another binding is not what was sent",
			given(wanted, intends(0, true), finds(born(0), func(c *twilio.Conversation) { c.Bindings.Email.Address = "b@example.com" })), false},
		{"Bindings that Twilio says nothing about prove nothing against it",
			given(wanted, intends(0, true), finds(born(0), func(c *twilio.Conversation) { c.Bindings = nil })), true},
		{"Another unique name is not what was announced", given(wanted, intends(0, true), finds(born(0), uniquely("VIP"))), false},
		{"Values that were not sent do not count", given(named("vip"), intends(0, true), finds(born(0), called("anything"))), true},
		{"An edit after the announcement does not count", given(wanted, intends(0, true), edit(friendly("newer")), finds(born(0), called("VIP"))), true},
		{"A value dropped after the announcement does not count", given(wanted, intends(0, true), edit(friendly("")), finds(born(0), called("VIP"))), true},

		{"Whole seconds are allowed for", given(wanted, intends(0, true), finds(born(-time.Second))), true},
		{"What is older is not ours", given(wanted, intends(0, true), finds(born(-time.Minute))), false},
		{"What a create could still become is ours", given(wanted, intends(0, true), later(time.Hour), finds(born(SettleWindow))), true},
		{"What is younger than any create of the announcement is not ours", given(wanted, intends(0, true), later(time.Hour), finds(born(time.Minute))), false},
		{"What has no date is not ours", given(wanted, intends(0, true), finds(func(c *twilio.Conversation) { c.DateCreated = nil })), false},

		{"A clock that is ahead is allowed for", given(wanted, intends(skew, true), finds(born(-skew))), true},
		{"A clock that is behind is allowed for", given(wanted, intends(-skew, true), finds(born(skew))), true},
		{"A clock that is ahead makes nothing older ours", given(wanted, intends(-skew, true), finds(born(0))), false},
		{"A clock that is ahead is told by the answer where it was not known",
			given(wanted, intends(0, false), finds(born(-skew), answeredAt(noon.Add(-skew)))), true},
		{"A clock that is behind is told by the answer where it was not known",
			given(wanted, intends(0, false), finds(born(0), answeredAt(noon.Add(skew)))), false},
		{"A slow answer is not a clock that is behind",
			given(wanted, intends(0, false), finds(born(0), func(c *twilio.Conversation) {
				c.ServerTime, c.AnsweredAt = noon.Add(time.Minute), noon.Add(time.Minute+time.Second)
			})), true},
		{"Without any clock of Twilio's nothing is proven", given(wanted, intends(0, false), finds(born(0), answeredAt(time.Time{}))), false},

		{"The date that was sent is the proof",
			given(wanted, dated("2020-01-01T00:00:00Z"), intends(0, true), finds(born(0), bornAt(time.Date(2020, 1, 1, 0, 0, 0, 0, time.UTC)))), true},
		{"The date that was sent may be in another zone",
			given(wanted, dated("2020-01-01T02:00:00.5+02:00"), intends(0, true), finds(bornAt(time.Date(2020, 1, 1, 0, 0, 0, 0, time.UTC)))), true},
		{"Another date than was sent is not ours", given(wanted, dated("2020-01-01T00:00:00Z"), intends(0, true), finds(born(0))), false},

		{"A copied manifest proves nothing", given(wanted, intends(0, true), func(f *Facts) { f.Object.UID = "uid-copy" }, finds(born(0))), false},
		{"An announcement for another conversation of the object proves nothing",
			given(wanted, created(), intends(0, true), func(f *Facts) { f.Object.Status.SID = newSID }, finds(born(0))), false},
		{"An announcement that certainly was not sent proves nothing", given(wanted, intends(0, true), unsent, finds(born(0))), false},
		{"What existed when the announced create was refused is not ours, however alike", given(wanted, intends(0, true), exists, finds(born(0))), false},
		{"What existed when the announced create was refused may be an earlier one's",
			given(wanted, intends(0, true), later(10*time.Second), intends(0, true), exists, finds(born(time.Second))), true},
		{"No announcement proves nothing", given(wanted, finds(born(0))), false},

		{"An earlier create may have taken effect with what was sent then",
			given(wanted, intends(0, true), later(10*time.Second), edit(friendly("newer")), intends(0, true), finds(born(time.Second), called("VIP"))), true},
		{"One before that, too",
			given(wanted, intends(0, true), later(10*time.Second), edit(friendly("newer")), intends(0, true), later(10*time.Second),
				edit(friendly("newest")), intends(0, true),
				finds(born(time.Second), called("VIP"))), true},
		{"A throttled create does not hide an earlier one",
			given(wanted, intends(0, true), later(10*time.Second), edit(friendly("newer")), intends(0, true), unsent, finds(born(time.Second), called("VIP"))), true},
		{"An earlier create that came to nothing proves nothing",
			given(wanted, intends(0, true), later(SettleWindow), edit(friendly("newer")), intends(0, true), finds(born(time.Second), called("VIP"))), false},
	}
	for _, c := range cases {
		t.Run(c.name, func(t *testing.T) {
			// The annotation is all that a later process has.
			if c.facts.Intent != nil {
				c.facts.Intent = ParseIntent(c.facts.Intent.String())
			}
			step := mustNotPanic(t, c.facts)
			if c.facts.Object.Status.SID == "" && (step.Verb == Adopt) != c.want {
				t.Errorf("row %q decides on %s", step.Row, step.Verb)
			}
			if got := c.facts.ours(); got != c.want {
				t.Errorf("ours: %t", got)
			}
		})
	}
}

func dated(date string) setup {
	return spec(func(s *v1alpha1.ConversationSpec) { s.DateCreated = date })
}

func TestAnIntentSurvivesItsText(t *testing.T) {
	f := given(wanted, dated("2020-01-01T00:00:00Z"), created(), intends(time.Minute, true), later(10*time.Second), intends(-time.Minute, true))
	if diff := cmp.Diff(f.Intent, ParseIntent(f.Intent.String())); diff != "" {
		t.Errorf("intent (-want +got):\n%s", diff)
	}
	for _, text := range []string{"", "null", "{}", "yes", `{"uid":"u"}`, `{"time":"2026-03-01T12:00:00Z"}`, `{"uid":1,"time":"2026-03-01T12:00:00Z"}`} {
		if got := ParseIntent(text); got != nil {
			t.Errorf("%q is read as %+v", text, got)
		}
	}
}

func TestAnIntentHoldsWhatIsSent(t *testing.T) {
	f := given(wanted, intends(0, true))
	spec := f.Object.Spec
	want := &v1alpha1.AppliedSpec{
		FriendlyName: spec.FriendlyName, UniqueName: f.CreateName(), State: string(spec.State),
		AttributesHash: HashAttributes(string(spec.Attributes.Raw)), EmailAddress: spec.Bindings.Email.Address,
	}
	if spec.Timers != nil {
		want.TimersInactive, want.TimersClosed = spec.Timers.Inactive, spec.Timers.Closed
	}
	if diff := cmp.Diff(want, f.Intent.Sent); diff != "" {
		t.Errorf("recorded (-want +got):\n%s", diff)
	}
}

func TestWhetherACreateMayBegin(t *testing.T) {
	cases := []struct {
		name  string
		facts *Facts
		fresh bool
	}{
		{"Again right after it was throttled", given(wanted, intends(0, true), unsent), true},
		{"Again a little later", given(wanted, intends(0, true), unsent, later(StartWindow-time.Second)), true},
		{"Not if one may have been sent: the announcement tells of that", given(wanted, intends(0, true)), false},
		{"Not when the announcement is old: it would not bound the create", given(wanted, intends(0, true), unsent, later(StartWindow)), false},
		{"Not when the announcement is of a time to come", given(wanted, intends(0, true), unsent, later(-StartWindow)), false},
		{"Not under another name", given(wanted, intends(0, true), unsent, edit(named("other"))), false},
		{"Not with another value", given(wanted, intends(0, true), unsent, edit(friendly("other"))), false},
		{"Not with a value more", given(named("vip"), intends(0, true), unsent, edit(friendly("VIP"))), false},
		{"Not with another date", given(wanted, intends(0, true), unsent, edit(dated("2020-01-01T00:00:00Z"))), false},
		{"With attributes that mean the same", given(attributesOf(`{"a":1}`), intends(0, true), unsent, edit(attributesOf(`{"a":1.0}`))), true},
		{"Not under the announcement of another object", given(wanted, intends(0, true), unsent, func(f *Facts) { f.Object.UID = types.UID("uid-copy") }), false},
		{"Not under the announcement of the conversation before", given(wanted, intends(0, true), unsent, created()), false},
		{"Not without an announcement", given(wanted), false},
	}
	for _, c := range cases {
		t.Run(c.name, func(t *testing.T) {
			if got := c.facts.Fresh(); got != c.fresh {
				t.Errorf("fresh: %t", got)
			}
		})
	}
}

// TestAClockThatWasAheadDelaysNoDeletion: how long a create may still take effect is told by Twilio's clock, if it is known.
func TestAClockThatWasAheadDelaysNoDeletion(t *testing.T) {
	const ahead = 2 * time.Hour
	for _, c := range []struct {
		name         string
		passed, want time.Duration
	}{
		{"at once", 0, SettleWindow},
		{"after a while", 10 * time.Second, SettleWindow - 10*time.Second},
		{"after the window", SettleWindow, 0},
	} {
		t.Run(c.name, func(t *testing.T) {
			// The clock of the process that announced the create was two hours ahead; the next process' clock is right.
			i := &Intent{Time: noon.Add(ahead), TwilioTime: noon}
			f := &Facts{Now: noon.Add(c.passed), TwilioNow: noon.Add(c.passed)}
			if left := i.left(f); left != c.want {
				t.Errorf("it waits for another %s, want %s", left, c.want)
			}
		})
	}
}

// TestALookSaysNothingOfWhatCameAfter: the API server takes so long for the announcement of the next create that the one
// before, which could still take effect when its name was asked for, has settled meanwhile.
func TestALookSaysNothingOfWhatCameAfter(t *testing.T) {
	f := given(named("vip"), intends(0, true))
	before := f.Intent
	f.NotFound(mustNotPanic(t, f))
	later(SettleWindow)(f)
	if next := NewIntent(f); next.Earlier == nil || !next.Earlier.Time.Equal(before.Time) {
		t.Errorf("the next intent is %s, and does not tell of the create before", next)
	}
}

func TestTheNumberOfEarlierIntentsIsBounded(t *testing.T) {
	f := given(wanted)
	for range 1000 {
		all(intends(0, true), later(StartWindow))(f)
	}
	depth := 0
	for i := f.Intent; i != nil; i = i.Earlier {
		depth++
	}
	if most := int(SettleWindow/StartWindow) + 1; depth > most {
		t.Errorf("an intent holds %d, want at most %d", depth, most)
	}
	if size := len(f.Intent.String()); size > 8<<10 {
		t.Errorf("its text takes %d bytes", size)
	}
}
