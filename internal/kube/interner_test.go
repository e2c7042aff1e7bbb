// Copyright The conversations-operator Authors
// SPDX-License-Identifier: Apache-2.0

package kube

import (
	"strconv"
	"testing"
)

func TestAnInternerKeepsOnlySoManyStrings(t *testing.T) {
	i := &Interner{kept: map[string]string{}}
	for n := range 3 * maxInterned {
		if text := strconv.Itoa(n); i.One(text) != text {
			t.Fatalf("%q is another string", text)
		}
	}
	if len(i.kept) > maxInterned {
		t.Errorf("%d strings are kept", len(i.kept))
	}
}
