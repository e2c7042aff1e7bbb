// Copyright The conversations-operator Authors
// SPDX-License-Identifier: Apache-2.0

package model

// class groups the steps of a calm run for which fairness is asked. A worker has one class for each kind of pass, for answers and
// for its cache.
type class uint8

const (
	classStart class = iota
	classLook
	classUndo
	classReply
	classSee
	classesOfWorker
)

const (
	classLand class = managers*objects*classesOfWorker + iota
	classTick
	classErase
)

func classOf(worker int, c class) class { return class(worker)*classesOfWorker + c }

// Classes is a set of classes of steps. Fairness is asked for each class.
type Classes uint32

func (c class) set() Classes { return 1 << c }

// Looks are the passes that ask Twilio without need, as a drift check does. Users may switch drift checks off.
func Looks() (out Classes) {
	for i := range managers * objects {
		out |= classOf(i, classLook).set()
	}
	return out
}

// Fair are the steps that every run takes again and again as long as they are possible again and again. A request on its way may
// be lost: so nobody relies on its arrival.
func Fair() Classes { return 1<<(classErase+1) - 1&^classLand.set() }

// Ticks are the steps of the clock.
func Ticks() Classes { return classTick.set() }

// Label of a step of a calm run: its class, and what the step does.
type Label uint8

// What a step does.
const (
	// Writes: the step writes, Asks: the step reads from Twilio or the API server without need.
	Writes Label = 1 << 7
	Asks   Label = 1 << 6
	// Due: the step is to come soon, and is not possible yet.
	Due Label = 1 << 5
)

// Class is the set of the step's class alone.
func (l Label) Class() Classes { return class(l &^ (Writes | Asks | Due)).set() }
