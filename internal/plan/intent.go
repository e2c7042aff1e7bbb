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
	// StartWindow is how old an intent may be when its POST begins; an older one is written anew first. Together with
	// the time-out of a request it bounds when a create can still be on its way.
	StartWindow = 5 * time.Second
	// SettleWindow is how long after its intent a create may still take effect at Twilio: the time to begin, a
	// request's time-out, and as much again for Twilio to end what it began.
	//
	// Both are for requests with [twilio.DefaultTimeout], and shrink and grow with another one.
	SettleWindow = 30 * time.Second
	// clockAllowance covers whole seconds (Twilio's dates have no fractions) and the skew of clocks.
	clockAllowance = 5 * time.Second
)

// Intent is what is recorded in the object before a conversation is created for it. It makes every lost answer and
// every crash resolvable: it proves a user's unique name ours, and tells whether, and until when, a create may be on
// its way.
type Intent struct {
	// UID is the object's: a copied manifest proves nothing.
	UID string `json:"uid"`
	// Time is when it was written, by the operator's clock.
	Time time.Time `json:"time"`
	// TwilioTime is the same moment by Twilio's clock; zero where no answer had told that yet.
	TwilioTime time.Time `json:"twilioTime,omitzero"`
	// Replaces is status.sid when it was written: the intent is settled once status.sid is another.
	Replaces string `json:"replaces,omitempty"`
	// Name is the unique name that was about to be created.
	Name string `json:"name"`
	// Place is where it was about to be created; nil: an earlier version of the operator wrote the intent.
	Place *Place `json:"place,omitempty"`
	// Marked: the create carries the mark of the intent.
	Marked bool `json:"marked,omitempty"`
	// Refused: an answer said that the create did not happen. Whoever wrote that answer may be wrong: a proxy that repeats
	// a request hears that the name exists, of the conversation that the request itself made.
	Refused bool `json:"refused,omitempty"`
	// Sent is what was about to be sent. Once the create turns out to have taken effect, it is what was last applied.
	Sent *v1alpha1.AppliedSpec `json:"sent,omitempty"`
	// Timeout of the request that was about to be sent; zero: [twilio.DefaultTimeout].
	Timeout time.Duration `json:"timeout,omitempty"`
	// DateCreated is the date that was about to be sent, if one was.
	DateCreated string `json:"dateCreated,omitempty"`
	// Earlier is the intent that this one follows, and so on, as far as the outcome of their creates was still open:
	// one may yet turn out to have taken effect, with what was sent then.
	Earlier *Intent `json:"earlier,omitempty"`
}

// Place is where a conversation is, or is to be: what a name or a sid means depends on it.
type Place struct {
	// AccountSID of the Twilio account; empty: Twilio had not told it.
	AccountSID string `json:"accountSid,omitempty"`
	// Region of the account; empty: us1.
	Region string `json:"region,omitempty"`
	// ServiceSID of the Conversation Service; empty: the account's default one.
	ServiceSID string `json:"serviceSid,omitempty"`
}

// NewIntent records what is about to be created for the facts' object, at their time.
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
	i.Earlier = f.lost().open(f.asAsked())
	if !f.TwilioNow.IsZero() {
		i.TwilioTime = f.TwilioNow.UTC().Truncate(time.Millisecond)
	}
	return i
}

// sending is what a create sends now. A conversation cannot be created closed.
func sending(f *Facts) *v1alpha1.AppliedSpec {
	sent := Applied(f, CreateDifferences(f))
	sent.UniqueName, sent.Unechoed, sent.Explained, sent.Answered = f.CreateName(), nil, false, ""
	if f.Object.Spec.State == v1alpha1.StateClosed {
		sent.State = ""
	}
	return sent
}

// ParseIntent reads the text of an intent; nil when it is empty or not one.
func ParseIntent(text string) *Intent {
	var i Intent
	if text == "" || json.Unmarshal([]byte(text), &i) != nil || i.UID == "" || i.Time.IsZero() {
		return nil
	}
	return &i
}

// String is the text that ParseIntent reads.
func (i Intent) String() string {
	text, _ := json.Marshal(i) // strings and times always encode
	return string(text)
}

// fresh tells whether a create may begin under the intent: it is young, and announces what would be sent now.
func (i *Intent) fresh(f *Facts) bool {
	age, window := f.Now.Sub(i.Time), i.scaled(StartWindow)
	return age < window && age > -window && i.Name == f.CreateName() && i.DateCreated == f.Object.Spec.DateCreated &&
		i.Place != nil && *i.Place == *NewIntent(f).Place && i.Marked == markable(f) && reflect.DeepEqual(i.Sent, sending(f))
}

