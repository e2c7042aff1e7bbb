// Copyright The conversations-operator Authors
// SPDX-License-Identifier: Apache-2.0

package conversation

import (
	"sync"

	"k8s.io/apimachinery/pkg/types"

	"github.com/conversations-operator/conversations-operator/api/v1alpha1"
	"github.com/conversations-operator/conversations-operator/internal/plan"
)

// journal remembers what this process announced in the annotations of objects, until the outcome is recorded: somebody
// may replace an object, and its annotations with it, while a request is under way.
type journal struct {
	mu      sync.Mutex
	entries map[types.UID]announcement
}

// announcement is what the annotations of one object say.
type announcement struct{ create, update string }

func newJournal() *journal { return &journal{entries: map[types.UID]announcement{}} }

// note remembers the annotations of the object.
func (j *journal) note(conv *v1alpha1.Conversation) {
	j.mu.Lock()
	defer j.mu.Unlock()
	j.entries[conv.UID] = announcement{
		create: conv.Annotations[v1alpha1.CreateIntentAnnotation], update: conv.Annotations[v1alpha1.UpdateIntentAnnotation],
	}
}

// restore gives the object the annotations back that it lost.
func (j *journal) restore(conv *v1alpha1.Conversation) {
	j.mu.Lock()
	defer j.mu.Unlock()
	entry := j.entries[conv.UID]
	for name, text := range map[string]string{v1alpha1.CreateIntentAnnotation: entry.create, v1alpha1.UpdateIntentAnnotation: entry.update} {
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
func (j *journal) settle(f *plan.Facts) {
	if !f.Announces() {
		j.forget(f.Object.UID)
	}
}

func (j *journal) forget(uid types.UID) {
	j.mu.Lock()
	defer j.mu.Unlock()
	delete(j.entries, uid)
}
