// Copyright The conversations-operator Authors
// SPDX-License-Identifier: Apache-2.0

package plan

import (
	"slices"

	"k8s.io/apimachinery/pkg/util/json"

	"github.com/conversations-operator/conversations-operator/api/v1alpha1"
	"github.com/conversations-operator/conversations-operator/internal/twilio"
)

// Manifest is the spec which adopts the conversation as it is: the inverse of applying a spec to a conversation.
// Manifest names the conversation by adoption.sid and retains the conversation on deletion. Manifest keeps every value
// which Twilio answers and a spec can say, so that applying the object sends no request. Manifest leaves out the
// durations of timers, which Twilio never answers; Twilio's answers for fields which were never set; and values which
// the CRD would refuse, or which the API server or kubectl would change, generated unique names among them.
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
		// A value against the rules costs its field, not the manifest.
		if r.write(next, value); len(next.Validate()) == 0 {
			spec = *next
		}
	}
	return spec
}

// storedAttributes are the attributes as the API server would store them; nil for attributes which need no field, or
// which the API server or kubectl would change: the API server reads numbers beyond 64 bits as floating point, and
// kubectl apply drops keys with the value null.
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