// left is for how long the create that the intent announces may still take effect.
func (i *Intent) left(f *Facts) time.Duration {
	return max(0, i.scaled(SettleWindow)-f.since(i.Time, i.TwilioTime))
}

// since is how long ago something was written, by Twilio's clock where that is known: a clock of this machine may jump.
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

// open is the intent, and those before it, without what can no longer take effect.
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

// asAsked are the facts at the time at which nobody was found to have the name. A create that could take effect until after
// that may have done so unseen: the API server may take long for an announcement.
func (f *Facts) asAsked() *Facts {
	if f.askedAt.IsZero() {
		return f
	}
	at := *f
	at.Now, at.TwilioNow = f.askedAt, f.askedAtTwilio
	return &at
}

// pending is the intent, this one or one before it, whose create may still take effect for the longest time; nil if none
// can. A create that was answered is over, even where the answer is not believed.
func (i *Intent) pending(f *Facts) *Intent {
	if i == nil {
		return nil
	}
	if !i.Refused && i.left(f) > 0 {
		return i
	}
	return i.Earlier.pending(f)
}

// pendingBeside tells whether a create that did not make the found conversation may still take effect. Only the mark tells
// which of them made it: where two would have made the same, each of them may be the one that is still to come.
func (i *Intent) pendingBeside(f *Facts, found *twilio.Conversation) bool {
	made := i.of(f, found)
	pending, over := 0, false
	for ; i != nil; i = i.Earlier {
		switch {
		case Bears(found, i):
		case !i.Refused && i.left(f) > 0:
			pending++
		case made == nil || i.made(f, found):
			over = true
		}
	}
	if made != nil && Bears(found, made) || over {
		return pending > 0
	}
	return pending > 1
}

// of is the intent, this one or one before it, that announced the found conversation; nil if none did.
func (i *Intent) of(f *Facts, found *twilio.Conversation) *Intent {
	if i == nil || i.made(f, found) {
		return i
	}
	return i.Earlier.of(f, found)
}

// made tells whether the create that the intent announced made the found conversation. The mark of the intent proves it,
// and another mark disproves it. Without a mark, the conversation must look in all that is known as the create would
// have made it, and under a user's name no answer may have said that the create was refused.
func (i *Intent) made(f *Facts, found *twilio.Conversation) bool {
	if found.UniqueName != i.Name {
		return false
	}
	switch mark := markOf(found.Attributes); {
	case i.Marked && mark == i.Mark():
		return true
	case mark != "", i.Marked && f.Account.KeepsMarks:
		return false
	case i.Refused && found.UniqueName != f.Generated:
		// Twilio may have refused the create because another conversation has the name.
		return false
	}
	return i.resembles(f, found) && i.contemporary(f, found)
}

// resembles tells whether the found conversation carries what was sent.
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

// contemporary tells whether the found conversation is, by Twilio's clock, neither older than the intent nor younger than
// its create can be, or has the date that was sent. The intent outlives its create, and somebody else may take the name
// after that.
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
		// Requests take time: the clocks are compared at the moment of the answer, not of the pass' begin.
		answered := found.AnsweredAt
		if answered.IsZero() {
			answered = f.Now
		}
		at = i.Time.Add(found.ServerTime.Sub(answered))
	}
	return !found.DateCreated.Before(at.Add(-clockAllowance)) && !found.DateCreated.After(at.Add(i.scaled(SettleWindow)+clockAllowance))
}

// fields are those of the found conversation, seen against what the intent announced.
func (i *Intent) fields(f *Facts, found *twilio.Conversation) []field {
	at := *f
	at.Observed, at.Object = found, &v1alpha1.Conversation{Status: v1alpha1.ConversationStatus{LastApplied: i.Sent}}
	return fields(&at)
}

// Claims tells whether the create that the facts' object announced may have made the conversation that is observed.
func (f *Facts) Claims() bool { return f.announced() && f.Intent.of(f, f.Observed) != nil }

// Before orders the intents of two objects that announced the same name, the same way for whoever asks.
func (i *Intent) Before(other *Intent) bool {
	if !i.Time.Equal(other.Time) {
		return i.Time.Before(other.Time)
	}
	return i.UID < other.UID
}

// Fresh tells whether a create may begin under the recorded intent; else a new one is recorded first. One under which
// a create may have been sent is used up: it is what tells that there was one.
func (f *Facts) Fresh() bool { return f.announced() && f.Unsent && f.Intent.fresh(f) }
