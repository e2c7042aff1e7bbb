// Copyright The conversations-operator Authors
// SPDX-License-Identifier: Apache-2.0

package v1alpha1_test

import (
	"context"
	"encoding/json"
	"errors"
	"strings"
	"testing"

	. "github.com/onsi/ginkgo/v2"
	. "github.com/onsi/gomega"
	"k8s.io/apimachinery/pkg/apis/meta/v1/unstructured"
	utilerrors "k8s.io/apimachinery/pkg/util/errors"
	"k8s.io/apimachinery/pkg/util/validation/field"

	"github.com/conversations-operator/conversations-operator/api/v1alpha1"
	"github.com/conversations-operator/conversations-operator/internal/admission"
)

// foretold returns the refusals that package admission predicts without an API server. An empty before means a new
// object.
func foretold(ctx context.Context, before, after string) []string {
	GinkgoHelper()
	a, err := admission.New()
	Expect(err).NotTo(HaveOccurred())
	u := object("default", after)
	if err := a.Decode(u); err != nil {
		return lines(err)
	}
	if before == "" {
		return lines(a.Create(ctx, u))
	}
	old := object("default", before)
	Expect(a.Decode(old)).To(Succeed())
	return lines(a.Update(ctx, u, old))
}

// lines formats errors as refusals does.
func lines(err error) (out []string) {
	if err == nil {
		return nil
	}
	all := []error{err}
	if many, ok := errors.AsType[utilerrors.Aggregate](err); ok {
		all = many.Errors()
	}
	for _, err := range all {
		if e, ok := errors.AsType[*field.Error](err); ok {
			out = append(out, e.Field+": "+e.ErrorBody())
		} else {
			out = append(out, err.Error())
		}
	}
	return out
}

// foretellable returns the lines that package admission can predict. It drops the API server's note about unchecked
// rules, and the API server's own words around strict decoding errors.
func foretellable(refused []string) (out []string) {
	for _, line := range refused {
		if line == unchecked {
			continue
		}
		_, strict, found := strings.Cut(line, "strict decoding error: ")
		if found {
			line = strict
		}
		out = append(out, line)
	}
	return out
}

// specRefusals returns the error of package admission for a new object with this spec.
func specRefusals(t *testing.T, a *admission.Conversations, spec *v1alpha1.ConversationSpec) error {
	t.Helper()
	conv := &v1alpha1.Conversation{Spec: *spec}
	conv.APIVersion, conv.Kind = v1alpha1.SchemeGroupVersion.String(), "Conversation"
	conv.Namespace, conv.Name = "default", "vip"
	text, err := json.Marshal(conv)
	if err != nil {
		t.Fatal(err)
	}
	u := &unstructured.Unstructured{}
	if err := u.UnmarshalJSON(text); err != nil {
		t.Fatal(err)
	}
	delete(u.Object, "status")
	if err := a.Decode(u); err != nil {
		return err
	}
	return a.Create(t.Context(), u)
}

// FuzzAdmission compares the CRD's schema and CEL with the Go validator: both must refuse the same specs.
func FuzzAdmission(f *testing.F) {
	a, err := admission.New()
	if err != nil {
		f.Fatal(err)
	}
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
			crd, own := specRefusals(t, a, s), s.Validate()
			if crd == nil != (len(own) == 0) {
				t.Errorf("%+v: the CRD says %v, the Go validator %v", s, crd, own)
			}
		}
	})
}

// split returns specs with each field alone, so that no refusal hides another.
func split(s *v1alpha1.ConversationSpec) []*v1alpha1.ConversationSpec {
	return []*v1alpha1.ConversationSpec{
		{UniqueName: s.UniqueName}, {UniqueName: s.UniqueName, Adoption: &v1alpha1.AdoptionSpec{SID: s.Adoption.SID}},
		{FriendlyName: s.FriendlyName}, {ChatServiceSID: s.ChatServiceSID}, {MessagingServiceSID: s.MessagingServiceSID},
		{Timers: &v1alpha1.TimersSpec{Inactive: s.Timers.Inactive}}, {Timers: &v1alpha1.TimersSpec{Closed: s.Timers.Closed}},
		{DateCreated: s.DateCreated}, {Adoption: &v1alpha1.AdoptionSpec{Policy: s.Adoption.Policy}},
		{AccountRef: s.AccountRef}, s,
	}
}
