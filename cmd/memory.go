// Copyright The conversations-operator Authors
// SPDX-License-Identifier: Apache-2.0

package main

import (
	"os"
	"runtime/debug"
)

// gcPercent is how much garbage, in percent of what is in use, the heap may hold before it is collected. Go's own 100
// doubles the memory of the caches, which are most of the heap; collecting is a few percent of the little CPU that is used.
const gcPercent = 25

// spareMemory has garbage collected more often than Go does by itself, unless the environment's GOGC says how often.
func spareMemory() {
	if os.Getenv("GOGC") == "" {
		debug.SetGCPercent(gcPercent)
	}
}
