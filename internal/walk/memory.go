// Copyright The conversations-operator Authors
// SPDX-License-Identifier: Apache-2.0

package walk

import (
	"time"

	"github.com/conversations-operator/conversations-operator/api/v1alpha1"
	"github.com/conversations-operator/conversations-operator/internal/plan"
)

// Memory is the knowledge of a process about an object from earlier passes, until the process ends.
type Memory struct {
	// Create and Update are the annotations which announce a create and an update, until the outcome is recorded: a user may
	// replace the object, and its annotations with the object, while a request is under way.
	Create, Update string
	// Times of announcements. CreateUnsent and UpdateUnsent: the announced request certainly had no effect. CreateRefused:
	// Twilio refused the announced create. UpdateOwn: this process wrote the announcement of the update.
	CreateUnsent, UpdateUnsent, CreateRefused, UpdateOwn time.Time
	// Deleted is the conversation deleted for the object, until the object has another conversation: a create in its place
	// may have to wait for a seat, and need not ask again whether the old conversation is gone.
	Deleted string
}

// Restore gives lost announcements back to the object.
func (m *Memory) Restore(object *v1alpha1.Conversation) {
	for name, text := range map[string]string{v1alpha1.CreateIntentAnnotation: m.Create, v1alpha1.UpdateIntentAnnotation: m.Update} {
		if _, there := object.Annotations[name]; there || text == "" {
			continue
		}
		if object.Annotations == nil {
			object.Annotations = map[string]string{}
		}
		object.Annotations[name] = text
	}
}

// announced remembers the announcements in the object's annotations.
func (m *Memory) announced(object *v1alpha1.Conversation) {
	m.Create, m.Update = object.Annotations[v1alpha1.CreateIntentAnnotation], object.Annotations[v1alpha1.UpdateIntentAnnotation]
}

// tell adds the remembered outcomes to the facts.
func (m *Memory) tell(f *plan.Facts) {
	if u := f.UpdateIntent; u != nil {
		f.OwnUpdateIntent, f.UpdateUnsent = matches(m.UpdateOwn, u.Time), matches(m.UpdateUnsent, u.Time)
	}
	if i := f.Intent; i != nil {
		f.Unsent = matches(m.CreateUnsent, i.Time)
		if matches(m.CreateRefused, i.Time) {
			f.Refused()
		}
	}
}

// matches tells whether a remembered outcome belongs to the announcement made at the given time. Without a remembered
// outcome the answer is false.
func matches(remembered, announced time.Time) bool {
	return !remembered.IsZero() && remembered.Equal(announced)
}
