// Copyright The conversations-operator Authors
// SPDX-License-Identifier: Apache-2.0

package plan

import (
	"slices"

	"github.com/conversations-operator/conversations-operator/api/v1alpha1"
	"github.com/conversations-operator/conversations-operator/internal/twilio"
)

// field is one value that Twilio holds, seen from three sides. Empty means not set, on each side.
type field struct {
	*row
	// want is what the spec says, applied what was last applied (attributes: its hash), have what Twilio answered.
	want, applied, have string
	// known is false where Twilio has not been asked or does not answer this field.
	known bool
	// unconfirmed: it was sent, or about to be, and nobody heard an answer.
	unconfirmed bool
}

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
	applied := f.applied()
	all := make([]field, len(compared))
	for i := range compared {
		r := &compared[i]
		v := field{row: r, want: r.wanted(f), applied: *r.recorded(&applied), unconfirmed: f.unheard(r.path)}
		if f.Observed != nil && r.answered != nil {
			v.have, v.known = r.answered(f.Observed)
		}
		all[i] = v
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
	if i := slices.IndexFunc(rows, func(r row) bool { return r.path == path }); i >= 0 {
		rows[i].send(p, value)
	}
}

// CreateParams is the form of the POST that creates the conversation. A conversation cannot be created closed (error
// 50384): that state follows in an update.
func CreateParams(f *Facts) twilio.Params {
	p := twilio.Params{WebhookEnabled: f.WebhookEnabled()}
	for _, v := range fields(f) {
		if v.want != "" {
			v.send(&p, v.want)
		}
	}
	put(&p, FieldUniqueName, f.CreateName())
	if s := f.Object.Spec.State; s != "" && s != v1alpha1.StateClosed {
		stateRow.send(&p, string(s))
	}
	return p
}

// WebhookEnabled says whether a write calls webhooks: what the spec says, or else the account; nil: Twilio decides.
func (f *Facts) WebhookEnabled() *bool {
	if own := f.Object.Spec.WebhookEnabled; own != nil {
		return own
	}
	return f.Account.WebhookEnabled
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
		*v.recorded(a) = want
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

// Imagine is the conversation as Twilio would answer it after a request with the parameters. conv stays as it is.
func Imagine(conv *twilio.Conversation, p twilio.Params) *twilio.Conversation {
	next, form := *conv, p.Form()
	for i := range rows {
		if texts := form[rows[i].parameter]; len(texts) > 0 && rows[i].taken != nil {
			rows[i].taken(&next, texts[0])
		}
	}
	return &next
}
