// Copyright The conversations-operator Authors
// SPDX-License-Identifier: Apache-2.0

package plan

import (
	"encoding/json"
	"slices"
	"time"

	"github.com/conversations-operator/conversations-operator/api/v1alpha1"
)

// UpdateIntent is the annotation update-intent in the object. The operator writes the annotation before an update which
// would leave no trace if its answer were lost and the spec were edited once more. The intent is open until the status
// records the outcome of the update.
type UpdateIntent struct {
	// SID of the conversation of the announced update.
	SID string `json:"sid"`
	// UID of the object: a copied annotation says nothing. Empty: an earlier version of the operator wrote the annotation.
	UID string `json:"uid,omitempty"`
	// Time is when the intent was written, by the operator's clock. Time tells intents apart.
	Time time.Time `json:"time"`
	// TwilioTime is the same moment by Twilio's clock; zero if no answer had told Twilio's time yet.
	TwilioTime time.Time `json:"twilioTime,omitzero"`
	// Generation of the announced spec.
	Generation int64 `json:"generation"`
	// Fields to send, as paths within spec, and the fields of the open intent before.
	Fields []string `json:"fields"`
	// Earlier is the intent before this intent, and so on, as long as their updates may still take effect: the answer to a
	// later update says nothing of them.
	Earlier *UpdateIntent `json:"earlier,omitempty"`
}

// NewUpdateIntent is the record to write before the differences are sent, at the facts' time; nil: no record is needed.
func NewUpdateIntent(f *Facts, differences []Difference) *UpdateIntent {
	fields := unconfirmed(f, differences)
	if len(fields) == 0 {
		return nil
	}
	if open := f.openUpdate(); open != nil {
		// The annotation holds one intent, so the new intent takes over the fields without an outcome.
		fields = append(fields, open.Fields...)
	}
	slices.Sort(fields)
	earlier := f.UpdateIntent
	if earlier != nil && f.openUpdate() == nil {
		// A settled intent is over. An intent before the settled intent may still be open.
		earlier = earlier.Earlier
	}
	i := &UpdateIntent{
		SID: f.Object.Status.SID, UID: string(f.Object.UID), Time: f.Now.UTC().Truncate(time.Microsecond),
		Generation: f.Object.Generation, Fields: slices.Compact(fields), Earlier: earlier.open(f),
	}
	if !f.TwilioNow.IsZero() {
		i.TwilioTime = f.TwilioNow.UTC().Truncate(time.Microsecond)
	}
	return i
}

// open is the intent, with its earlier intents, without the intents whose update can no longer take effect.
func (i *UpdateIntent) open(f *Facts) *UpdateIntent {
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

// left is for how long the update may still take effect.
func (i *UpdateIntent) left(f *Facts) time.Duration {
	return (&Intent{Time: i.Time, TwilioTime: i.TwilioTime, Timeout: f.Timeout}).left(f)
}

// CoversUpdate reports whether the recorded intent says the same, is this process' own, is not settled, and is young
// enough to bound an update which begins now. Another process may be sending an update under an intent of its own.
func (f *Facts) CoversUpdate(i *UpdateIntent) bool {
	r := f.UpdateIntent
	if r == nil || !f.OwnUpdateIntent || r.SID != i.SID || r.Generation != i.Generation || r.id() == f.applied().Answered || !slices.Equal(r.Fields, i.Fields) {
		return false
	}
	age, window := i.Time.Sub(r.Time), (&Intent{Timeout: f.Timeout}).scaled(StartWindow)
	return age > -window && age < window
}

// ParseUpdateIntent reads the text of an update intent; nil for an empty text and for a text which is no intent.
func ParseUpdateIntent(text string) *UpdateIntent {
	var i UpdateIntent
	if text == "" || json.Unmarshal([]byte(text), &i) != nil || i.Time.IsZero() {
		return nil
	}
	return &i
}

// String is the text which ParseUpdateIntent reads.
func (i UpdateIntent) String() string {
	text, _ := json.Marshal(i) // strings, numbers and times always encode
	return string(text)
}

// id is the name of the intent in the status.
func (i *UpdateIntent) id() string { return i.Time.Format(time.RFC3339Nano) }

// openUpdate is the open update intent; nil without an open intent.
func (f *Facts) openUpdate() *UpdateIntent {
	i := f.UpdateIntent
	if i == nil || f.UpdateUnsent || i.UID != "" && i.UID != string(f.Object.UID) {
		return nil
	}
	if i.SID == f.Object.Status.SID && i.id() != f.applied().Answered {
		return i
	}
	return nil
}

// UpdateUnknown reports whether the outcome of an update is unknown.
func (f *Facts) UpdateUnknown() bool { return f.openUpdate() != nil }

// unheard reports whether a field was sent, or about to be sent, and no answer came.
func (f *Facts) unheard(path string) bool {
	i := f.openUpdate()
	return i != nil && slices.Contains(i.Fields, path) || slices.Contains(f.applied().Unconfirmed, path)
}

// answeredUpdate names the update intent which is settled once the status records the present applied values.
func (f *Facts) answeredUpdate() string {
	if i := f.openUpdate(); i != nil {
		return i.id()
	}
	return f.applied().Answered
}

// NotUpdated adds that an update certainly had no effect, which settles its intent.
func (f *Facts) NotUpdated() {
	if a := f.Object.Status.LastApplied; a != nil {
		a.Answered = f.answeredUpdate()
	}
}

// unconfirmed names the differences of which an update would leave no trace if its answer were lost and the spec were
// edited once more: timers and dates are not compared, Twilio moves the state unasked, a field which was never applied
// is not compared after the user drops the field, and Report would leave the difference as drift.
func unconfirmed(f *Facts, differences []Difference) (paths []string) {
	reports := f.policy() == v1alpha1.ManagementPolicyReport
	for _, v := range fields(f) {
		sent := slices.ContainsFunc(differences, func(d Difference) bool { return d.Field == v.path })
		if sent && (reports || v.quiet || v.applied == "" && v.clears) {
			paths = append(paths, v.path)
		}
	}
	if slices.ContainsFunc(differences, func(d Difference) bool { return d.Field == FieldState }) {
		paths = append(paths, FieldState)
	}
	return paths
}

// overtaken: an update for an earlier edit may still take effect, and would undo the update of now.
func (f *Facts) overtaken() bool { return f.confirmedIn() > 0 }

// confirmedIn is how long until no update for another edit can take effect any more.
func (f *Facts) confirmedIn() (left time.Duration) {
	i := f.openUpdate()
	if i == nil && f.UpdateIntent != nil {
		i = f.UpdateIntent.Earlier
	}
	for ; i != nil; i = i.Earlier {
		if i.SID == f.Object.Status.SID && i.Generation != f.Object.Generation {
			left = max(left, i.left(f))
		}
	}
	return left
}
