// Copyright The conversations-operator Authors
// SPDX-License-Identifier: Apache-2.0

package twilio

import "container/heap"

// rank is the place of a flow, or of a line, among its like: the one that had its last turn the longest ago goes first.
type rank struct {
	// served is the number of its last turn, formed its own number among all that were formed.
	served, formed int64
	// at is the index in the order; -1: it is in none.
	at int
}

func (r *rank) ranking() *rank { return r }

func (r *rank) before(other *rank) bool {
	return r.served < other.served || r.served == other.served && r.formed < other.formed
}

// order holds what has a rank, the first at index 0.
type order[T interface{ ranking() *rank }] []T

// Len, Less, Swap, Push and Pop are for [heap.Interface].
func (o order[T]) Len() int           { return len(o) }
func (o order[T]) Less(i, j int) bool { return o[i].ranking().before(o[j].ranking()) }

// Swap exchanges two.
func (o order[T]) Swap(i, j int) {
	o[i], o[j] = o[j], o[i]
	o[i].ranking().at, o[j].ranking().at = i, j
}

// Push adds one at the end.
func (o *order[T]) Push(x any) {
	x.(T).ranking().at = len(*o)
	*o = append(*o, x.(T))
}

// Pop takes the last one.
func (o *order[T]) Pop() any {
	last := len(*o) - 1
	x := (*o)[last]
	var none T
	(*o)[last] = none
	*o = (*o)[:last]
	x.ranking().at = -1
	return x
}

// add puts one into the order, unless it is there.
func (o *order[T]) add(x T) {
	if x.ranking().at < 0 {
		heap.Push(o, x)
	}
}

// drop takes the first one out.
func (o *order[T]) drop() { heap.Pop(o) }

// serve notes that one had the turn of that number.
func (o *order[T]) serve(x T, turn int64) {
	r := x.ranking()
	r.served = turn
	if r.at >= 0 {
		heap.Fix(o, r.at)
	}
}
