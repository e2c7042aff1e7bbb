// Copyright The conversations-operator Authors
// SPDX-License-Identifier: Apache-2.0

package conversation

import (
	"testing"

	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
	"k8s.io/apimachinery/pkg/types"

	"github.com/conversations-operator/conversations-operator/api/v1alpha1"
)

func TestReleased(t *testing.T) {
	object := func(uid string, finalizers ...string) *v1alpha1.Conversation {
		return &v1alpha1.Conversation{ObjectMeta: metav1.ObjectMeta{
			Namespace: "default", Name: "vip", UID: types.UID(uid), Finalizers: finalizers,
		}}
	}
	for name, c := range map[string]struct {
		seen  *v1alpha1.Conversation
		want  bool
		after bool
	}{
		"an old copy of the object still has the finalizer": {seen: object("1", v1alpha1.Finalizer), want: true, after: true},
		"a copy without the finalizer is up to date":        {seen: object("1", "somebody/else")},
		"an object of the same name is another one":         {seen: object("2", v1alpha1.Finalizer), after: true},
	} {
		t.Run(name, func(t *testing.T) {
			m := NewMemory()
			m.forget(object("1"), true)
			if got := m.released(c.seen); got != c.want {
				t.Errorf("released is %t, want %t", got, c.want)
			}
			if after := m.recall(object("1")).released; after != c.after {
				t.Errorf("the release is remembered: %t, want %t", after, c.after)
			}
		})
	}
	t.Run("an object that is gone is forgotten", func(t *testing.T) {
		m := NewMemory()
		m.forget(object("1"), true)
		m.end(types.NamespacedName{Namespace: "default", Name: "vip"}, "")
		if len(m.byName) != 0 {
			t.Errorf("%d objects are remembered; want none", len(m.byName))
		}
	})
}
