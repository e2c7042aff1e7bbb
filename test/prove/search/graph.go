// Copyright The conversations-operator Authors
// SPDX-License-Identifier: Apache-2.0

package search

import (
	"sync/atomic"

	"github.com/conversations-operator/conversations-operator/test/prove/model"
)

// calmGraph has the states of all runs in which nothing goes wrong any more, and the steps between these states. A state from which
// such a run begins has the number of the state where the harm was done as from, and [model.Calmly] as how.
type calmGraph struct {
	reachedStates
	rows  [shards]rows
	steps atomic.Int64
	// begun counts the reached states from which calm runs were followed.
	begun atomic.Int64
}

// rows are the steps that leave the states of a shard.
type rows struct {
	// first and number are where the steps of a state are in to and labels, by its place.
	first  []uint32
	number []uint8
	to     []uint32
	labels []model.Label
}

// join adds the steps from a state.
func (g *calmGraph) join(id uint32, to []uint32, labels []model.Label) {
	n, place := id&(shards-1), int(id>>shardBits)
	sh, r := &g.shards[n], &g.rows[n]
	sh.mu.Lock()
	defer sh.mu.Unlock()
	for len(r.first) <= place {
		r.first, r.number = append(r.first, 0), append(r.number, 0)
	}
	r.first[place], r.number[place] = uint32(len(r.to)), uint8(len(to))
	r.to, r.labels = append(r.to, to...), append(r.labels, labels...)
}

// beginCalm adds the calm state of a reached state, and answers a new one.
func (x *exploration) beginCalm(id uint32, out []uint32) []uint32 {
	x.calm.begun.Add(1)
	s, _, _ := x.reached.at(id)
	calm := x.Calmed(&s)
	if child, fresh := x.calm.add(&calm, id, model.Calmly); fresh {
		out = append(out, child)
	}
	return out
}

// visitCalm notes each step from a calm state, and adds the new states.
func (x *exploration) visitCalm(id uint32, out []uint32) []uint32 {
	s, _, _ := x.calm.at(id)
	var to []uint32
	var labels []model.Label
	x.ExpandCalm(&s, func(next *model.State, a model.Action, l model.Label, wrong string) {
		if wrong == "" {
			wrong = x.Broken(next)
		}
		if wrong != "" {
			x.breaks(next, way{id, true, a}, wrong)
			return
		}
		child, fresh := x.calm.add(next, id, a)
		if fresh {
			out = append(out, child)
		}
		to, labels = append(to, child), append(labels, l)
	})
	x.calm.join(id, to, labels)
	x.calm.steps.Add(int64(len(to)))
	return out
}
