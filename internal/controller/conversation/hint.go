// Copyright The conversations-operator Authors
// SPDX-License-Identifier: Apache-2.0

package conversation

import (
	"context"
	"time"

	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
	"k8s.io/apimachinery/pkg/types"
	"sigs.k8s.io/controller-runtime/pkg/client"
	"sigs.k8s.io/controller-runtime/pkg/event"

	"github.com/conversations-operator/conversations-operator/api/v1alpha1"
	"github.com/conversations-operator/conversations-operator/internal/twilio"
)

// maxListed bounds how many listed conversations the memory keeps for objects which wait for a look. Without a listed
// conversation, the object asks Twilio again.
const maxListed = 1000

// Hint is why the drift check wants a look at an object.
type Hint struct {
	// Listed is the conversation in Twilio's list; nil: the pass asks Twilio.
	Listed *twilio.Conversation
	// Asked is the time of the request for the list.
	Asked time.Time
	// Shared: another object has the same conversation in its record.
	Shared bool
}

// Hint notes that the object needs a look, until the look is done or the object is gone, and wakes the object.
func (m *Memory) Hint(ctx context.Context, conv *v1alpha1.Conversation, h Hint) {
	m.mu.Lock()
	m.change(client.ObjectKeyFromObject(conv), conv.UID, func(e *entry) {
		if m.listed-e.listed() >= maxListed {
			h.Listed = nil
		}
		e.hint = &h
	})
	m.mu.Unlock()
	m.Wake(ctx, conv)
}

// Wake lets the reconciler make a pass over an object.
func (m *Memory) Wake(ctx context.Context, conv *v1alpha1.Conversation) {
	select {
	case m.looks <- event.GenericEvent{Object: &v1alpha1.Conversation{ObjectMeta: metav1.ObjectMeta{Namespace: conv.Namespace, Name: conv.Name}}}:
	case <-ctx.Done():
	}
}

// Stale tells whether the copy of an object is older than this process' last write of the object.
func (m *Memory) Stale(conv *v1alpha1.Conversation) (stale bool) {
	m.mu.Lock()
	defer m.mu.Unlock()
	if m.find(client.ObjectKeyFromObject(conv), conv.UID) != nil {
		m.change(client.ObjectKeyFromObject(conv), conv.UID, func(e *entry) { stale = e.fresh.Stale(conv) })
	}
	return stale
}

// Wrote notes a write of this process to the conversation of the object.
func (m *Memory) Wrote(conv *v1alpha1.Conversation) {
	m.note(conv, func(e *entry) { e.wrote = time.Now() })
}

// WroteSince tells whether this process wrote to the conversation of the object since the given time.
func (m *Memory) WroteSince(conv *v1alpha1.Conversation, t time.Time) bool {
	at := m.recall(conv).wrote
	return !at.IsZero() && !at.Before(t)
}

// Prune forgets writes to conversations from before t.
func (m *Memory) Prune(t time.Time) {
	m.mu.Lock()
	defer m.mu.Unlock()
	for name, entries := range m.byName {
		var old []types.UID
		for _, e := range entries {
			if !e.wrote.IsZero() && e.wrote.Before(t) {
				old = append(old, e.uid)
			}
		}
		for _, uid := range old {
			m.change(name, uid, func(e *entry) { e.wrote = time.Time{} })
		}
	}
}

// Older tells whether a list shows an older version than the recorded version. An older version says nothing, as if the
// list did not have the conversation.
func Older(entry *twilio.Conversation, conv *v1alpha1.Conversation) bool {
	return entry.DateUpdated != nil && conv.Status.DateUpdated != nil && entry.DateUpdated.Before(conv.Status.DateUpdated.Time)
}
