// Copyright The conversations-operator Authors
// SPDX-License-Identifier: Apache-2.0

package prove

// memory is the memory of a process about one object, until the process dies.
type memory struct {
	// unsent, refused, undone and own are announcements, by number: a create without effect, a refused create, which
	// update did not happen, and which was announced by this process. Zero: none.
	unsent, refused, undone, own int16
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
