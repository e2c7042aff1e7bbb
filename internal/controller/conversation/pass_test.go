// Copyright The conversations-operator Authors
// SPDX-License-Identifier: Apache-2.0

package conversation

import (
	"reflect"
	"testing"
)

// TestNoFieldOfAPassHidesOneOfItsReconciler keeps the names of fields unambiguous: what p.live means must not depend on whether
// the reader knows what is embedded.
func TestNoFieldOfAPassHidesOneOfItsReconciler(t *testing.T) {
	for f := range reflect.TypeFor[pass]().Fields() {
		if _, hidden := reflect.TypeFor[Reconciler]().FieldByName(f.Name); hidden && !f.Anonymous {
			t.Errorf("pass.%s hides a field of the reconciler", f.Name)
		}
	}
}
