// Copyright The conversations-operator Authors
// SPDX-License-Identifier: Apache-2.0

package model

import (
	"time"

	"github.com/conversations-operator/conversations-operator/internal/walk"
)

// memory is the memory of a process about one object, until the process dies.
type memory struct {
	// unsent, refused, undone and own are announcements, by their time in milliseconds after noon: a create without effect, a
	// refused create, which update did not happen, and which was announced by this process. Zero: none.
	unsent, refused, undone, own int32
	// journalCreate and journalUpdate are the announcements as texts.
	journalCreate, journalUpdate uint32
	// removed is the conversation that was deleted for the object.
	removed string
	// claim is the conversation that the object takes.
	claim string
	// released is the object whose finalizer was taken away.
	released uint8
	// erased is the last version of an object that vanished with its finalizer.
	erased uint32
	// marks: Twilio answered a create with its mark.
	marks bool
	// contradicted is the account, by its place and one, whose credentials turned out to be another's.
	contradicted uint8
}

// forget drops the memory of an object after its end.
func (m *memory) forget() {
	*m = memory{released: m.released, erased: m.erased, marks: m.marks, contradicted: m.contradicted}
}

// recall is the part of the memory that a pass uses.
func (c *Checker) recall(m *memory) walk.Memory {
	return walk.Memory{
		Create: c.textOf(m.journalCreate), Update: c.textOf(m.journalUpdate), Deleted: m.removed,
		CreateUnsent: timeOf(m.unsent), CreateRefused: timeOf(m.refused), UpdateUnsent: timeOf(m.undone), UpdateOwn: timeOf(m.own),
	}
}

// remember keeps what a pass changed.
func (c *Checker) remember(m *memory, is *walk.Memory) {
	m.journalCreate, m.journalUpdate, m.removed = c.text(is.Create), c.text(is.Update), is.Deleted
	m.unsent, m.refused, m.undone, m.own = sinceNoon(is.CreateUnsent), sinceNoon(is.CreateRefused), sinceNoon(is.UpdateUnsent), sinceNoon(is.UpdateOwn)
}

func (c *Checker) text(s string) uint32 {
	if s == "" {
		return 0
	}
	return c.texts.add(s, s)
}

func (c *Checker) textOf(id uint32) string {
	if id == 0 {
		return ""
	}
	return c.texts.at(id)
}

func sinceNoon(t time.Time) int32 {
	if t.IsZero() {
		return 0
	}
	return int32(t.Sub(noon) / time.Millisecond)
}

func timeOf(after int32) time.Time {
	if after == 0 {
		return time.Time{}
	}
	return noon.Add(time.Duration(after) * time.Millisecond)
}
