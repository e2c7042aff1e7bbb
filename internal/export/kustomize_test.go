// Copyright The conversations-operator Authors
// SPDX-License-Identifier: Apache-2.0

package export

import (
	"testing"

	"github.com/google/go-cmp/cmp"
	apiextensionsv1 "k8s.io/apiextensions-apiserver/pkg/apis/apiextensions/v1"

	"github.com/conversations-operator/conversations-operator/api/v1alpha1"
)

func TestOnlyWhatKustomizeManglesIsLeftOut(t *testing.T) {
	const bad, good = "a\u009bb", "Grüße\t👋"
	email := func(address, name string) *v1alpha1.BindingsSpec {
		return &v1alpha1.BindingsSpec{Email: &v1alpha1.EmailBindingSpec{Address: address, Name: name}}
	}
	attributes := func(raw string) *apiextensionsv1.JSON { return &apiextensionsv1.JSON{Raw: []byte(raw)} }
	for _, c := range []struct {
		name     string
		is, want v1alpha1.ConversationSpec
	}{
		{"a spec that kustomize keeps",
			v1alpha1.ConversationSpec{FriendlyName: good, UniqueName: good, Attributes: attributes("{}"), Bindings: email(good, good)},
			v1alpha1.ConversationSpec{FriendlyName: good, UniqueName: good, Attributes: attributes("{}"), Bindings: email(good, good)}},
		{"names", v1alpha1.ConversationSpec{FriendlyName: bad, UniqueName: bad}, v1alpha1.ConversationSpec{}},
		{"attributes", v1alpha1.ConversationSpec{Attributes: attributes(`{"a":"` + bad + `"}`)}, v1alpha1.ConversationSpec{}},
		{"one of two fields of a binding", v1alpha1.ConversationSpec{Bindings: email(good, bad)}, v1alpha1.ConversationSpec{Bindings: email(good, "")}},
		{"a binding of which nothing is left", v1alpha1.ConversationSpec{Bindings: email(bad, bad)}, v1alpha1.ConversationSpec{}},
	} {
		t.Run(c.name, func(t *testing.T) {
			spare(&c.is)
			if diff := cmp.Diff(c.want, c.is); diff != "" {
				t.Error(diff)
			}
		})
	}
}

func TestMangledCharacters(t *testing.T) {
	for text, want := range map[string]bool{
		"": false, "plain": false, "~": false, "\x7f": true, "\u0080": true, "\u009f": true, "\u00a0": false, "\ufffe": true, "\uffff": true, "\ufffd": false,
	} {
		if got := mangled(text); got != want {
			t.Errorf("mangled(%q) = %t", text, got)
		}
	}
}
