// Copyright The conversations-operator Authors
// SPDX-License-Identifier: Apache-2.0

package plan

import (
	"slices"
	"time"

	"github.com/conversations-operator/conversations-operator/api/v1alpha1"
	"github.com/conversations-operator/conversations-operator/internal/twilio"
)

// Paths in spec of the fields that Twilio holds, as status.drift names them.
const (
	FieldFriendlyName   = "friendlyName"
	FieldUniqueName     = "uniqueName"
	FieldAttributes     = "attributes"
	FieldMessaging      = "messagingServiceSid"
	FieldEmailAddress   = "bindings.email.address"
	FieldEmailName      = "bindings.email.name"
	FieldState          = "state"
	FieldTimersInactive = "timers.inactive"
	FieldTimersClosed   = "timers.closed"
	FieldDateCreated    = "dateCreated"
	FieldDateUpdated    = "dateUpdated"
)

// field is one value that Twilio holds, seen from three sides. Empty means not set, on each side.
type field struct {
	path string
	// want is what the spec says, applied what was last applied (attributes: its hash), have what Twilio answered.
	want, applied, have string
	// known is false where Twilio has not been asked or does not answer this field.
	known bool
	// same tells whether two values mean the same.
	same func(a, b string) bool
	// key makes of want what is kept as applied; nil: want itself.
	key func(string) string
	// reset is what is sent when the field is dropped from the spec; empty: Twilio cannot clear it.
	reset string
	// quiet fields are never compared with what Twilio has.
	quiet bool
	// unconfirmed: it was sent, or about to be, and nobody heard an answer.
	unconfirmed bool
}

func equal(a, b string) bool { return a == b }

// edited: the spec asks for something else than was applied last, as far as that is known.
func (f *field) edited() bool {
	if f.want == "" || f.unconfirmed {
		return f.want != ""
	}
	if f.key != nil {
		return f.key(f.want) != f.applied
	}
	return !f.same(f.want, f.applied)
}

// has: Twilio has what was applied last.
func (f *field) has() bool {
	if f.key != nil {
		return f.key(f.have) == f.applied
	}
	return f.same(f.applied, f.have)
}

// dropped: it was applied once, or may have been, and the spec no longer names it.
func (f *field) dropped() bool { return f.want == "" && (f.applied != "" || f.unconfirmed) }

// fields lists every value of the facts' object but the state, which has rules of its own.
func fields(f *Facts) []field {
	spec := &f.Object.Spec
	applied := f.applied()
	var have twilio.Conversation
	known := f.Observed != nil
	if known {
		have = *f.Observed
	}
	email := v1alpha1.EmailBindingSpec{}
	if spec.Bindings != nil && spec.Bindings.Email != nil {
		email = *spec.Bindings.Email
	}
	timers := v1alpha1.TimersSpec{}
	if spec.Timers != nil {
		timers = *spec.Timers
	}
	var haveEmail twilio.EmailBinding
	// Older answers have no bindings at all, which says nothing.
	knownEmail := known && have.Bindings != nil
	if knownEmail && have.Bindings.Email != nil {
		haveEmail = *have.Bindings.Email
	}
	all := []field{
		{path: FieldFriendlyName, want: spec.FriendlyName, applied: applied.FriendlyName, have: have.FriendlyName, known: known, same: equal},
		{path: FieldUniqueName, want: f.uniqueName(), applied: applied.UniqueName, have: have.UniqueName, known: known, same: equal},
		{path: FieldAttributes, want: attributes(spec), applied: applied.AttributesHash, have: have.Attributes, known: known,
			same: SameAttributes, key: HashAttributes, reset: noAttributes},
		{path: FieldMessaging, want: spec.MessagingServiceSID, applied: applied.MessagingServiceSID, have: have.MessagingServiceSID, known: known, same: equal},
		{path: FieldEmailAddress, want: email.Address, applied: applied.EmailAddress, have: haveEmail.Address, known: knownEmail, same: equal},
		{path: FieldEmailName, want: email.Name, applied: applied.EmailName, have: haveEmail.Name, known: knownEmail, same: equal},
		{path: FieldTimersInactive, want: timers.Inactive, applied: applied.TimersInactive, same: sameTimer, reset: noTimer, quiet: true},
		{path: FieldTimersClosed, want: timers.Closed, applied: applied.TimersClosed, same: sameTimer, reset: noTimer, quiet: true},
		{path: FieldDateCreated, want: spec.DateCreated, applied: applied.DateCreated, same: sameTime, quiet: true},
		{path: FieldDateUpdated, want: spec.DateUpdated, applied: applied.DateUpdated, same: sameTime, quiet: true},
	}
	for i := range all {
		all[i].unconfirmed = f.unheard(all[i].path)
	}
	return all
}

