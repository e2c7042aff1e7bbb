// Copyright The conversations-operator Authors
// SPDX-License-Identifier: Apache-2.0

package walk

import (
	"time"

	"github.com/conversations-operator/conversations-operator/api/v1alpha1"
	"github.com/conversations-operator/conversations-operator/internal/plan"
)

// Foretell answers the first step of a pass with this start, without a world and without the memory of a process, and the
// status which the pass records if the step is Keep. The conditions of that status are the object's: they are the
// matter of the pass. Foretell changes nothing.
func Foretell(s Start, account plan.Account, now time.Time) (plan.Step, *v1alpha1.ConversationStatus) {
	// The step depends on the metadata and the spec, and only the status changes.
	object := &v1alpha1.Conversation{TypeMeta: s.Object.TypeMeta, ObjectMeta: s.Object.ObjectMeta, Spec: s.Object.Spec}
	s.Object.Status.DeepCopyInto(&object.Status)
	s.own(object)
	facts := s.facts(object, now)
	facts.Account = account
	step := plan.For(&facts)
	if step.Verb == plan.Keep {
		facts.Record(step)
	}
	return step, &object.Status
}

// own drops from a copy of the object the record of a conversation which is not the object's.
func (s *Start) own(object *v1alpha1.Conversation) {
	plan.Own(object)
	if s.Disowned {
		object.Status = v1alpha1.ConversationStatus{}
	}
}

// facts are the facts about an object at the start. The caller adds the account, and what the process knows.
func (s *Start) facts(object *v1alpha1.Conversation, now time.Time) plan.Facts {
	return plan.Facts{
		Object: object, Generated: s.Generated, Now: now, Timeout: s.Timeout,
		Intent:       plan.ParseIntent(object.Annotations[v1alpha1.CreateIntentAnnotation]),
		UpdateIntent: plan.ParseUpdateIntent(object.Annotations[v1alpha1.UpdateIntentAnnotation]),
		Look:         s.Look, Observed: s.Listed, Listed: s.Listed != nil,
	}
}
