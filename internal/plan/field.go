// Copyright The conversations-operator Authors
// SPDX-License-Identifier: Apache-2.0

package plan

import (
	"slices"

	"github.com/conversations-operator/conversations-operator/api/v1alpha1"
	"github.com/conversations-operator/conversations-operator/internal/twilio"
)

// field is one value at Twilio, seen from three sides. Empty means not set, on each side.
type field struct {
	*row
	// want is the value in the spec, applied the value last applied (attributes: its hash), have the value in Twilio's
	// answer.
	want, applied, have string
	// known is false if Twilio has not been asked or does not answer this field.
	known bool
	// unconfirmed: the value was sent, or about to be sent, and no answer came.
	unconfirmed bool
}

// edited: the spec asks for another value than the last applied value. After an unconfirmed update the last applied
// value is unknown, so every value of the spec counts as edited.
func (f *field) edited() bool {
	if f.want == "" || f.unconfirmed {
		return f.want != ""
	}
	if f.key != nil {
		return f.key(f.want) != f.applied
	}
	return !f.same(f.want, f.applied)
}

// has: Twilio has the last applied value.
func (f *field) has() bool {
	if f.key != nil {
		return f.key(f.have) == f.applied
	}
	return f.same(f.applied, f.have)
}

// dropped: the value was applied once, or may have been, and the spec no longer has the field.
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

// attributes is the text of spec.attributes as sent; empty without attributes in the spec.
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

// uniqueName is the name which the conversation should have at Twilio; empty: any name will do. An adopted conversation
// keeps its name unless the spec names another.
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

// applied is the record of the last applied values; empty before the first.
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

// CreateParams is the form of the POST which creates the conversation. A conversation cannot be created closed (error
// 50384): the closed state follows in an update.
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

// WebhookEnabled says whether a write calls webhooks: as the spec says, or else as the account says; nil: Twilio decides.
func (f *Facts) WebhookEnabled() *bool {
	if own := f.Object.Spec.WebhookEnabled; own != nil {
		return own
	}
	return f.Account.WebhookEnabled
}

// Applied is the record of the last applied values once every value of the spec was sent. A field for which Twilio
// answered another value is listed as unechoed: another comparison would send the field for ever.
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

// stillUnechoed tells whether Twilio answered a field in other words after the field was sent, now or before. known
// says whether Twilio's value is known, and same whether Twilio has the requested value now.
func stillUnechoed(f *Facts, sent []Difference, path string, known, same bool) bool {
	if slices.ContainsFunc(sent, func(d Difference) bool { return d.Field == path }) {
		return known && !same
	}
	return f.unechoed(path) && (!known || !same)
}

// Imagine is the conversation as Twilio would answer the conversation after a request with the parameters. conv stays
// as it is.
func Imagine(conv *twilio.Conversation, p twilio.Params) *twilio.Conversation {
	next, form := *conv, p.Form()
	for i := range rows {
		if texts := form[rows[i].parameter]; len(texts) > 0 && rows[i].taken != nil {
			rows[i].taken(&next, texts[0])
		}
	}
	return &next
}
