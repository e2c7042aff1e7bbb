// Copyright The conversations-operator Authors
// SPDX-License-Identifier: Apache-2.0

package kube

import (
	"strings"
	"sync"
)

// maxInterned bounds how many strings stay in memory although no object uses them any more. After so many different
// strings the interner begins anew, and strings in use get a second copy.
const maxInterned = 1000

// Interner keeps one copy of each string that many objects have in common. Package unique would forget a string at the
// next garbage collection, unless the caller kept the string's handle too.
type Interner struct {
	mu   sync.Mutex
	kept map[string]string
}

// Strings are the strings of the objects in the cache.
var Strings = &Interner{kept: map[string]string{}}

// One answers the kept copy of the string.
func (i *Interner) One(s string) string {
	i.mu.Lock()
	defer i.mu.Unlock()
	if kept, ok := i.kept[s]; ok {
		return kept
	}
	if len(i.kept) == maxInterned {
		clear(i.kept)
	}
	kept := strings.Clone(s)
	i.kept[kept] = kept
	return kept
}
