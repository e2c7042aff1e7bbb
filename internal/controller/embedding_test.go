// Copyright The conversations-operator Authors
// SPDX-License-Identifier: Apache-2.0

package controller

import (
	"reflect"
	"testing"

	"github.com/conversations-operator/conversations-operator/internal/controller/account"
	"github.com/conversations-operator/conversations-operator/internal/controller/conversation"
	"github.com/conversations-operator/conversations-operator/internal/controller/drift"
)

// TestNoFieldHidesAnEmbeddedOne keeps the names of fields unambiguous: what p.live means must not depend on whether the
// reader knows what is embedded.
func TestNoFieldHidesAnEmbeddedOne(t *testing.T) {
	for _, o := range []any{conversation.Reconciler{}, account.Reconciler{}, drift.Reconciler{}, account.SecretReconciler{}} {
		of := reflect.TypeOf(o)
		at := map[string]string{}
		fieldsOf(of, of.Name(), func(name, where string) {
			if first, ok := at[name]; ok {
				t.Errorf("%s.%s hides %s.%s", first, name, where, name)
			}
			at[name] = where
		})
	}
}

// fieldsOf tells the fields of a struct, and of the structs that it embeds.
func fieldsOf(of reflect.Type, where string, tell func(name, where string)) {
	for f := range of.Fields() {
		tell(f.Name, where)
		inner := f.Type
		if inner.Kind() == reflect.Pointer {
			inner = inner.Elem()
		}
		if f.Anonymous && inner.Kind() == reflect.Struct {
			fieldsOf(inner, where+"."+f.Name, tell)
		}
	}
}
