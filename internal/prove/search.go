// Copyright The conversations-operator Authors
// SPDX-License-Identifier: Apache-2.0

package prove

import (
	"hash/maphash"
	"runtime"
	"slices"
	"sync"
	"sync/atomic"
	"time"
)

const (
	shardBits = 6
	shards    = 1 << shardBits
)

// shard holds some of the states that were reached.
type shard struct {
	mu sync.Mutex
	// table has the places of states, plus one, by their hash; zero is free.
	table  []uint32
	states []state
	// from is the state before, how the action that led from it.
	from []uint32
	how  []action
}

// reachedStates are all states that were reached. A state's number is its place in its shard, and the shard.
type reachedStates struct {
	seed   maphash.Seed
	shards [shards]shard
}

func (r *reachedStates) add(s *state, from uint32, how action) (id uint32, fresh bool) {
	hash := maphash.Comparable(r.seed, *s)
	n := hash & (shards - 1)
	sh := &r.shards[n]
	sh.mu.Lock()
	defer sh.mu.Unlock()
	if 4*(len(sh.states)+1) > 3*len(sh.table) {
		r.grow(sh)
	}
	mask := uint64(len(sh.table) - 1)
	for at := hash >> shardBits & mask; ; at = (at + 1) & mask {
		place := sh.table[at]
		if place == 0 {
			sh.states = append(sh.states, *s)
			sh.from = append(sh.from, from)
			sh.how = append(sh.how, how)
			sh.table[at] = uint32(len(sh.states))
			return uint32(len(sh.states)-1)<<shardBits | uint32(n), true
		}
		if sh.states[place-1] == *s {
			return (place-1)<<shardBits | uint32(n), false
		}
	}
}

func (r *reachedStates) grow(sh *shard) {
	const least = 1 << 10
	sh.table = make([]uint32, max(least, 2*len(sh.table)))
	mask := uint64(len(sh.table) - 1)
	for i := range sh.states {
		at := maphash.Comparable(r.seed, sh.states[i]) >> shardBits & mask
		for sh.table[at] != 0 {
			at = (at + 1) & mask
		}
		sh.table[at] = uint32(i + 1)
	}
}

func (r *reachedStates) at(id uint32) (s state, from uint32, how action) {
	sh := &r.shards[id&(shards-1)]
	sh.mu.Lock()
	defer sh.mu.Unlock()
	i := id >> shardBits
	return sh.states[i], sh.from[i], sh.how[i]
}

// Limits end an exploration that would take too long.
type Limits struct {
	// States and Depth that are explored at most; zero: all.
	States, Depth int
	// Rest is of how many states one is tried whether it comes to rest; zero: none.
	Rest int
	// All explores on after the first broken promise, and counts.
	All bool
}

// Result is what an exploration found.
type Result struct {
	Scenario string
	// States that were reached, Steps between them, and the Depth of the longest story.
	States, Steps, Depth int
	// Rested are the states from which the way to rest was followed.
	Rested int
	// Complete: nothing within the bounds was left out.
	Complete bool
	// Rows of the table that were reached.
	Rows []string
	// Exceptions counts the states in which a promise broke as it is known to.
	Exceptions map[string]int
	// Broken is the first broken promise, and Story the shortest way to it.
	Broken string
	Story  []string
	Took   time.Duration
}

// exploration is one that is under way.
type exploration struct {
	*Checker
	limits  Limits
	reached reachedStates
	steps   atomic.Int64
	rested  atomic.Int64

	mu         sync.Mutex
	exceptions map[string]int
	broken     string
	brokenAt   uint32
	last       action
}

// Explore explores the scenario, breadth first.
func (c *Checker) Explore(limits Limits) *Result {
	began := time.Now()
	x := &exploration{Checker: c, limits: limits, exceptions: map[string]int{}}
	x.reached.seed = maphash.MakeSeed()
	first := c.first()
	id, _ := x.reached.add(&first, 0, action{})
	level := []uint32{id}
	out := &Result{Scenario: c.scenario.Name, States: 1}
	for len(level) > 0 && x.broken == "" && !limits.reached(out) {
		level = x.level(level)
		out.States += len(level)
		if len(level) > 0 {
			out.Depth++
		}
	}
	out.Complete = len(level) == 0
	out.Steps, out.Rested, out.Exceptions = int(x.steps.Load()), int(x.rested.Load()), x.exceptions
	if x.broken != "" {
		out.Broken, out.Story = x.broken, x.story(x.brokenAt, x.last)
	}
	for row := range c.rows {
		out.Rows = append(out.Rows, row)
	}
	slices.Sort(out.Rows)
	out.Took = time.Since(began)
	return out
}

func (l Limits) reached(r *Result) bool {
	return l.States > 0 && r.States >= l.States || l.Depth > 0 && r.Depth >= l.Depth
}

// level expands the states of one depth, and answers those of the next.
func (x *exploration) level(now []uint32) []uint32 {
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
					found[n] = x.visit(id, found[n])
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
	if x.limits.Rest > 0 && int(id>>shardBits)%x.limits.Rest == 0 {
		x.rested.Add(1)
		if end, wrong := x.rests(&s, nil); wrong != "" {
			x.breaks(end, x.happened(&s), id, action{kind: calmly}, wrong)
		}
	}
	steps := int64(0)
	x.expand(&s, func(next *state, a action, wrong string) {
		steps++
		next.tidy()
		if wrong != "" {
			x.breaks(next, x.happened(next), id, a, wrong)
			return
		}
		child, fresh := x.reached.add(next, id, a)
		if !fresh {
			return
		}
		if wrong := x.Checker.broken(next); wrong != "" {
			x.breaks(next, x.happened(next), id, a, wrong)
			return
		}
		out = append(out, child)
	})
	x.steps.Add(steps)
	return out
}

// breaks notes a broken promise, or counts it if it is known.
func (x *exploration) breaks(s *state, happened Bounds, from uint32, a action, wrong string) {
	x.mu.Lock()
	defer x.mu.Unlock()
	for i := range Exceptions {
		if e := &Exceptions[i]; e.matches(x.Checker, s, happened) {
			x.exceptions[e.Name]++
			return
		}
	}
	if x.limits.All {
		x.exceptions["broken: "+wrong]++
	}
	if x.broken == "" {
		x.broken, x.brokenAt, x.last = wrong, from, a
	}
}
