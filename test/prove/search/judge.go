// Copyright The conversations-operator Authors
// SPDX-License-Identifier: Apache-2.0

package search

import (
	"slices"

	"github.com/conversations-operator/conversations-operator/test/prove/model"
)

// judge looks in each set of states in which a fair run can stay for ever. No step in it writes, even if no drift check comes and the
// clock stands still; none asks, even if no drift check comes; and with drift checks, each state is as the spec says.
func (x *exploration) judge() {
	g, base := x.calm.fairGraph()
	v := verdict{exploration: x, fairGraph: g, base: base[:]}
	v.restless(model.Writes, model.Fair()&^model.Looks()&^model.Ticks(), "it never stops to write")
	v.restless(model.Asks, model.Fair()&^model.Looks(), "it never stops to ask")
	judged := map[model.Rest]string{}
	g.forever(v.fairness(model.Fair()), func(component []uint32) {
		for _, at := range component {
			s, _, _ := x.calm.at(v.id(at))
			key := s.Rest()
			wrong, known := judged[key]
			if !known {
				wrong = x.RestsWell(&s)
				judged[key] = wrong
			}
			if wrong != "" {
				v.found(at, 0, "for ever, "+wrong)
			}
		}
	})
}

// restless looks for steps of this label that come again and again in a fair run.
func (v *verdict) restless(of model.Label, required model.Classes, wrong string) {
	v.forever(v.fairness(required), func(component []uint32) {
		if at, found := v.fairGraph.restless(component, of); found {
			v.found(at, of, wrong)
		}
	})
}

// fairness of the scenario: two objects that want one conversation may meet again and again in the same way, but not for ever, as
// retries come after different times.
func (v *verdict) fairness(required model.Classes) fairness {
	return fairness{required: required, strict: v.Scenario.Rival != nil}
}

// verdict collects the bad components, and keeps the one with the shortest story.
type verdict struct {
	*exploration
	*fairGraph
	base  []uint32
	steps int
}

// id is the number in the calm graph of a state of the fair graph.
func (v *verdict) id(at uint32) uint32 {
	shard, exact := slices.BinarySearch(v.base, at)
	for exact && shard+1 < len(v.base) && v.base[shard+1] == at {
		shard++
	}
	if !exact {
		shard--
	}
	return (at-v.base[shard])<<shardBits | uint32(shard)
}

// found notes a state of a bad component.
func (v *verdict) found(at uint32, of model.Label, wrong string) {
	id := v.id(at)
	s, _, _ := v.calm.at(id)
	if name := v.Known(&s); name != "" {
		v.exceptions[name]++
		return
	}
	by := way{id, true, model.Forever}
	if steps := len(v.passages(by)); v.broken == "" || steps < v.steps {
		v.broken, v.brokenBy, v.steps, v.round = wrong, by, steps, v.cycle(at, of)
	}
}

// cycle is a way through the component from a state back to the same state, first over a step of this label.
func (v *verdict) cycle(from uint32, of model.Label) []model.State {
	before := map[uint32]uint32{}
	queue := []uint32{}
	reach := func(at uint32, only model.Label) {
		for k := v.first[at]; k < v.first[at+1]; k++ {
			w := v.to[k]
			_, seen := before[w]
			if v.part[w] == v.part[from] && !seen && v.labels[k]&(only|model.Due) == only {
				before[w] = at
				queue = append(queue, w)
			}
		}
	}
	reach(from, of)
	for len(queue) > 0 && queue[0] != from {
		next := queue[0]
		queue = queue[1:]
		reach(next, 0)
	}
	if len(queue) == 0 {
		return nil
	}
	var out []model.State
	for at := from; ; {
		s, _, _ := v.calm.at(v.id(at))
		out = append(out, s)
		if at = before[at]; at == from {
			break
		}
	}
	out = append(out, out[0])
	slices.Reverse(out)
	return out
}

// endless notes that a run comes to ever new states.
func (x *exploration) endless(id uint32) {
	s, _, _ := x.calm.at(id)
	x.breaks(&s, way{id, true, model.Forever}, "it never comes to rest: each state is another")
}
