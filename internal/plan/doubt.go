// Copyright The conversations-operator Authors
// SPDX-License-Identifier: Apache-2.0

package plan

import (
	"encoding/json"
	"slices"
	"time"

	"github.com/conversations-operator/conversations-operator/api/v1alpha1"
)

// Doubt is what is recorded in the object before an update that would leave no trace if its answer were lost and the
// spec were edited once more. It is open until what became of the update is recorded in status.
type Doubt struct {
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
	// Fields that were about to be sent, as paths within spec, and those that were in doubt before.
	Fields []string `json:"fields"`
	// Earlier is the doubt that this one follows, and so on, as far as their updates may still take effect: the answer to
	// a later update says nothing of them.
	Earlier *Doubt `json:"earlier,omitempty"`
}

// NewDoubt is what is to be recorded before the differences are sent, at the facts' time; nil for nothing.
func NewDoubt(f *Facts, differences []Difference) *Doubt {
	fields := unconfirmed(f, differences)
	if len(fields) == 0 {
		return nil
	}
	if open := f.doubt(); open != nil {
		fields = append(fields, open.Fields...)
	}
	slices.Sort(fields)
	earlier := f.Doubt
	if earlier != nil && f.doubt() == nil {
		earlier = earlier.Earlier
	}
	d := &Doubt{
		SID: f.Object.Status.SID, UID: string(f.Object.UID), Time: f.Now.UTC().Truncate(time.Microsecond),
		Generation: f.Object.Generation, Fields: slices.Compact(fields), Earlier: earlier.open(f),
	}
	if !f.TwilioNow.IsZero() {
		d.TwilioTime = f.TwilioNow.UTC().Truncate(time.Microsecond)
	}
	return d
}

// open is the doubt, and those before it, without those whose update can no longer take effect.
func (d *Doubt) open(f *Facts) *Doubt {
	if d == nil {
		return nil
	}
	earlier := d.Earlier.open(f)
	if d.left(f) == 0 {
		return earlier
	}
	next := *d
	next.Earlier = earlier
	return &next
}

// left is for how long the update may still take effect.
func (d *Doubt) left(f *Facts) time.Duration {
	return (&Intent{Time: d.Time, TwilioTime: d.TwilioTime, Timeout: f.Timeout}).left(f)
}

// Doubts tells whether the doubt that is recorded says the same, is this process' own, is not settled, and is young enough
// to bound an update that begins now. Another process may be sending an update under its own.
func (f *Facts) Doubts(d *Doubt) bool {
	r := f.Doubt
	if r == nil || !f.OwnDoubt || r.SID != d.SID || r.Generation != d.Generation || r.id() == f.applied().Answered || !slices.Equal(r.Fields, d.Fields) {
		return false
	}
	age, window := d.Time.Sub(r.Time), (&Intent{Timeout: f.Timeout}).scaled(StartWindow)
	return age > -window && age < window
}

// ParseDoubt reads the text of a doubt; nil when it is empty or not one.
func ParseDoubt(text string) *Doubt {
	var d Doubt
	if text == "" || json.Unmarshal([]byte(text), &d) != nil || d.Time.IsZero() {
		return nil
	}
	return &d
}

// String is the text that ParseDoubt reads.
func (d Doubt) String() string {
	text, _ := json.Marshal(d) // strings, numbers and times always encode
	return string(text)
}

// id is what status names it by.
func (d *Doubt) id() string { return d.Time.Format(time.RFC3339Nano) }

// doubt is the one that is open; nil: there is none.
func (f *Facts) doubt() *Doubt {
	d := f.Doubt
	if d == nil || f.Undone || d.UID != "" && d.UID != string(f.Object.UID) {
		return nil
	}
	if d.SID == f.Object.Status.SID && d.id() != f.applied().Answered {
		return d
	}
	return nil
}

// InDoubt tells whether there is an update of which nobody knows whether it took effect.
func (f *Facts) InDoubt() bool { return f.doubt() != nil }

// doubts tells whether a field was sent, or about to be, and nobody heard an answer.
func (f *Facts) doubts(path string) bool {
	d := f.doubt()
	return d != nil && slices.Contains(d.Fields, path) || slices.Contains(f.applied().Unconfirmed, path)
}

// answered is the doubt that is settled once what is applied now is recorded.
func (f *Facts) answered() string {
	if d := f.doubt(); d != nil {
		return d.id()
	}
	return f.applied().Answered
}

// NotUpdated adds that an update certainly did not happen, so that there is nothing to doubt.
func (f *Facts) NotUpdated() {
	if a := f.Object.Status.LastApplied; a != nil {
		a.Answered = f.answered()
	}
}

// unconfirmed names those of the differences of which an update would leave no trace if its answer were lost and the
// spec were edited once more: timers and dates are not compared, Twilio moves the state by itself, what was never
// applied is not compared once it is dropped, and Report would leave it as drift.
func unconfirmed(f *Facts, differences []Difference) (paths []string) {
	reports := f.policy() == v1alpha1.ManagementPolicyReport
	for _, v := range fields(f) {
		sent := slices.ContainsFunc(differences, func(d Difference) bool { return d.Field == v.path })
		cleared := v.reset != "" || v.path == FieldEmailAddress || v.path == FieldEmailName
		if sent && (reports || v.quiet || v.applied == "" && cleared) {
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
	d := f.doubt()
	if d == nil && f.Doubt != nil {
		d = f.Doubt.Earlier
	}
	for ; d != nil; d = d.Earlier {
		if d.SID == f.Object.Status.SID && d.Generation != f.Object.Generation {
			left = max(left, d.left(f))
		}
	}
	return left
}
