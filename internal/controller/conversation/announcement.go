// Copyright The conversations-operator Authors
// SPDX-License-Identifier: Apache-2.0

package conversation

import (
	"time"

	"github.com/conversations-operator/conversations-operator/api/v1alpha1"
	"github.com/conversations-operator/conversations-operator/internal/plan"
)

// announced remembers the announcements in the object's annotations until the outcome is recorded: a user may replace
// the object, and its annotations with the object, while a request is under way.
func (m *Memory) announced(conv *v1alpha1.Conversation) {
	m.note(conv, func(e *entry) {
		e.create, e.update = conv.Annotations[v1alpha1.CreateIntentAnnotation], conv.Annotations[v1alpha1.UpdateIntentAnnotation]
	})
}

// restore gives lost annotations back to the object.
func (m *Memory) restore(conv *v1alpha1.Conversation) {
	e := m.recall(conv)
	for name, text := range map[string]string{v1alpha1.CreateIntentAnnotation: e.create, v1alpha1.UpdateIntentAnnotation: e.update} {
		if _, there := conv.Annotations[name]; there || text == "" {
			continue
		}
		if conv.Annotations == nil {
			conv.Annotations = map[string]string{}
		}
		conv.Annotations[name] = text
	}
}

// settle forgets the announcements once the facts announce no more.
func (m *Memory) settle(f *plan.Facts) {
	if !f.Announces() {
		m.note(f.Object, func(e *entry) { e.create, e.update = "", "" })
	}
}

// matches tells whether a remembered outcome belongs to the announcement made at the given time. Without a remembered
// outcome the answer is false.
func matches(remembered, announced time.Time) bool {
	return !remembered.IsZero() && remembered.Equal(announced)
}
