// Copyright The conversations-operator Authors
// SPDX-License-Identifier: Apache-2.0

package export

import (
	"cmp"
	"encoding/json"
	"fmt"
	"strings"
	"time"

	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"

	"github.com/conversations-operator/conversations-operator/api/v1alpha1"
	"github.com/conversations-operator/conversations-operator/internal/escape"
	"github.com/conversations-operator/conversations-operator/internal/plan"
	"github.com/conversations-operator/conversations-operator/internal/twilio"
)

// Head is what all exported objects have in common.
type Head struct {
	// Namespace of the objects; empty: the one that they are applied to.
	Namespace string `json:"namespace,omitempty"`
	// Name of the object, where there is to be one only; empty: one that no other conversation has.
	Name string `json:"name,omitempty"`
	// AccountRef of the objects; nil: the account named default.
	AccountRef *v1alpha1.AccountReference `json:"accountRef,omitempty"`
	// Kustomize is to build the objects, which does not keep every text as it is.
	Kustomize bool `json:"kustomize,omitempty"`
}

// Object is the object that adopts the conversation as it is.
func (h Head) Object(conv *twilio.Conversation) *v1alpha1.Conversation {
	o := &v1alpha1.Conversation{
		TypeMeta:   metav1.TypeMeta{APIVersion: v1alpha1.SchemeGroupVersion.String(), Kind: "Conversation"},
		ObjectMeta: metav1.ObjectMeta{Namespace: h.Namespace, Name: cmp.Or(h.Name, Name(conv))},
		Spec:       plan.Manifest(conv),
	}
	o.Spec.AccountRef = h.AccountRef
	if h.Kustomize {
		spare(&o.Spec)
	}
	return o
}

// Manifest is the object as YAML. Comments before it tell what Twilio has and the object cannot say.
func (h Head) Manifest(conv *twilio.Conversation) ([]byte, error) {
	o := h.Object(conv)
	var b strings.Builder
	for _, line := range h.remarks(conv, &o.Spec) {
		b.WriteString("# " + line + "\n")
	}
	body, err := YAML(o)
	if err != nil {
		return nil, fmt.Errorf("encoding conversation %s: %w", conv.SID, err)
	}
	b.Write(body)
	return []byte(b.String()), nil
}

// YAML is a value as YAML, whatever its texts hold.
func YAML(value any) ([]byte, error) {
	text, err := json.Marshal(value)
	if err != nil {
		return nil, err
	}
	return escape.YAML(text)
}

// remarks are one line each, whatever the texts of the conversation hold.
func (h Head) remarks(conv *twilio.Conversation, spec *v1alpha1.ConversationSpec) []string {
	var out []string
	timer := func(path string, at *time.Time) {
		if at != nil {
			out = append(out, fmt.Sprintf("%s: runs out at %s. Twilio does not tell how long it is, so it is left as it is.",
				path, at.UTC().Format(time.RFC3339)))
		}
	}
	timer(plan.FieldTimersInactive, conv.Timers.DateInactive)
	timer(plan.FieldTimersClosed, conv.Timers.DateClosed)
	left := func(path, value string, kept bool, why string) {
		if value != "" && !kept {
			out = append(out, fmt.Sprintf("%s: left out, %s.", path, why))
		}
	}
	why := fmt.Sprintf("%.300q is not a name that an object can have", conv.UniqueName)
	if strings.HasPrefix(conv.UniqueName, plan.GeneratedPrefix) {
		why = fmt.Sprintf("%.300q is a name that an operator made", conv.UniqueName)
	}
	left(plan.FieldUniqueName, conv.UniqueName, spec.UniqueName != "", why)
	left(plan.FieldFriendlyName, conv.FriendlyName, spec.FriendlyName != "", h.unkept(conv.FriendlyName))
	left(plan.FieldState, string(conv.State), spec.State != "", "Twilio is still setting the conversation up")
	left(plan.FieldMessaging, conv.MessagingServiceSID, spec.MessagingServiceSID != "", "it is malformed")
	if !plan.SameAttributes(conv.Attributes, "{}") && !plan.SameAttributes(conv.Attributes, "null") {
		left(plan.FieldAttributes, conv.Attributes, spec.Attributes != nil, "Kubernetes would not keep them as they are")
	}
	if conv.Bindings != nil && conv.Bindings.Email != nil {
		email := v1alpha1.EmailBindingSpec{}
		if spec.Bindings != nil && spec.Bindings.Email != nil {
			email = *spec.Bindings.Email
		}
		left(plan.FieldEmailAddress, conv.Bindings.Email.Address, email.Address != "", h.unkept(conv.Bindings.Email.Address))
		left(plan.FieldEmailName, conv.Bindings.Email.Name, email.Name != "", h.unkept(conv.Bindings.Email.Name))
	}
	return out
}

// unkept says why a text is left out.
func (h Head) unkept(text string) string {
	if h.Kustomize && mangled(text) {
		return "kustomize would not keep it as it is"
	}
	return "it is too long"
}
