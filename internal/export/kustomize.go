// Copyright The conversations-operator Authors
// SPDX-License-Identifier: Apache-2.0

package export

import (
	"strings"

	"github.com/conversations-operator/conversations-operator/api/v1alpha1"
)

// mangled reports whether kustomize would change the text, or fail because of the text: kustomize writes JSON with such
// characters unescaped, and then reads the JSON as YAML.
func mangled(text string) bool {
	return strings.ContainsFunc(text, func(r rune) bool { return r >= 0x7f && r < 0xa0 || r == 0xfffe || r == 0xffff })
}

// spare removes the values from a spec which kustomize would mangle.
func spare(spec *v1alpha1.ConversationSpec) {
	texts := []*string{&spec.FriendlyName, &spec.UniqueName}
	if spec.Bindings != nil && spec.Bindings.Email != nil {
		texts = append(texts, &spec.Bindings.Email.Address, &spec.Bindings.Email.Name)
	}
	for _, text := range texts {
		if mangled(*text) {
			*text = ""
		}
	}
	if spec.Bindings != nil && spec.Bindings.Email != nil && *spec.Bindings.Email == (v1alpha1.EmailBindingSpec{}) {
		spec.Bindings = nil
	}
	if spec.Attributes != nil && mangled(string(spec.Attributes.Raw)) {
		spec.Attributes = nil
	}
}
