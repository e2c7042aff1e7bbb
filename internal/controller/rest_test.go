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
)

// rests ends every story: what has settled stays as it is when it is looked at once more, without a write anywhere, and
// without a request unless something stands in the way of an object.
func (t *tenant) rests() {
	GinkgoHelper()
	settled, busy := t.standing()
	if CurrentSpecReport().Failed() || len(settled) == 0 {
		return
	}
	t.relabel("looked-at", random(4))
	requests := len(t.requests())
	Consistently(func(g Gomega) {
		now, _ := t.standing()
		g.Expect(now).To(Equal(settled))
		if !busy {
			g.Expect(t.requests()[requests:]).To(BeEmpty())
		}
	}, "300ms", "50ms").Should(Succeed())
}

// standing answers the versions of the tenant's objects that have settled, and whether anything else may still happen.
func (t *tenant) standing() (versions map[string]string, busy bool) {
	GinkgoHelper()
	var all v1alpha1.ConversationList
	Expect(k8s.List(ctx(), &all, client.InNamespace(t.namespace))).To(Succeed())
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
	Expect(k8s.Get(ctx(), client.ObjectKey{Name: t.namespace}, ns)).To(Succeed())
	before := ns.DeepCopy()
	metav1.SetMetaDataLabel(&ns.ObjectMeta, key, value)
	Expect(k8s.Patch(ctx(), ns, client.MergeFrom(before))).To(Succeed())
}
