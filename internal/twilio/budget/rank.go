// Copyright The conversations-operator Authors
// SPDX-License-Identifier: Apache-2.0

package budget

import "container/heap"

// rank is the place of a flow among flows, and of a queue among queues: the flow or queue whose last seat is the
// longest ago goes first.
type rank struct {
	// served is the number of the last seat, formed the flow's or queue's own number in the order of their making.
	served, formed int64
	// at is the index in the heap; -1: in no heap.
	at int
}

func (r *rank) ranking() *rank { return r }

func (r *rank) before(other *rank) bool {
	return r.served < other.served || r.served == other.served && r.formed < other.formed
}

// rankHeap is a heap of flows, or of queues, the first to go at index 0.
type rankHeap[T interface{ ranking() *rank }] []T

// Len, Less, Swap, Push and Pop are for [heap.Interface].
func (h rankHeap[T]) Len() int           { return len(h) }
func (h rankHeap[T]) Less(i, j int) bool { return h[i].ranking().before(h[j].ranking()) }

// Swap exchanges two entries.
func (h rankHeap[T]) Swap(i, j int) {
	h[i], h[j] = h[j], h[i]
	h[i].ranking().at, h[j].ranking().at = i, j
}

// Push adds an entry at the end.
func (h *rankHeap[T]) Push(x any) {
	x.(T).ranking().at = len(*h)
	*h = append(*h, x.(T))
}

// Pop takes the last entry.
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

// serve records the number of an entry's seat, and orders the heap anew.
func (h *rankHeap[T]) serve(x T, seat int64) {
	r := x.ranking()
	r.served = seat
	if r.at >= 0 {
		heap.Fix(h, r.at)
	}
}
