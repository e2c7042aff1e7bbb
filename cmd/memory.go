// Copyright The conversations-operator Authors
// SPDX-License-Identifier: Apache-2.0

package main

import (
	"os"
	"runtime/debug"
)

// gcPercent is the garbage that may pile up before a collection, in percent of the live heap (GOGC). The caches are
// most of the heap, and Go's default of 100 would double their memory. More frequent collections cost a few percent of
// the little CPU time that the manager uses.
const gcPercent = 25

// spareMemory makes garbage collection more frequent than Go's default, unless the environment variable GOGC is set.
func spareMemory() {
	if os.Getenv("GOGC") == "" {
		debug.SetGCPercent(gcPercent)
	}
}
