// Copyright The conversations-operator Authors
// SPDX-License-Identifier: Apache-2.0

package controller_test

import (
	. "github.com/onsi/ginkgo/v2"
	. "github.com/onsi/gomega"
	corev1 "k8s.io/api/core/v1"
	"k8s.io/apimachinery/pkg/api/meta"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
	"sigs.k8s.io/controller-runtime/pkg/client"

	"github.com/conversations-operator/conversations-operator/api/v1alpha1"
	"github.com/conversations-operator/conversations-operator/test/testbed/random"
)

// tenants of the story that is being told.
var tenants []*tenant

// Every story ends so: what has settled stays as it is when it is looked at once more, without a write anywhere, and
// without a request unless something stands in the way of an object.
var _ = AfterEach(func() {
	all := tenants
	tenants = nil
	if CurrentSpecReport().Failed() {
		return
	}
	type rest struct {
		settled  map[string]string
		busy     bool
		requests int
	}
	resting := map[*tenant]rest{}
	for _, t := range all {
		settled, busy := t.standing()
		if len(settled) == 0 {
			continue
		}
		resting[t] = rest{settled, busy, len(t.requests())}
		t.relabel("looked-at", random.Hex(4))
	}
	if len(resting) == 0 {
		return
	}
	Consistently(func(g Gomega) {
		for t, was := range resting {
			settled, _ := t.standing()
			// What was still under way may have settled meanwhile.
			for name, version := range was.settled {
				g.Expect(settled).To(HaveKeyWithValue(name, version))
			}
			if !was.busy {
				g.Expect(t.requests()[was.requests:]).To(BeEmpty())
			}
		}
	}, "300ms", "100ms").Should(Succeed())
})

// standing answers the versions of the tenant's objects that have settled, and whether anything else may still happen.
func (t *tenant) standing() (versions map[string]string, busy bool) {
	GinkgoHelper()
	var all v1alpha1.ConversationList
	Expect(k8s.List(ctx(), &all, client.InNamespace(t.Namespace))).To(Succeed())
	versions = map[string]string{}
	for i := range all.Items {
		conv := &all.Items[i]
		s := &conv.Status
		if conv.DeletionTimestamp != nil || s.ObservedGeneration != conv.Generation || meta.IsStatusConditionTrue(s.Conditions, v1alpha1.ConditionReconciling) {
			busy = true
			continue
		}
		busy = busy || meta.IsStatusConditionTrue(s.Conditions, v1alpha1.ConditionStalled)
		versions[conv.Name] = conv.ResourceVersion
	}
	return versions, busy
}

// relabel gives the tenant's namespace a label, which is a reason to look at everything in it again.
func (t *tenant) relabel(key, value string) {
	GinkgoHelper()
	ns := &corev1.Namespace{}
	Expect(k8s.Get(ctx(), client.ObjectKey{Name: t.Namespace}, ns)).To(Succeed())
	before := ns.DeepCopy()
	metav1.SetMetaDataLabel(&ns.ObjectMeta, key, value)
	Expect(k8s.Patch(ctx(), ns, client.MergeFrom(before))).To(Succeed())
}
