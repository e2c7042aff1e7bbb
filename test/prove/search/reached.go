// Copyright The conversations-operator Authors
// SPDX-License-Identifier: Apache-2.0

package search

import (
	"hash/maphash"
	"sync"

	"github.com/conversations-operator/conversations-operator/test/prove/model"
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
	states []model.State
	// from is the state before, how the action in between.
	from []uint32
	how  []model.Action
}

// reachedStates are all states that were reached. A state's number is its place in its shard, and the shard.
type reachedStates struct {
	seed   maphash.Seed
	shards [shards]shard
}

func (r *reachedStates) add(s *model.State, from uint32, how model.Action) (id uint32, fresh bool) {
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

func (r *reachedStates) at(id uint32) (s model.State, from uint32, how model.Action) {
	sh := &r.shards[id&(shards-1)]
	sh.mu.Lock()
	defer sh.mu.Unlock()
	i := id >> shardBits
	return sh.states[i], sh.from[i], sh.how[i]
}
