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
	// Time is when it was written, by the operator's clock. It tells one from another.
	Time time.Time `json:"time"`
	// Generation of the spec that was about to be sent.
	Generation int64 `json:"generation"`
	// Fields that were about to be sent, as paths within spec, and those that were in doubt before.
	Fields []string `json:"fields"`
}

// NewDoubt records at now, by the operator's clock, that the differences are about to be sent; nil where that needs no
// record, or has one that is young enough.
func NewDoubt(f *Facts, differences []Difference, now time.Time) *Doubt {
	paths := unconfirmed(f, differences)
	if len(paths) == 0 {
		return nil
	}
	d := &Doubt{SID: f.Object.Status.SID, Time: now.UTC().Truncate(time.Microsecond), Generation: f.Object.Generation}
	if open := f.doubt(); open != nil {
		d.Fields = slices.Clone(open.Fields)
		age, window := now.Sub(open.Time), (&Intent{Timeout: f.Timeout}).scaled(StartWindow)
		if open.Generation == d.Generation && age > -window && age < window && f.doubtsAll(paths) {
			return nil
		}
	}
	for _, path := range paths {
		if !slices.Contains(d.Fields, path) {
			d.Fields = append(d.Fields, path)
		}
	}
	return d
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
	if d := f.Doubt; d != nil && d.SID == f.Object.Status.SID && d.id() != f.applied().Answered {
		return d
	}
	return nil
}

// InDoubt tells whether there is an update of which nobody knows whether it took effect.
func (f *Facts) InDoubt() bool { return f.doubt() != nil }

// doubts tells whether a field was sent, or about to be, and nobody heard an answer.
func (f *Facts) doubts(path string) bool {
	d := f.doubt()
	return d != nil && slices.Contains(d.Fields, path)
}

func (f *Facts) doubtsAll(paths []string) bool {
	return !slices.ContainsFunc(paths, func(path string) bool { return !f.doubts(path) })
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
func (f *Facts) overtaken() bool {
	d := f.doubt()
	return d != nil && d.Generation != f.Object.Generation && f.Now.Before(f.confirmedAt())
}

// confirmedAt is when an update whose answer was lost can no longer take effect.
func (f *Facts) confirmedAt() time.Time {
	if d := f.doubt(); d != nil {
		return (&Intent{Time: d.Time, Timeout: f.Timeout}).SettledAt()
	}
	return time.Time{}
}
