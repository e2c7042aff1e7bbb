// Copyright The conversations-operator Authors
// SPDX-License-Identifier: Apache-2.0

package search

import "github.com/conversations-operator/conversations-operator/test/prove/model"

// fairGraph is a calm graph with the states numbered from zero, in the form that a search for components needs: the steps that leave
// state v are those from first[v] to first[v+1].
type fairGraph struct {
	first  []uint32
	to     []uint32
	labels []model.Label
	// part tells which states are looked at together: a step into another part counts for nothing.
	part  []uint32
	parts uint32
	// index and low are Tarjan's, below the states of the path that are in no component yet.
	index, low []uint32
	next       uint32
	path       []uint32
	below      []frame
}

// frame is a state on the way of the search, and the next of its steps.
type frame struct{ v, step uint32 }

// fairGraph copies the steps of the calm graph. base has the first number of each shard.
func (g *calmGraph) fairGraph() (out *fairGraph, base [shards + 1]uint32) {
	steps := 0
	for n := range g.shards {
		base[n+1] = base[n] + uint32(len(g.shards[n].states))
		steps += len(g.rows[n].to)
	}
	states := base[shards]
	out = &fairGraph{
		first: make([]uint32, 0, states+1), to: make([]uint32, 0, steps), labels: make([]model.Label, 0, steps),
		part: make([]uint32, states), index: make([]uint32, states), low: make([]uint32, states),
	}
	for n := range g.shards {
		r := &g.rows[n]
		for place := range g.shards[n].states {
			out.first = append(out.first, uint32(len(out.to)))
			if place >= len(r.first) {
				continue
			}
			at := r.first[place]
			for _, id := range r.to[at : at+uint32(r.number[place])] {
				out.to = append(out.to, base[id&(shards-1)]+id>>shardBits)
			}
			out.labels = append(out.labels, r.labels[at:at+uint32(r.number[place])]...)
		}
		*r = rows{}
	}
	out.first = append(out.first, uint32(len(out.to)))
	return out, base
}

// components lists the strongly connected components among states of one part, by Tarjan's algorithm without recursion.
func (g *fairGraph) components(states []uint32, each func(component []uint32)) {
	for _, v := range states {
		g.index[v] = 0
	}
	g.next = 0
	for _, v := range states {
		if g.index[v] == 0 {
			g.search(v, each)
		}
	}
}

func (g *fairGraph) search(v uint32, each func(component []uint32)) {
	g.enter(v)
	for len(g.below) > 0 {
		f := &g.below[len(g.below)-1]
		v := f.v
		if f.step < g.first[v+1] {
			w := g.to[f.step]
			f.step++
			switch {
			case g.part[w] != g.part[v]:
			case g.index[w] == 0:
				g.enter(w)
			default:
				g.low[v] = min(g.low[v], g.low[w])
			}
			continue
		}
		g.below = g.below[:len(g.below)-1]
		if len(g.below) > 0 {
			u := g.below[len(g.below)-1].v
			g.low[u] = min(g.low[u], g.low[v])
		}
		if g.low[v] == g.index[v] {
			g.leave(v, each)
		}
	}
}

func (g *fairGraph) enter(v uint32) {
	g.next++
	g.index[v], g.low[v] = g.next, g.next
	g.path = append(g.path, v)
	g.below = append(g.below, frame{v, g.first[v]})
}

// complete is the low of a state whose component is complete.
const complete = 1<<32 - 1

// leave takes the component of v off the path.
func (g *fairGraph) leave(v uint32, each func(component []uint32)) {
	at := len(g.path) - 1
	for g.path[at] != v {
		at--
	}
	component := g.path[at:]
	g.path = g.path[:at]
	g.parts++
	for _, w := range component {
		g.low[w], g.part[w] = complete, g.parts
	}
	each(component)
}

// fairness says which runs count. A fair run takes each required step again and again, as long as the step is possible again and again.
// strict means each single step from each state, else one step of the class is enough.
type fairness struct {
	required model.Classes
	strict   bool
}

// forever lists the sets of states in which a fair run can stay for ever.
func (g *fairGraph) forever(f fairness, each func(component []uint32)) {
	all := make([]uint32, len(g.part))
	for v := range all {
		all[v], g.part[v] = uint32(v), 1
	}
	g.parts = 1
	for work := [][]uint32{all}; len(work) > 0; {
		states := work[len(work)-1]
		work = work[:len(work)-1]
		g.components(states, func(component []uint32) {
			possible, taken := g.taken(component)
			if taken == 0 {
				return
			}
			stay := g.staying(component, f, possible&f.required&^taken)
			switch {
			case len(stay) == len(component):
				each(component)
			case len(stay) > 0:
				work = append(work, g.apart(stay))
			}
		})
	}
}

// taken tells which steps are possible in the states of a component, and which of these stay in the component.
func (g *fairGraph) taken(component []uint32) (possible, taken model.Classes) {
	for _, v := range component {
		for at := g.first[v]; at < g.first[v+1]; at++ {
			class := g.labels[at].Class()
			possible |= class
			if g.labels[at]&model.Due == 0 && g.part[g.to[at]] == g.part[v] {
				taken |= class
			}
		}
	}
	return possible, taken
}

// staying are the component's states in which a fair run may stay: without those in which a missing class is possible, or, under
// strict fairness, from which a required step leaves the component.
func (g *fairGraph) staying(component []uint32, f fairness, missing model.Classes) (out []uint32) {
	for _, v := range component {
		stays := true
		for at := g.first[v]; at < g.first[v+1] && stays; at++ {
			class := g.labels[at].Class()
			leaves := f.strict && class&f.required != 0 && g.part[g.to[at]] != g.part[v]
			stays = class&missing == 0 && !leaves
		}
		if stays {
			out = append(out, v)
		}
	}
	return out
}

// apart makes states a part of their own.
func (g *fairGraph) apart(states []uint32) []uint32 {
	g.parts++
	for _, v := range states {
		g.part[v] = g.parts
	}
	return states
}

// restless is a state of the component with a step of this label within the component; false: no such state.
func (g *fairGraph) restless(component []uint32, of model.Label) (from uint32, found bool) {
	for _, v := range component {
		for at := g.first[v]; at < g.first[v+1]; at++ {
			if g.labels[at]&of != 0 && g.part[g.to[at]] == g.part[v] {
				return v, true
			}
		}
	}
	return 0, false
}
