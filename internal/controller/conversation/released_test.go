// Copyright The conversations-operator Authors
// SPDX-License-Identifier: Apache-2.0

package conversation

import (
	"testing"

	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
	"k8s.io/apimachinery/pkg/types"
	"sigs.k8s.io/controller-runtime/pkg/client"

	"github.com/conversations-operator/conversations-operator/api/v1alpha1"
)

func TestReleased(t *testing.T) {
	object := func(uid string, finalizers ...string) client.Object {
		return &v1alpha1.Conversation{ObjectMeta: metav1.ObjectMeta{
			Namespace: "default", Name: "vip", UID: types.UID(uid), Finalizers: finalizers,
		}}
	}
	for name, c := range map[string]struct {
		seen  client.Object
		want  bool
		after int
	}{
		"an old copy of the object still has the finalizer": {seen: object("1", v1alpha1.Finalizer), want: true, after: 1},
		"a copy without the finalizer is up to date":        {seen: object("1", "somebody/else")},
		"an object of the same name is another one":         {seen: object("2", v1alpha1.Finalizer)},
	} {
		t.Run(name, func(t *testing.T) {
			r := newReleased()
			r.note(object("1"))
			if got := r.has(c.seen); got != c.want || len(r.uids) != c.after {
				t.Errorf("released is %t and remembers %d objects; want %t and %d", got, len(r.uids), c.want, c.after)
			}
		})
	}
	t.Run("an object that is gone is forgotten", func(t *testing.T) {
		r := newReleased()
		r.note(object("1"))
		r.forget(types.NamespacedName{Namespace: "default", Name: "vip"})
		if len(r.uids) != 0 {
			t.Errorf("%d objects are remembered; want none", len(r.uids))
		}
	})
}
