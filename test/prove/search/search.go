// Copyright The conversations-operator Authors
// SPDX-License-Identifier: Apache-2.0

// Package search explores every reachable state of a model, in every order of all possible events, up to bounds, and tells the shortest
// story of a broken promise. What a state holds is the model's matter: here a state is looked up, and compared.
package search

import (
	"hash/maphash"
	"runtime"
	"slices"
	"sync"
	"sync/atomic"
	"time"

	"github.com/conversations-operator/conversations-operator/test/prove/model"
	"github.com/conversations-operator/conversations-operator/test/prove/scenario"
)

// Limits end an exploration that would take too long.
type Limits struct {
	// States and Depth that are explored at most; zero: all.
	States, Depth int
	// Calm is how many states of calm runs there may be before no further runs begin; zero: no limit; negative: no run begins.
	Calm int
	// All explores on after the first broken promise, and counts.
	All bool
}

// Result of an exploration.
type Result struct {
	Scenario string
	// States that were reached, Steps between them, and the Depth of the longest story.
	States, Steps, Depth int
	// Calmed are the reached states from which every fair run was followed, Calm and CalmSteps the size of the graph of these runs.
	Calmed, Calm, CalmSteps int
	// Complete: nothing within the bounds was left out.
	Complete bool
	// Rows of the table that were reached.
	Rows []string
	// Exceptions counts the states in which a promise broke as it is known to.
	Exceptions map[string]int
	// Broken is the first broken promise, and Story the shortest way to it.
	Broken string
	Story  *scenario.Story
	Took   time.Duration
}

// exploration under way.
type exploration struct {
	*model.Checker
	limits  Limits
	begun   model.State
	reached reachedStates
	steps   atomic.Int64
	calm    calmGraph

	mu         sync.Mutex
	exceptions map[string]int
	broken     string
	brokenBy   way
	// round are the last states of a run without rest, which come again and again.
	round []model.State
}

// way is a step from a reached state, or from a state of a calm run.
type way struct {
	from uint32
	calm bool
	model.Action
}

// longestCalm is how many steps the longest way to rest may have. The graph of the calm states has no end only where a run comes to
// ever new states.
const longestCalm = 200

// Explore explores the scenario breadth first, and beside the faulty steps the calm runs from each reached state.
func Explore(c *model.Checker, limits Limits) *Result {
	began := time.Now()
	x := &exploration{Checker: c, limits: limits, exceptions: map[string]int{}}
	x.reached.seed, x.calm.seed = maphash.MakeSeed(), maphash.MakeSeed()
	x.begun = c.First()
	id, _ := x.reached.add(&x.begun, 0, model.Action{})
	out := &Result{Scenario: c.Scenario.Name, States: 1, Complete: true}
	calmRounds := 0
	for level, calm := []uint32{id}, []uint32(nil); x.broken == "" && len(level)+len(calm) > 0; {
		if limits.Calm == 0 || out.Calm < limits.Calm {
			calm = append(calm, x.level(level, x.beginCalm)...)
		}
		out.Calm += len(calm)
		calm = x.level(calm, x.visitCalm)
		switch {
		case len(level) == 0:
			if calmRounds++; calmRounds > longestCalm && len(calm) > 0 {
				x.endless(calm[0])
			}
		case limits.reached(out):
			level, out.Complete = nil, false
		default:
			level = x.level(level, x.visit)
			out.States += len(level)
			out.Depth++
		}
	}
	if x.broken == "" {
		x.judge()
	}
	x.sum(out)
	out.Took = time.Since(began)
	return out
}

// sum fills the result.
func (x *exploration) sum(out *Result) {
	out.Steps, out.Exceptions, out.Rows = int(x.steps.Load()), x.exceptions, x.Rows()
	out.Calmed, out.CalmSteps = int(x.calm.begun.Load()), int(x.calm.steps.Load())
	if x.broken != "" {
		out.Broken, out.Story = x.broken, x.story(x.brokenBy)
	}
}

func (l Limits) reached(r *Result) bool {
	return l.States > 0 && r.States >= l.States || l.Depth > 0 && r.Depth >= l.Depth
}

// level visits the states of one depth, and answers the new states of these visits.
func (x *exploration) level(now []uint32, visit func(id uint32, found []uint32) []uint32) []uint32 {
	workers := runtime.GOMAXPROCS(0)
	const chunk = 256
	var taken atomic.Int64
	found := make([][]uint32, workers)
	var wg sync.WaitGroup
	for n := range workers {
		wg.Go(func() {
			for {
				from := int(taken.Add(chunk)) - chunk
				if from >= len(now) {
					return
				}
				for _, id := range now[from:min(from+chunk, len(now))] {
					found[n] = visit(id, found[n])
				}
			}
		})
	}
	wg.Wait()
	return slices.Concat(found...)
}

// visit expands a state, and adds the states that are new.
func (x *exploration) visit(id uint32, out []uint32) []uint32 {
	s, _, _ := x.reached.at(id)
	steps := int64(0)
	x.Expand(&s, func(next *model.State, a model.Action, wrong string) {
		steps++
		if wrong != "" {
			x.breaks(next, way{id, false, a}, wrong)
			return
		}
		child, fresh := x.reached.add(next, id, a)
		if !fresh {
			return
		}
		if wrong := x.Broken(next); wrong != "" {
			x.breaks(next, way{id, false, a}, wrong)
			return
		}
		out = append(out, child)
	})
	x.steps.Add(steps)
	return out
}

// breaks notes a broken promise, or counts a known exception.
func (x *exploration) breaks(s *model.State, by way, wrong string) {
	x.mu.Lock()
	defer x.mu.Unlock()
	if name := x.Known(s); name != "" {
		x.exceptions[name]++
		return
	}
	if x.limits.All {
		x.exceptions["broken: "+wrong]++
	}
	if x.broken == "" {
		x.broken, x.brokenBy = wrong, by
	}
}
