// Copyright The conversations-operator Authors
// SPDX-License-Identifier: Apache-2.0

package plan

import (
	"cmp"
	"encoding/json"
	"reflect"
	"time"

	"github.com/conversations-operator/conversations-operator/api/v1alpha1"
	"github.com/conversations-operator/conversations-operator/internal/twilio"
)

const (
	// StartWindow is how old an intent may be when its POST begins; an older intent is written anew first. StartWindow and
	// the time-out of a request bound when a create can still be on its way.
	StartWindow = 5 * time.Second
	// SettleWindow is how long after its intent a create may still take effect at Twilio: the time to begin, a request's
	// time-out, and as much again for Twilio to end the work on the request.
	//
	// Both windows are for requests with [twilio.DefaultTimeout], and shrink and grow with another time-out.
	SettleWindow = 30 * time.Second
	// clockAllowance covers whole seconds (Twilio's dates have no fractions) and the skew of clocks.
	clockAllowance = 5 * time.Second
)

// Intent is the record in the object before a conversation is created for the object. The record makes every lost
// answer and every crash resolvable: the record proves that a conversation under a user's unique name is ours, and
// tells whether, and until when, a create may be on its way.
type Intent struct {
	// UID of the object: a copied manifest proves nothing.
	UID string `json:"uid"`
	// Time is when the intent was written, by the operator's clock.
	Time time.Time `json:"time"`
	// TwilioTime is the same moment by Twilio's clock; zero if no answer had told Twilio's time yet.
	TwilioTime time.Time `json:"twilioTime,omitzero"`
	// Replaces is status.sid at the time of the intent: the intent is settled once status.sid has another value.
	Replaces string `json:"replaces,omitempty"`
	// Name is the unique name of the announced conversation.
	Name string `json:"name"`
	// Place is where the conversation is to be created; nil: an earlier version of the operator wrote the intent.
	Place *Place `json:"place,omitempty"`
	// Marked: the create carries the mark of the intent.
	Marked bool `json:"marked,omitempty"`
	// Refused: an answer said that the create had no effect. The answer may be wrong: a proxy which repeats a request
	// hears that the name exists, about the conversation which the request itself made.
	Refused bool `json:"refused,omitempty"`
	// Sent are the values to send. If the create took effect, Sent is the record of the last applied values.
	Sent *v1alpha1.AppliedSpec `json:"sent,omitempty"`
	// Timeout of the announced request; zero: [twilio.DefaultTimeout].
	Timeout time.Duration `json:"timeout,omitempty"`
	// DateCreated is the date in the announced request, if the request has a date.
	DateCreated string `json:"dateCreated,omitempty"`
	// Earlier is the intent before this intent, and so on, as long as the outcome of their creates was still open: an
	// earlier create may yet turn out to have taken effect, with the values sent then.
	Earlier *Intent `json:"earlier,omitempty"`
}

// Place is where a conversation is, or is to be: the meaning of a name or a sid depends on the place.
type Place struct {
	// AccountSID of the Twilio account; empty: Twilio had not named the account.
	AccountSID string `json:"accountSid,omitempty"`
	// Region of the account; empty: us1.
	Region string `json:"region,omitempty"`
	// ServiceSID of the Conversation Service; empty: the account's default service.
	ServiceSID string `json:"serviceSid,omitempty"`
}

// NewIntent announces a create for the facts' object, at the facts' time.
func NewIntent(f *Facts) Intent {
	i := Intent{
		UID:         string(f.Object.UID),
		Time:        f.Now.UTC().Truncate(time.Millisecond),
		Replaces:    f.Object.Status.SID,
		Name:        f.CreateName(),
		Place:       &Place{AccountSID: f.Account.SID, Region: f.Account.Region, ServiceSID: f.Object.Spec.ChatServiceSID},
		Marked:      markable(f),
		Sent:        sending(f),
		Timeout:     f.Timeout,
		DateCreated: f.Object.Spec.DateCreated,
	}
	// The new intent replaces the old text in the annotation, so open intents move into the new intent.
	i.Earlier = f.lost().open(f.asAsked())
	if !f.TwilioNow.IsZero() {
		i.TwilioTime = f.TwilioNow.UTC().Truncate(time.Millisecond)
	}
	return i
}

