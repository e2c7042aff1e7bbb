// Copyright The conversations-operator Authors
// SPDX-License-Identifier: Apache-2.0

package model

import "sync"

// parts keeps each distinct part of states once, and gives it a number from 1. Zero is none.
type parts[K comparable, T any] struct {
	mu  sync.RWMutex
	ids map[K]uint32
	all []T
}

func newParts[K comparable, T any]() *parts[K, T] {
	return &parts[K, T]{ids: map[K]uint32{}, all: make([]T, 1)}
}

// find answers the number of the part with this key; zero: no such part.
func (p *parts[K, T]) find(key K) uint32 {
	p.mu.RLock()
	defer p.mu.RUnlock()
	return p.ids[key]
}

// add keeps a part under its key, and answers its number, which an equal part may have had before.
func (p *parts[K, T]) add(key K, part T) uint32 {
	p.mu.Lock()
	defer p.mu.Unlock()
	if id := p.ids[key]; id != 0 {
		return id
	}
	id := uint32(len(p.all))
	p.ids[key] = id
	p.all = append(p.all, part)
	return id
}

// at answers the part with that number.
func (p *parts[K, T]) at(id uint32) T {
	p.mu.RLock()
	defer p.mu.RUnlock()
	return p.all[id]
}
