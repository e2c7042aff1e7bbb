// Copyright The conversations-operator Authors
// SPDX-License-Identifier: Apache-2.0

package plan

import (
	"encoding/json"
	"slices"
	"time"

	"github.com/conversations-operator/conversations-operator/api/v1alpha1"
)

// UpdateIntent is what is recorded in the object before an update that would leave no trace if its answer were lost and the
// spec were edited once more: the annotation update-intent. It is open until what became of the update is recorded in status.
type UpdateIntent struct {
	// SID of the conversation that was about to be updated.
	SID string `json:"sid"`
	// UID is the object's: a copied annotation says nothing. Empty: an earlier version of the operator wrote it.
	UID string `json:"uid,omitempty"`
	// Time is when it was written, by the operator's clock. It tells one from another.
	Time time.Time `json:"time"`
	// TwilioTime is the same moment by Twilio's clock; zero where no answer had told that yet.
	TwilioTime time.Time `json:"twilioTime,omitzero"`
	// Generation of the spec that was about to be sent.
	Generation int64 `json:"generation"`
	// Fields that were about to be sent, as paths within spec, and those of the open intent before.
	Fields []string `json:"fields"`
	// Earlier is the intent that this one follows, and so on, as far as their updates may still take effect: the answer to
	// a later update says nothing of them.
	Earlier *UpdateIntent `json:"earlier,omitempty"`
}

// NewUpdateIntent is what is to be recorded before the differences are sent, at the facts' time; nil for nothing.
func NewUpdateIntent(f *Facts, differences []Difference) *UpdateIntent {
	fields := unconfirmed(f, differences)
	if len(fields) == 0 {
		return nil
	}
	if open := f.openUpdate(); open != nil {
		fields = append(fields, open.Fields...)
	}
	slices.Sort(fields)
	earlier := f.UpdateIntent
	if earlier != nil && f.openUpdate() == nil {
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

// open is the intent, and those before it, without those whose update can no longer take effect.
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

// CoversUpdate reports whether the intent that is recorded says the same, is this process' own, is not settled, and is young enough
// to bound an update that begins now. Another process may be sending an update under its own.
func (f *Facts) CoversUpdate(i *UpdateIntent) bool {
	r := f.UpdateIntent
	if r == nil || !f.OwnUpdateIntent || r.SID != i.SID || r.Generation != i.Generation || r.id() == f.applied().Answered || !slices.Equal(r.Fields, i.Fields) {
		return false
	}
	age, window := i.Time.Sub(r.Time), (&Intent{Timeout: f.Timeout}).scaled(StartWindow)
	return age > -window && age < window
}

// ParseUpdateIntent reads the text of an update intent; nil when it is empty or not one.
func ParseUpdateIntent(text string) *UpdateIntent {
	var i UpdateIntent
	if text == "" || json.Unmarshal([]byte(text), &i) != nil || i.Time.IsZero() {
		return nil
	}
	return &i
}

// String is the text that ParseUpdateIntent reads.
func (i UpdateIntent) String() string {
	text, _ := json.Marshal(i) // strings, numbers and times always encode
	return string(text)
}

// id is what status names it by.
func (i *UpdateIntent) id() string { return i.Time.Format(time.RFC3339Nano) }

// openUpdate is the update intent that is open; nil: none is.
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

// UpdateUnknown reports whether there is an update of which nobody knows whether it took effect.
func (f *Facts) UpdateUnknown() bool { return f.openUpdate() != nil }

// unheard reports whether a field was sent, or about to be, and nobody heard an answer.
func (f *Facts) unheard(path string) bool {
	i := f.openUpdate()
	return i != nil && slices.Contains(i.Fields, path) || slices.Contains(f.applied().Unconfirmed, path)
}

// answeredUpdate names the update intent that is settled once what is applied now is recorded.
func (f *Facts) answeredUpdate() string {
	if i := f.openUpdate(); i != nil {
		return i.id()
	}
	return f.applied().Answered
}

// NotUpdated adds that an update certainly did not happen, so that its intent is settled.
func (f *Facts) NotUpdated() {
	if a := f.Object.Status.LastApplied; a != nil {
		a.Answered = f.answeredUpdate()
	}
}

// unconfirmed names those of the differences of which an update would leave no trace if its answer were lost and the
// spec were edited once more: timers and dates are not compared, Twilio moves the state by itself, what was never
// applied is not compared once it is dropped, and Report would leave it as drift.
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

// overtaken: an update that was sent for an earlier edit may still take effect, and would undo what is sent now.
func (f *Facts) overtaken() bool { return f.confirmedIn() > 0 }

// confirmedIn is how long it takes until no update that was sent for another edit can take effect any more.
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