// sending are the values which a create sends now. A conversation cannot be created closed.
func sending(f *Facts) *v1alpha1.AppliedSpec {
	sent := Applied(f, CreateDifferences(f))
	sent.UniqueName, sent.Unechoed, sent.Explained, sent.Answered = f.CreateName(), nil, false, ""
	if f.Object.Spec.State == v1alpha1.StateClosed {
		sent.State = ""
	}
	return sent
}

// ParseIntent reads the text of an intent; nil for an empty text and for a text which is no intent.
func ParseIntent(text string) *Intent {
	var i Intent
	if text == "" || json.Unmarshal([]byte(text), &i) != nil || i.UID == "" || i.Time.IsZero() {
		return nil
	}
	return &i
}

// String is the text which ParseIntent reads.
func (i Intent) String() string {
	text, _ := json.Marshal(i) // strings and times always encode
	return string(text)
}

// fresh tells whether a create may begin under the intent: the intent is young, and announces the values to send now.
func (i *Intent) fresh(f *Facts) bool {
	age, window := f.Now.Sub(i.Time), i.scaled(StartWindow)
	return age < window && age > -window && i.Name == f.CreateName() && i.DateCreated == f.Object.Spec.DateCreated &&
		i.Place != nil && *i.Place == *NewIntent(f).Place && i.Marked == markable(f) && reflect.DeepEqual(i.Sent, sending(f))
}

// left is for how long the announced create may still take effect.
func (i *Intent) left(f *Facts) time.Duration {
	return max(0, i.scaled(SettleWindow)-f.since(i.Time, i.TwilioTime))
}

// since is how long ago a record was written, by Twilio's clock if known: a clock of this machine may jump.
func (f *Facts) since(here, atTwilio time.Time) time.Duration {
	if !atTwilio.IsZero() && !f.TwilioNow.IsZero() {
		return max(0, f.TwilioNow.Sub(atTwilio))
	}
	return max(0, f.Now.Sub(here))
}

// scaled is a window for the time-out of the intent's request.
func (i *Intent) scaled(window time.Duration) time.Duration {
	return time.Duration(window.Seconds() / twilio.DefaultTimeout.Seconds() * float64(cmp.Or(i.Timeout, twilio.DefaultTimeout)))
}

// open is the intent, with its earlier intents, without the intents whose create can no longer take effect.
func (i *Intent) open(f *Facts) *Intent {
	if i == nil {
		return nil
	}
	earlier := i.Earlier.open(f)
	if i.left(f) == 0 {
		return earlier
	}
	next := *i
	next.Earlier = earlier
	return &next
}

// asAsked are the facts at the time of the lookup which found the name free. A create which could still take effect
// after the lookup may have taken effect unseen: the API server may take long for an announcement.
func (f *Facts) asAsked() *Facts {
	if f.askedAt.IsZero() {
		return f
	}
	at := *f
	at.Now, at.TwilioNow = f.askedAt, f.askedAtTwilio
	return &at
}

// pending is the intent, this or an earlier intent, whose create may still take effect for the longest time; nil
// without such an intent. An answered create is over, even if the answer is not believed.
func (i *Intent) pending(f *Facts) *Intent {
	if i == nil {
		return nil
	}
	if !i.Refused && i.left(f) > 0 {
		return i
	}
	return i.Earlier.pending(f)
}

