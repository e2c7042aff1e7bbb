// Copyright The conversations-operator Authors
// SPDX-License-Identifier: Apache-2.0

package simulator

import (
	"slices"
	"testing"
	"time"

	"github.com/conversations-operator/conversations-operator/test/testbed/random"
)

// A sorted slice shows the correct order after every change.
func TestOrderIsThatOfASortedSlice(t *testing.T) {
	draw := random.Source(1, 2)
	o := order{at: func(c *Conversation) time.Time { return c.DateCreated }}
	var want []*Conversation
	for step := range 20_000 {
		if len(want) > 0 && draw.IntN(100) < 30+step/400 {
			i := draw.IntN(len(want))
			o.remove(want[i])
			want = slices.Delete(want, i, i+1)
			continue
		}
		c := &Conversation{SID: newSID("CH"), DateCreated: time.Unix(int64(draw.IntN(step+1)), 0)}
		o.insert(c)
		want = append(want, c)
	}
	slices.SortFunc(want, func(a, b *Conversation) int { return o.placeOf(a).compare(o.placeOf(b)) })
	if got := slices.Collect(o.ascend(place{})); !slices.Equal(got, want) || o.first() != want[0] {
		t.Errorf("%d conversations are not in the order of the %d there are", len(got), len(want))
	}
	for range 100 {
		i := draw.IntN(len(want))
		at := o.placeOf(want[i])
		if got := slices.Collect(o.ascend(at)); !slices.Equal(got, want[i:]) {
			t.Fatalf("ascending from the conversation %d of %d gives %d", i, len(want), len(got))
		}
		before := slices.Collect(o.descend(at))
		slices.Reverse(before)
		if !slices.Equal(before, want[:i]) {
			t.Fatalf("descending from the conversation %d of %d gives %d", i, len(want), len(before))
		}
	}
	for _, c := range want {
		o.remove(c)
	}
	if o.first() != nil || len(o.blocks) != 0 {
		t.Error("something is left of an emptied order")
	}
	for range o.descend(farFuture) {
		t.Error("an empty order holds something")
	}
}
