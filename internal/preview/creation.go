// Copyright The conversations-operator Authors
// SPDX-License-Identifier: Apache-2.0

package preview

import (
	"cmp"

	"github.com/conversations-operator/conversations-operator/internal/twilio"
)

// Creations are the unique names that objects would give to conversations of one account: they are taken for the
// objects after them.
type Creations map[named]creation

type named struct{ service, name string }

// creation is what an object would make or rename.
type creation struct {
	conv   *twilio.Conversation
	object string
}

func (w *walk) named(name string) named { return named{cmp.Or(w.facts.Service(name), w.Service), name} }

func (w *walk) itself() string { return w.conv.Namespace + "/" + w.conv.Name }

// remember that the object would give the name away.
func (w *walk) remember(name string, conv *twilio.Conversation) {
	if w.Creations != nil {
		w.Creations[w.named(name)] = creation{conv, w.itself()}
	}
}

// before is what another object would have given the name to; nil if there is none.
func (w *walk) before(name string) *creation {
	c, ok := w.Creations[w.named(name)]
	if !ok || c.object == w.itself() {
		return nil
	}
	return &c
}
