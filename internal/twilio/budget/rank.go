// Copyright The conversations-operator Authors
// SPDX-License-Identifier: Apache-2.0

package budget

import "container/heap"

// rank is the place of a flow among flows, and of a queue among queues: whichever had its last seat the longest ago goes
// first.
type rank struct {
	// served is the number of its last seat, formed its own number among all that were formed.
	served, formed int64
	// at is the index in the heap; -1: it is in none.
	at int
}

func (r *rank) ranking() *rank { return r }

func (r *rank) before(other *rank) bool {
	return r.served < other.served || r.served == other.served && r.formed < other.formed
}

// rankHeap is a heap of flows, or of queues, the one that goes first at index 0.
type rankHeap[T interface{ ranking() *rank }] []T

// Len, Less, Swap, Push and Pop are for [heap.Interface].
func (h rankHeap[T]) Len() int           { return len(h) }
func (h rankHeap[T]) Less(i, j int) bool { return h[i].ranking().before(h[j].ranking()) }

// Swap exchanges two.
func (h rankHeap[T]) Swap(i, j int) {
	h[i], h[j] = h[j], h[i]
	h[i].ranking().at, h[j].ranking().at = i, j
}

// Push adds one at the end.
func (h *rankHeap[T]) Push(x any) {
	x.(T).ranking().at = len(*h)
	*h = append(*h, x.(T))
}

// Pop takes the last one.
func (h *rankHeap[T]) Pop() any {
	last := len(*h) - 1
	x := (*h)[last]
	var none T
	(*h)[last] = none
	*h = (*h)[:last]
	x.ranking().at = -1
	return x
}

// add puts an entry into the heap, unless the heap has the entry already.
func (h *rankHeap[T]) add(x T) {
	if x.ranking().at < 0 {
		heap.Push(h, x)
	}
}

// drop takes the first entry out of the heap.
func (h *rankHeap[T]) drop() { heap.Pop(h) }

// serve records the number of the seat that an entry got, and orders the heap anew.
func (h *rankHeap[T]) serve(x T, seat int64) {
	r := x.ranking()
	r.served = seat
	if r.at >= 0 {
		heap.Fix(h, r.at)
	}
}
