// Copyright The conversations-operator Authors
// SPDX-License-Identifier: Apache-2.0

package walk_test

import (
	"time"
)

// fault is what happens to a step that writes at Twilio.
type fault int

const (
	noFault fault = iota
	// throttled: 429, it was not processed.
	throttled
	// lostBefore and lostAfter: no answer, without and with effect.
	lostBefore
	lostAfter
	// lostLate: no answer, and the effect comes later.
	lostLate
	// crashBefore and crashAfter: the process dies around the request, so nothing is recorded.
	crashBefore
	crashAfter
	// crashEarly: the process dies before it records what it is about to do.
	crashEarly
	faults
)

// death is the panic with which a process dies in the middle of a pass.
type death struct{}

// chaos draws faults for some steps that write, and none once it is calm.
func chaos(d dice, calm *bool) func() fault {
	return func() fault {
		if *calm || d.chance(50) {
			return noFault
		}
		return fault(d.IntN(int(faults)))
	}
}

// request sends what writes, unless something happens to it.
func (w *world) request(kind fault, send func() error) error {
	switch kind {
	case throttled:
		return errThrottled
	case lostBefore:
		return errLost
	case lostAfter:
		_ = send()
		return errLost
	case lostLate:
		w.late = append(w.late, lateRequest{w.now.Add(20 * time.Second), func() { w.log("  late effect: %v", send()) }})
		w.now = w.now.Add(10 * time.Second)
		return errLost
	case crashBefore:
		panic(death{})
	case crashAfter:
		_ = send()
		panic(death{})
	}
	return send()
}
