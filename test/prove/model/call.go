// Copyright The conversations-operator Authors
// SPDX-License-Identifier: Apache-2.0

package model

// callKind is the kind of a call.
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

// call of a pass, which waits for the answer.
type call struct {
	kind callKind
	// request to Twilio.
	request uint32
	// version to be written.
	version uint32
	// sid to be claimed.
	sid string
	// row of the table is the one behind the call, fate the end of a released object.
	row  string
	fate fate
}

// answer of a call, with its time.
type answer struct {
	problem problem
	tick    int8
	// refused: Twilio took the request, and the proxy before Twilio said no.
	// ref is the conversation, the version or, for a granted claim, 1.
	ref uint32
}

// root is the beginning of a pass.
type root struct {
	version, mem, listed uint32
	tick                 int8
	account              uint8
	object               uint8
	look, erased, shared bool
}

// node is a pass after so many answers, with its next call.
type node struct {
	root   root
	before uint32
	answer answer
	call   call
	mem    memory
	// wrong is a promise broken by the pass, requests the number of its requests to Twilio, again whether another pass must follow.
	wrong    string
	requests tally
	again    bool
	// fate is the end that the pass made for an erased object.
	fate fate
}

// tally counts requests by their verb.
type tally struct{ creates, updates, deletes, reads uint8 }

// step is a pass and the next answer.
type step struct {
	before uint32
	answer answer
}

// suspended ends the run of a pass at the call that has no answer yet.
type suspended struct{ call call }
