// Copyright The conversations-operator Authors
// SPDX-License-Identifier: Apache-2.0

package plan

import (
	"reflect"
	"slices"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
	apiextensionsv1 "k8s.io/apiextensions-apiserver/pkg/apis/apiextensions/v1"

	"github.com/conversations-operator/conversations-operator/api/v1alpha1"
	"github.com/conversations-operator/conversations-operator/internal/twilio"
)

// ours are the fields of the spec that Twilio does not hold: they say where, how and whether.
var ours = []string{
	"accountRef.kind", "accountRef.name", "adoption.policy", "adoption.sid", "chatServiceSid", "closedPolicy", "deletionPolicy",
	"managementPolicy", "suspend", "webhookEnabled",
}

// leaves calls do with each field of a struct that holds no further ones, by its path in JSON. Pointers are filled.
func leaves(v reflect.Value, path string, do func(path string, v reflect.Value)) {
	for f, of := range v.Fields() {
		name, _, _ := strings.Cut(f.Tag.Get("json"), ",")
		at := strings.TrimPrefix(path+"."+name, ".")
		if of.Kind() == reflect.Pointer {
			of.Set(reflect.New(of.Type().Elem()))
			of = of.Elem()
		}
		if of.Kind() == reflect.Struct && of.Type() != reflect.TypeFor[apiextensionsv1.JSON]() {
			leaves(of, at, do)
			continue
		}
		do(at, of)
	}
}

// TestEveryFieldOfTheSpecHasARow fails on a field that was added to the spec, and that nothing compares or sends.
func TestEveryFieldOfTheSpecHasARow(t *testing.T) {
	spec := &v1alpha1.ConversationSpec{}
	var in []string
	leaves(reflect.ValueOf(spec).Elem(), "", func(path string, _ reflect.Value) {
		if !slices.Contains(ours, path) {
			in = append(in, path)
		}
	})
	var of []string
	for _, r := range rows {
		of = append(of, r.path)
	}
	slices.Sort(in)
	slices.Sort(of)
	if diff := cmp.Diff(in, of); diff != "" {
		t.Errorf("the rows are not the fields of the spec that Twilio holds (-spec +rows):\n%s", diff)
	}
}

// TestARowReadsItsOwnField sets one field of the spec at a time, and looks which rows see it.
func TestARowReadsItsOwnField(t *testing.T) {
	const text = "text"
	leaves(reflect.ValueOf(&v1alpha1.ConversationSpec{}).Elem(), "", func(path string, _ reflect.Value) {
		if slices.Contains(ours, path) {
			return
		}
		conv := &v1alpha1.Conversation{}
		leaves(reflect.ValueOf(&conv.Spec).Elem(), "", func(at string, v reflect.Value) {
			switch {
			case at != path:
			case v.Kind() == reflect.String:
				v.SetString(text)
			default:
				v.Set(reflect.ValueOf(apiextensionsv1.JSON{Raw: []byte(`{"a":1}`)}))
			}
		})
		for _, r := range rows {
			if is := r.wanted(&Facts{Object: conv}) != ""; is != (r.path == path) {
				t.Errorf("the row of %s sees spec.%s: %t", r.path, path, is)
			}
		}
	})
}

// TestEveryParameterHasARow fails on a parameter of a request that no field is sent by, and on two fields that share one, in the
// request or in the record.
func TestEveryParameterHasARow(t *testing.T) {
	p, applied := twilio.Params{}, v1alpha1.AppliedSpec{}
	places := map[*string]string{}
	for _, r := range rows {
		before := p.Fields()
		r.send(&p, "2020-01-02T03:04:05Z")
		if added := slices.DeleteFunc(p.Fields(), func(name string) bool { return slices.Contains(before, name) }); !slices.Equal(added, []string{r.parameter}) {
			t.Errorf("spec.%s is sent as %v, not as %s", r.path, added, r.parameter)
		}
		if other, taken := places[r.recorded(&applied)]; taken {
			t.Errorf("spec.%s and spec.%s are recorded in one place", r.path, other)
		}
		places[r.recorded(&applied)] = r.path
	}
	for f, v := range reflect.ValueOf(p).Fields() {
		if f.Name != "WebhookEnabled" && v.IsNil() {
			t.Errorf("no row sends %s", f.Name)
		}
	}
}

// TestWhatASpecCanSayOfTwilioComesBack writes what Twilio answers into a spec, and reads the same from it.
func TestWhatASpecCanSayOfTwilioComesBack(t *testing.T) {
	for _, r := range rows {
		value := "text"
		if r.path == FieldAttributes {
			value = `{"a":1}`
		}
		conv, twilios := &v1alpha1.Conversation{}, &twilio.Conversation{Bindings: &twilio.Bindings{}}
		if r.taken == nil {
			if !r.quiet || r.answered != nil || r.write != nil {
				t.Errorf("Twilio shows spec.%s, and nobody can foresee how", r.path)
			}
			continue
		}
		r.taken(twilios, value)
		if got, known := r.answered(twilios); got != value || !known {
			t.Errorf("Twilio is to have %q in spec.%s, and answers %q", value, r.path, got)
		}
		r.write(&conv.Spec, value)
		if got := r.wanted(&Facts{Object: conv}); !r.same(got, value) {
			t.Errorf("spec.%s is written as %q and read as %q", r.path, value, got)
		}
	}
}

// TestADroppedFieldThatIsClearedSendsSomething keeps rows from saying that a field is cleared without saying how.
func TestADroppedFieldThatIsClearedSendsSomething(t *testing.T) {
	for i := range compared {
		r := &compared[i]
		c := Comparison{}
		if r.drop != nil {
			conv := &v1alpha1.Conversation{Status: v1alpha1.ConversationStatus{LastApplied: &v1alpha1.AppliedSpec{}}}
			was := "PT1H"
			*r.recorded(conv.Status.LastApplied) = was
			r.drop(&c, &Facts{Object: conv}, &field{row: r, applied: was, have: was, known: true})
		}
		if sends := len(c.Edits) > 0; sends != r.clears || r.drop != nil && len(c.Edits)+len(c.Kept) != 1 {
			t.Errorf("dropping spec.%s sends an update: %t, and keeps %v", r.path, sends, c.Kept)
		}
	}
}