// attributes is the text of spec.attributes as it is sent; empty when the spec has none.
func attributes(spec *v1alpha1.ConversationSpec) string {
	if spec.Attributes == nil || len(spec.Attributes.Raw) == 0 || string(spec.Attributes.Raw) == "null" {
		return ""
	}
	text, err := EncodeAttributes(spec.Attributes.Raw)
	if err != nil {
		return string(spec.Attributes.Raw)
	}
	return text
}

// uniqueName is the name that the conversation should have at Twilio; empty: whichever it has.
func (f *Facts) uniqueName() string {
	switch {
	case f.Object.Spec.UniqueName != "":
		return f.Object.Spec.UniqueName
	case f.Object.Status.Origin == v1alpha1.OriginAdopted, adoptionSID(f.Object) != "":
		return ""
	}
	return f.Generated
}

// CreateName is the unique name under which the object's conversation is created and looked for.
func (f *Facts) CreateName() string {
	if name := f.Object.Spec.UniqueName; name != "" {
		return name
	}
	return f.Generated
}

func (f *Facts) applied() v1alpha1.AppliedSpec {
	if a := f.Object.Status.LastApplied; a != nil {
		return *a
	}
	return v1alpha1.AppliedSpec{}
}

// put sets the form parameter of a field.
func put(p *twilio.Params, path, value string) {
	switch path {
	case FieldFriendlyName:
		p.FriendlyName = &value
	case FieldUniqueName:
		p.UniqueName = &value
	case FieldAttributes:
		p.Attributes = &value
	case FieldMessaging:
		p.MessagingServiceSID = &value
	case FieldEmailAddress:
		p.BindingsEmailAddress = &value
	case FieldEmailName:
		p.BindingsEmailName = &value
	case FieldState:
		p.State = new(twilio.State(value))
	case FieldTimersInactive:
		p.TimersInactive = &value
	case FieldTimersClosed:
		p.TimersClosed = &value
	case FieldDateCreated:
		p.DateCreated = date(value)
	case FieldDateUpdated:
		p.DateUpdated = date(value)
	}
}

// date reads what admission has checked already.
func date(value string) *time.Time {
	t, err := time.Parse(time.RFC3339, value)
	if err != nil {
		return nil
	}
	return &t
}

// CreateParams is the form of the POST that creates the conversation. A conversation cannot be created closed (error
// 50384): that state follows in an update.
func CreateParams(f *Facts) twilio.Params {
	p := twilio.Params{WebhookEnabled: f.Object.Spec.WebhookEnabled}
	for _, v := range fields(f) {
		if v.want != "" {
			put(&p, v.path, v.want)
		}
	}
	put(&p, FieldUniqueName, f.CreateName())
	if s := f.Object.Spec.State; s != "" && s != v1alpha1.StateClosed {
		put(&p, FieldState, string(s))
	}
	return p
}

// Applied is the record of the last applied values once everything that the spec says was sent. Where Twilio answered
// something else than was asked for, the field is listed as unechoed: comparing it again would send it for ever.
func Applied(f *Facts, sent []Difference) *v1alpha1.AppliedSpec {
	a := &v1alpha1.AppliedSpec{State: string(f.Object.Spec.State), Explained: f.applied().Explained, Answered: f.answeredUpdate()}
	for _, v := range fields(f) {
		want := v.want
		if v.key != nil && want != "" {
			want = v.key(want)
		}
		switch v.path {
		case FieldFriendlyName:
			a.FriendlyName = want
		case FieldUniqueName:
			a.UniqueName = want
		case FieldAttributes:
			a.AttributesHash = want
		case FieldMessaging:
			a.MessagingServiceSID = want
		case FieldEmailAddress:
			a.EmailAddress = want
		case FieldEmailName:
			a.EmailName = want
		case FieldTimersInactive:
			a.TimersInactive = want
		case FieldTimersClosed:
			a.TimersClosed = want
		case FieldDateCreated:
			a.DateCreated = want
		case FieldDateUpdated:
			a.DateUpdated = want
		}
		if v.want != "" && stillUnechoed(f, sent, v.path, v.known && !v.quiet, v.same(v.want, v.have)) {
			a.Unechoed = append(a.Unechoed, v.path)
		}
	}
	known := f.Observed != nil && f.Observed.State != twilio.StateInitializing
	if a.State != "" && stillUnechoed(f, sent, FieldState, known, string(f.state()) == a.State) {
		a.Unechoed = append(a.Unechoed, FieldState)
	}
	return a
}

// stillUnechoed tells whether Twilio answered a field in other words when it was sent, now or before. same says whether
// it has now what was asked for, if that is known.
func stillUnechoed(f *Facts, sent []Difference, path string, known, same bool) bool {
	if slices.ContainsFunc(sent, func(d Difference) bool { return d.Field == path }) {
		return known && !same
	}
	return f.unechoed(path) && (!known || !same)
}
