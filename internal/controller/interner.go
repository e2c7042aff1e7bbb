// Copyright The conversations-operator Authors
// SPDX-License-Identifier: Apache-2.0

package controller

import (
	"strings"
	"sync"
)

// maxInterned bounds what is kept of strings that nobody uses any more. After so many different ones it begins anew, which
// costs another copy of those that are in use.
const maxInterned = 1000

// interner keeps one copy of each string that many objects have in common. Package unique would forget a string at the next
// garbage collection, unless its handle were kept beside it.
type interner struct {
	mu   sync.Mutex
	kept map[string]string
}

// interned are the strings of the objects in the cache.
var interned = &interner{kept: map[string]string{}}

func (i *interner) one(s string) string {
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
