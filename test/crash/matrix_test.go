// Copyright The conversations-operator Authors
// SPDX-License-Identifier: Apache-2.0

package crash

import (
	"fmt"
	"sync/atomic"
	"testing"

	. "github.com/onsi/gomega"
)

// covered counts the points at which a story met a fault and ended well.
var covered atomic.Int64

// TestEveryPoint runs every story with everything that can happen to each of its calls.
func TestEveryPoint(t *testing.T) {
	for _, s := range stories {
		t.Run(s.name, func(t *testing.T) {
			t.Parallel()
			undisturbed := &point{story: s}
			if !t.Run("undisturbed", undisturbed.atItsCost) {
				return
			}
			for _, c := range undisturbed.trace {
				for i := range faults {
					if faults[i].hits(c) {
						s.runAt(t, aim{call: c, fault: &faults[i]}, undisturbed.asked)
					}
				}
			}
		})
	}
}

// runAt runs the story with one fault. A call that comes in some runs only, because two things happened in another order,
// may not come; then nothing is covered.
func (s story) runAt(t *testing.T, one aim, undisturbed tally) {
	t.Run(fmt.Sprintf("%s %s", one.call, one.fault.name), func(t *testing.T) {
		t.Parallel()
		p := &point{story: s, aims: []aim{one}}
		p.run(t)
		if p.met > 0 && !p.slow {
			if s.forgetful && one.fault.deadly {
				delete(p.asked, refusedCreate)
			}
			p.Expect(one.fault.excess(p.asked, undisturbed)).To(BeEmpty())
		}
		if p.met > 0 && !t.Failed() {
			covered.Add(1)
		}
	})
}
