// Copyright The conversations-operator Authors
// SPDX-License-Identifier: Apache-2.0

package vanished

import "testing"

func TestWhatIsAMishap(t *testing.T) {
	for _, tt := range []struct {
		vanished, managed int
		want              bool
	}{
		{0, 0, false}, {9, 100, false}, {10, 10, false}, {10, 50, false}, {11, 11, true}, {11, 109, true}, {11, 110, false},
		{11, 1000, false}, {100, 1000, false}, {101, 1000, true}, {50, 100, true},
	} {
		if got := Mishap(tt.vanished, tt.managed); got != tt.want {
			t.Errorf("%d of %d gone is a mishap: %t", tt.vanished, tt.managed, got)
		}
	}
}
