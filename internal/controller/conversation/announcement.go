// Copyright The conversations-operator Authors
// SPDX-License-Identifier: Apache-2.0

package conversation

import (
	"time"

	"github.com/conversations-operator/conversations-operator/api/v1alpha1"
	"github.com/conversations-operator/conversations-operator/internal/plan"
)

// announced remembers what the object's annotations announce, until the outcome is recorded: somebody may replace the object,
// and its annotations with it, while a request is under way.
func (m *Memory) announced(conv *v1alpha1.Conversation) {
	m.note(conv, func(e *entry) {
		e.create, e.update = conv.Annotations[v1alpha1.CreateIntentAnnotation], conv.Annotations[v1alpha1.UpdateIntentAnnotation]
	})
}

// restore gives the object the annotations back that it lost.
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

// settle forgets what has come to its end.
func (m *Memory) settle(f *plan.Facts) {
	if !f.Announces() {
		m.note(f.Object, func(e *entry) { e.create, e.update = "", "" })
	}
}

// is tells whether what is remembered of an announcement, if anything is, is of the one of that time.
func is(remembered, announced time.Time) bool {
	return !remembered.IsZero() && remembered.Equal(announced)
}
