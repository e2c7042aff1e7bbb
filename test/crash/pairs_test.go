// Copyright The conversations-operator Authors
// SPDX-License-Identifier: Apache-2.0

package crash

import (
	"fmt"
	"testing"

	"github.com/conversations-operator/conversations-operator/test/testbed/random"
)

// TestTwoFaults runs stories in which a second thing happens soon after the first: a sample of all pairs, which
// CRASH_SEED chooses and CRASH_PAIRS makes larger.
func TestTwoFaults(t *testing.T) {
	seed, err := random.Setting("CRASH_SEED", 1)
	if err != nil {
		t.Fatal(err)
	}
	pairs, err := random.Setting("CRASH_PAIRS", 60)
	if err != nil {
		t.Fatal(err)
	}
	for n := range pairs {
		draw := random.Source(uint64(seed), uint64(n))
		p := &point{story: stories[draw.IntN(len(stories))]}
		for _, most := range []int{5, 4} {
			p.aims = append(p.aims, aim{others: draw.IntN(most), fault: &faults[draw.IntN(len(faults))]})
		}
		name := fmt.Sprintf("seed %d, pair %d: %s, call %d %s, %d later %s", seed, n, p.name,
			p.aims[0].others+1, p.aims[0].fault.name, p.aims[1].others+1, p.aims[1].fault.name)
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			p.run(t)
		})
	}
}
