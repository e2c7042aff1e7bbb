// Copyright The conversations-operator Authors
// SPDX-License-Identifier: Apache-2.0

package prove

// callKind is what a pass asks of the world.
type callKind uint8

const (
	// callTwilio is a request to Twilio.
	callTwilio callKind = iota
	// callPatch writes metadata, callStatus the status, callRelease metadata without the finalizer.
	callPatch
	callStatus
	callRelease
	// callReread reads the object from the API server, callRival the other object.
	callReread
	callRival
	// callClaim takes a conversation, in this process.
	callClaim
	// callEnd: the pass is over.
	callEnd
)

// call is what a pass waits for.
type call struct {
	kind callKind
	// request to Twilio.
	request uint32
	// version is what is written.
	version uint32
	// sid that is claimed.
	sid string
	// row is the table's row that decided, fate what becomes of a released object.
	row  string
	fate fate
}

// answer is what a call got, and when.
type answer struct {
	problem problem
	tick    int8
	// refused: Twilio took the request, and what stands before it said no.
	// ref is the conversation, the version or, for a claim, one where it is granted.
	ref uint32
}

// root is what a pass begins with.
type root struct {
	version, mem, listed uint32
	tick                 int8
	account              uint8
	object               uint8
	look, erased         bool
}

// node is a pass that got so many answers, and what it asks next.
type node struct {
	root   root
	before uint32
	answer answer
	call   call
	mem    memory
	// wrong is a promise that the pass broke, requests what it asked Twilio for, again that it wants to be looked at again.
	wrong    string
	requests tally
	again    bool
	// fate is what the pass made of an object that was erased.
	fate fate
}

// tally counts requests by what they do.
type tally struct{ creates, updates, deletes, reads uint8 }

// step is a pass and the next answer.
type step struct {
	before uint32
	answer answer
}

// suspended ends the run of a walk at the call that has no answer yet.
type suspended struct{ call call }
