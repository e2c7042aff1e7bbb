// Copyright The conversations-operator Authors
// SPDX-License-Identifier: Apache-2.0

package preview

import (
	"cmp"

	"github.com/conversations-operator/conversations-operator/internal/twilio"
)

// Creations holds the unique names which earlier objects would give to conversations of an account. For later objects the
// names are taken.
type Creations map[named]creation

type named struct{ service, name string }

// creation is a conversation which an object would create or rename.
type creation struct {
	conv   *twilio.Conversation
	object string
}

func (w *world) named(name string) named {
	return named{cmp.Or(w.pass.Facts.Service(name), w.Service), name}
}

func (w *world) itself() string { return w.object.Namespace + "/" + w.object.Name }

// remember notes that the object would give the name to the conversation.
func (w *world) remember(name string, conv *twilio.Conversation) {
	if w.Creations != nil {
		w.Creations[w.named(name)] = creation{conv, w.itself()}
	}
}

// before returns the conversation to which another object would have given the name; nil: no other object uses the name.
func (w *world) before(name string) *creation {
	c, ok := w.Creations[w.named(name)]
	if !ok || c.object == w.itself() {
		return nil
	}
	return &c
}
