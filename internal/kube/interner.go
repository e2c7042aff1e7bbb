// Copyright The conversations-operator Authors
// SPDX-License-Identifier: Apache-2.0

package kube

import (
	"strings"
	"sync"
)

// maxInterned bounds what is kept of strings that nobody uses any more. After so many different ones it begins anew, which
// costs another copy of those that are in use.
const maxInterned = 1000

// Interner keeps one copy of each string that many objects have in common. Package unique would forget a string at the next
// garbage collection, unless its handle were kept beside it.
type Interner struct {
	mu   sync.Mutex
	kept map[string]string
}

// Strings are the strings of the objects in the cache.
var Strings = &Interner{kept: map[string]string{}}

// One answers the copy of the string that is kept.
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
