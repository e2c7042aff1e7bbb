// Copyright The conversations-operator Authors
// SPDX-License-Identifier: Apache-2.0

package simulator

import (
	"cmp"
	"iter"
	"slices"
	"strings"
	"time"
)

// blockMax is the largest number of conversations in a block, and so bounds how many conversations a change moves.
const blockMax = 512

// order keeps conversations sorted by a time and, for equal times, by SID. It keeps them in blocks, so that a change
// costs two binary searches and a short move, for any number of conversations.
type order struct {
	at     func(*Conversation) time.Time
	blocks [][]*Conversation // no block is empty
}

// place is the position of a conversation in an order.
type place struct {
	at  time.Time
	sid string
}

func (p place) compare(q place) int {
	return cmp.Or(p.at.Compare(q.at), strings.Compare(p.sid, q.sid))
}

func (o *order) placeOf(c *Conversation) place { return place{o.at(c), c.SID} }

// find returns the block, and the index in the block, of the first conversation at or after a place. If no such
// conversation exists, the block is beyond the last block.
func (o *order) find(p place) (block, i int) {
	compare := func(c *Conversation, p place) int { return o.placeOf(c).compare(p) }
	block, _ = slices.BinarySearchFunc(o.blocks, p, func(b []*Conversation, p place) int {
		return compare(b[len(b)-1], p)
	})
	if block < len(o.blocks) {
		i, _ = slices.BinarySearchFunc(o.blocks[block], p, compare)
	}
	return block, i
}

func (o *order) insert(c *Conversation) {
	block, i := o.find(o.placeOf(c))
	switch {
	case len(o.blocks) == 0:
		o.blocks = [][]*Conversation{{c}}
		return
	case block == len(o.blocks):
		block--
		i = len(o.blocks[block])
	}
	b := slices.Insert(o.blocks[block], i, c)
	o.blocks[block] = b
	if len(b) > blockMax {
		// Splitting near the end keeps blocks full when conversations arrive in order, as they usually do.
		half := len(b) / 2
		if i == len(b)-1 {
			half = len(b) - 1
		}
		o.blocks = slices.Insert(o.blocks, block+1, slices.Clone(b[half:]))
		o.blocks[block] = slices.Delete(b, half, len(b))
	}
}

func (o *order) remove(c *Conversation) {
	block, i := o.find(o.placeOf(c))
	if block == len(o.blocks) || o.blocks[block][i] != c {
		return
	}
	if o.blocks[block] = slices.Delete(o.blocks[block], i, i+1); len(o.blocks[block]) == 0 {
		o.blocks = slices.Delete(o.blocks, block, block+1)
	}
}

// first returns the first conversation, or nil for an empty order.
func (o *order) first() *Conversation {
	if len(o.blocks) == 0 {
		return nil
	}
	return o.blocks[0][0]
}

// ascend yields the conversations from a place on, the nearest first.
func (o *order) ascend(p place) iter.Seq[*Conversation] {
	return func(yield func(*Conversation) bool) {
		for block, i := o.find(p); block < len(o.blocks); block, i = block+1, 0 {
			for _, c := range o.blocks[block][i:] {
				if !yield(c) {
					return
				}
			}
		}
	}
}

// descend yields the conversations before a place, the nearest first.
func (o *order) descend(p place) iter.Seq[*Conversation] {
	return func(yield func(*Conversation) bool) {
		block, i := o.find(p)
		for {
			for i--; i >= 0; i-- {
				if !yield(o.blocks[block][i]) {
					return
				}
			}
			if block--; block < 0 {
				return
			}
			i = len(o.blocks[block])
		}
	}
}