// pendingBeside tells whether a create which did not make the found conversation may still take effect. Only the mark
// tells which create made the conversation: if two creates would have made the same conversation, each may be the
// create still to come.
func (i *Intent) pendingBeside(f *Facts, found *twilio.Conversation) bool {
	made := i.makerOf(f, found)
	pending, over := 0, false
	for ; i != nil; i = i.Earlier {
		switch {
		case Bears(found, i):
		case !i.Refused && i.left(f) > 0:
			pending++
		// A create which is over may have made the conversation. Then every pending create is still to come.
		case made == nil || i.made(f, found):
			over = true
		}
	}
	if made != nil && Bears(found, made) || over {
		return pending > 0
	}
	return pending > 1
}

// makerOf is the intent, this or an earlier intent, whose create made the found conversation; nil without such an
// intent.
func (i *Intent) makerOf(f *Facts, found *twilio.Conversation) *Intent {
	if i == nil || i.made(f, found) {
		return i
	}
	return i.Earlier.makerOf(f, found)
}

// made tells whether the announced create made the found conversation. The mark of the intent proves so, and another
// mark disproves so. Without a mark, every known value of the conversation must be as the create would have made the
// value, and under a user's name no answer may have said that the create was refused.
func (i *Intent) made(f *Facts, found *twilio.Conversation) bool {
	if found.UniqueName != i.Name {
		return false
	}
	switch mark := markOf(found.Attributes); {
	case i.Marked && mark == i.Mark():
		return true
	// The mark belongs to another create, or is missing although Twilio keeps marks.
	case mark != "", i.Marked && f.Account.KeepsMarks:
		return false
	case i.Refused && found.UniqueName != f.Generated:
		// Twilio may have refused the create because another conversation has the name.
		return false
	}
	return i.resembles(f, found) && i.contemporary(f, found)
}

// resembles tells whether the found conversation has the sent values.
func (i *Intent) resembles(f *Facts, found *twilio.Conversation) bool {
	if i.Sent == nil {
		return false
	}
	for _, v := range i.fields(f, found) {
		if v.applied != "" && v.known && !v.quiet && v.path != FieldUniqueName && !v.has() {
			return false
		}
	}
	return true
}

// contemporary tells whether the found conversation is, by Twilio's clock, neither older than the intent nor younger
// than its create can be, or has the sent date. The intent outlives its create, and another owner may take the name
// afterwards.
func (i *Intent) contemporary(f *Facts, found *twilio.Conversation) bool {
	if found.DateCreated == nil {
		return false
	}
	if i.DateCreated != "" {
		return sameTime(found.DateCreated.Format(time.RFC3339), i.DateCreated)
	}
	at := i.TwilioTime
	if at.IsZero() {
		if found.ServerTime.IsZero() {
			return false
		}
		// Requests take time: compare the clocks at the moment of the answer, not of the pass' begin.
		answered := found.AnsweredAt
		if answered.IsZero() {
			answered = f.Now
		}
		at = i.Time.Add(found.ServerTime.Sub(answered))
	}
	return !found.DateCreated.Before(at.Add(-clockAllowance)) && !found.DateCreated.After(at.Add(i.scaled(SettleWindow)+clockAllowance))
}

// fields are the fields of the found conversation, compared with the announced values.
func (i *Intent) fields(f *Facts, found *twilio.Conversation) []field {
	at := *f
	at.Observed, at.Object = found, &v1alpha1.Conversation{Status: v1alpha1.ConversationStatus{LastApplied: i.Sent}}
	return fields(&at)
}

// Claims tells whether the announced create of the facts' object may have made the observed conversation.
func (f *Facts) Claims() bool { return f.announced() && f.Intent.makerOf(f, f.Observed) != nil }

// Before orders the intents of two objects which announced the same name, in the same way for every caller.
func (i *Intent) Before(other *Intent) bool {
	if !i.Time.Equal(other.Time) {
		return i.Time.Before(other.Time)
	}
	return i.UID < other.UID
}

// Fresh tells whether a create may begin under the recorded intent; else the caller records a new intent first. An
// intent under which a create may have been sent is used up, because the intent is the only trace of the create.
func (f *Facts) Fresh() bool { return f.announced() && f.Unsent && f.Intent.fresh(f) }
