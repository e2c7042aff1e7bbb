// Copyright The conversations-operator Authors
// SPDX-License-Identifier: Apache-2.0

package v1alpha1_test

import (
	"encoding/json"
	"os"
	"strings"
	"testing"

	"k8s.io/apiextensions-apiserver/pkg/apis/apiextensions"
	apiextensionsv1 "k8s.io/apiextensions-apiserver/pkg/apis/apiextensions/v1"
	structuralschema "k8s.io/apiextensions-apiserver/pkg/apiserver/schema"
	"k8s.io/apiextensions-apiserver/pkg/apiserver/schema/cel"
	"k8s.io/apiextensions-apiserver/pkg/apiserver/validation"
	"k8s.io/apimachinery/pkg/util/validation/field"
	celconfig "k8s.io/apiserver/pkg/apis/cel"
	"sigs.k8s.io/yaml"

	"github.com/conversations-operator/conversations-operator/api/v1alpha1"
)

// admission is what the API server does with a new Conversation: the schema of the CRD, and its CEL.
type admission struct {
	structural *structuralschema.Structural
	schema     validation.SchemaValidator
	rules      *cel.Validator
}

func newAdmission(f testing.TB) admission {
	f.Helper()
	text, err := os.ReadFile("../../config/crd/bases/twilio-operator.dev_conversations.yaml")
	if err != nil {
		f.Fatal(err)
	}
	var crd apiextensionsv1.CustomResourceDefinition
	if err := yaml.UnmarshalStrict(text, &crd); err != nil {
		f.Fatal(err)
	}
	var props apiextensions.JSONSchemaProps
	err = apiextensionsv1.Convert_v1_JSONSchemaProps_To_apiextensions_JSONSchemaProps(crd.Spec.Versions[0].Schema.OpenAPIV3Schema, &props, nil)
	if err != nil {
		f.Fatal(err)
	}
	structural, err := structuralschema.NewStructural(&props)
	if err != nil {
		f.Fatal(err)
	}
	schema, _, err := validation.NewSchemaValidator(&props)
	if err != nil {
		f.Fatal(err)
	}
	return admission{structural, schema, cel.NewValidator(structural, true, celconfig.PerCallLimit)}
}

// refusals are what the API server has against a new object with this spec.
func (a admission) refusals(t *testing.T, spec *v1alpha1.ConversationSpec) field.ErrorList {
	t.Helper()
	conv := &v1alpha1.Conversation{Spec: *spec}
	conv.Name = "vip"
	text, err := json.Marshal(conv)
	if err != nil {
		t.Fatal(err)
	}
	var object map[string]any
	if err := json.Unmarshal(text, &object); err != nil {
		t.Fatal(err)
	}
	delete(object, "status")
	errs := validation.ValidateCustomResource(nil, object, a.schema)
	more, _ := a.rules.Validate(t.Context(), nil, a.structural, object, nil, celconfig.RuntimeCELCostBudget)
	return append(errs, more...)
}

// FuzzAdmission holds the CRD's schema and CEL against the Go validator: what one refuses, the other does too.
func FuzzAdmission(f *testing.F) {
	a := newAdmission(f)
	for _, seed := range [][4]string{
		{"", "", "", ""}, {"vip", "PT1M", "PT10M", "2015-12-16T22:18:37Z"}, {"k8s.vip", "PT0S", "P1D", "2015-12-16T22:18:37.5+01:00"},
		{".", "PT59S", "PT9M59S", "2015-02-29T00:00:00Z"}, {" x", "P1W", "P1DT", "2015-12-16"}, {"a/b", "PT1.5M", "-P1D", "0000-00-00T00:00:00Z"},
		{"K8s.vip", "", "", ""}, {"\u212a8\u017f.vip", "", "", ""}, {"xK8s.vip", "", "", ""},
		{"\u00a0x", "P999999999D", "PT060M", "9999-12-31T23:59:59-23:59"}, {"CH0123456789abcdefABCDEF0123456789", "P", "PT", "2016-02-29T24:00:00Z"},
		{strings.Repeat("é", 257), "P0D", "PT0M", "2015-12-16t22:18:37z"}, {"\u0085", "PT0H0M60S", "P0DT600S", "2015-13-01T00:00:00Z"},
	} {
		f.Add(seed[0], seed[1], seed[2], seed[3], seed[0], seed[0])
	}
	f.Fuzz(func(t *testing.T, name, inactive, closed, date, sid, account string) {
		valid := func(text string) string { return strings.ToValidUTF8(text, "") }
		spec := &v1alpha1.ConversationSpec{
			UniqueName: valid(name), FriendlyName: valid(name), ChatServiceSID: valid(sid), MessagingServiceSID: valid(sid),
			Timers:      &v1alpha1.TimersSpec{Inactive: valid(inactive), Closed: valid(closed)},
			DateCreated: valid(date), DateUpdated: valid(date),
			Adoption:   &v1alpha1.AdoptionSpec{SID: valid(sid), Policy: v1alpha1.AdoptionPolicy(valid(account))},
			AccountRef: &v1alpha1.AccountReference{Name: valid(account)},
		}
		for _, s := range split(spec) {
			crd, own := a.refusals(t, s), s.Validate()
			if len(crd) == 0 != (len(own) == 0) {
				t.Errorf("%+v: the CRD says %v, the Go validator %v", s, crd, own)
			}
		}
	})
}

// split has each field of a spec by itself, so that no refusal of one hides another.
func split(s *v1alpha1.ConversationSpec) []*v1alpha1.ConversationSpec {
	return []*v1alpha1.ConversationSpec{
		{UniqueName: s.UniqueName}, {UniqueName: s.UniqueName, Adoption: &v1alpha1.AdoptionSpec{SID: s.Adoption.SID}},
		{FriendlyName: s.FriendlyName}, {ChatServiceSID: s.ChatServiceSID}, {MessagingServiceSID: s.MessagingServiceSID},
		{Timers: &v1alpha1.TimersSpec{Inactive: s.Timers.Inactive}}, {Timers: &v1alpha1.TimersSpec{Closed: s.Timers.Closed}},
		{DateCreated: s.DateCreated}, {Adoption: &v1alpha1.AdoptionSpec{Policy: s.Adoption.Policy}},
		{AccountRef: s.AccountRef}, s,
	}
}
