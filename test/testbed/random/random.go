// Copyright The conversations-operator Authors
// SPDX-License-Identifier: Apache-2.0

// Package random is where all tests draw from: names that nobody else has, and choices that a seed repeats.
package random

import (
	crand "crypto/rand"
	"encoding/hex"
	"fmt"
	"math/rand/v2"
	"os"
	"strconv"
)

// Hex is a text of two hexadecimal digits for each byte, for names and tokens that nobody else has.
func Hex(bytes int) string {
	b := make([]byte, bytes)
	// It never fails.
	_, _ = crand.Read(b)
	return hex.EncodeToString(b)
}

// SID is an identifier as Twilio gives it, which nobody else has: AC of an account, IS of a service, SK of a key, CH of a
// conversation.
func SID(prefix string) string { return prefix + Hex(16) }

// Source is what a run draws its choices from. The same seed gives the same choices; parts of a run that draw side by side
// have a source each, by their number. Whoever draws a seed, or is given one, names it where the run fails.
func Source(seed, part uint64) *rand.Rand { return rand.New(rand.NewPCG(seed, part)) }

// Seed draws a seed that is short enough to be typed again.
func Seed() uint64 { return rand.Uint64N(1e6) }

// Setting is a number that an environment variable sets, such as a seed; otherwise is what it is without.
func Setting(variable string, otherwise int) (int, error) {
	text := os.Getenv(variable)
	if text == "" {
		return otherwise, nil
	}
	n, err := strconv.Atoi(text)
	if err != nil {
		return 0, fmt.Errorf("reading %s: %w", variable, err)
	}
	return n, nil
}
