// Copyright The conversations-operator Authors
// SPDX-License-Identifier: Apache-2.0

package plan

import (
	"slices"

	"k8s.io/apimachinery/pkg/util/json"

	"github.com/conversations-operator/conversations-operator/api/v1alpha1"
	"github.com/conversations-operator/conversations-operator/internal/twilio"
)

// Manifest is the spec that adopts the conversation as it is: the inverse of what a spec makes of a conversation. It
// names the conversation by adoption.sid and retains it on deletion. Everything that Twilio answers and a spec can say
// is kept, so that nothing is sent when the object is applied. Left out are the durations of timers, which Twilio never
// answers; what it answers for fields that were never set; and what the CRD would refuse, or the API server or kubectl
// would not keep as it is, generated unique names among it.
func Manifest(conv *twilio.Conversation) v1alpha1.ConversationSpec {
	spec := v1alpha1.ConversationSpec{
		Adoption:       &v1alpha1.AdoptionSpec{SID: conv.SID},
		ChatServiceSID: conv.ChatServiceSID,
		DeletionPolicy: v1alpha1.DeletionPolicyRetain,
	}
	for i := range rows {
		r := &rows[i]
		if r.write == nil {
			continue
		}
		value, _ := r.answered(conv)
		if value == "" {
			continue
		}
		next := spec.DeepCopy()
		if r.write(next, value); len(next.Validate()) == 0 {
			spec = *next
		}
	}
	return spec
}

// storedAttributes is what the API server makes of attributes; nil where they are not worth a field, or do not survive
// it: it reads numbers beyond 64 bits as floating point, and kubectl apply drops keys that are null.
func storedAttributes(text string) []byte {
	if SameAttributes(text, noAttributes) || len(text) > MaxAttributes {
		return nil
	}
	var value any
	if err := json.Unmarshal([]byte(text), &value); err != nil || value == nil || hasNullKey(value) {
		return nil
	}
	stored, err := json.Marshal(value)
	if err != nil || !SameAttributes(text, string(stored)) {
		return nil
	}
	return stored
}

// hasNullKey tells whether a key of an object, at any depth, is null.
func hasNullKey(value any) bool {
	switch v := value.(type) {
	case map[string]any:
		for _, inner := range v {
			if inner == nil || hasNullKey(inner) {
				return true
			}
		}
	case []any:
		return slices.ContainsFunc(v, hasNullKey)
	}
	return false
}
