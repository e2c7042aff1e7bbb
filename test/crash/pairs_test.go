// Copyright The conversations-operator Authors
// SPDX-License-Identifier: Apache-2.0

package crash

import (
	"fmt"
	"math/rand/v2"
	"os"
	"strconv"
	"testing"
)

// TestTwoFaults runs stories in which a second thing happens soon after the first: a sample of all pairs, which
// CRASH_SEED chooses and CRASH_PAIRS makes larger.
func TestTwoFaults(t *testing.T) {
	seed, pairs := number(t, "CRASH_SEED", 1), number(t, "CRASH_PAIRS", 60)
	for n := range pairs {
		random := rand.New(rand.NewPCG(uint64(seed), uint64(n)))
		p := &point{story: stories[random.IntN(len(stories))]}
		for _, most := range []int{5, 4} {
			p.aims = append(p.aims, aim{others: random.IntN(most), fault: &faults[random.IntN(len(faults))]})
		}
		name := fmt.Sprintf("%d: %s, call %d %s, %d later %s", n, p.name,
			p.aims[0].others+1, p.aims[0].fault.name, p.aims[1].others+1, p.aims[1].fault.name)
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			p.run(t)
		})
	}
}

// number reads an environment variable.
func number(t *testing.T, name string, otherwise int) int {
	text := os.Getenv(name)
	if text == "" {
		return otherwise
	}
	n, err := strconv.Atoi(text)
	if err != nil {
		t.Fatalf("%s: %v", name, err)
	}
	return n
}
