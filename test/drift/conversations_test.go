// Copyright The conversations-operator Authors
// SPDX-License-Identifier: Apache-2.0

package drift

import (
	"fmt"
	"sync"

	. "github.com/onsi/ginkgo/v2"
	. "github.com/onsi/gomega"
	eventsv1 "k8s.io/api/events/v1"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
	"sigs.k8s.io/controller-runtime/pkg/client"
	"sigs.k8s.io/yaml"

	"github.com/conversations-operator/conversations-operator/api/v1alpha1"
	"github.com/conversations-operator/conversations-operator/internal/twilio/simulator"
	"github.com/conversations-operator/conversations-operator/test/testbed"
	"github.com/conversations-operator/conversations-operator/test/testbed/random"
)

// creators is how many Conversations are created at a time.
const creators = 8

// many creates n Conversations, c0000 and on, each with the YAML of its spec, and waits until all are Synced.
func (w *world) many(n int, spec func(i int) string) {
	GinkgoHelper()
	var group sync.WaitGroup
	for first := range creators {
		group.Go(func() {
			defer GinkgoRecover()
			for i := first; i < n; i += creators {
				w.conversation(name(i), spec(i))
			}
		})
	}
	group.Wait()
	w.all(n, v1alpha1.ReasonSynced)
}

// same is the same spec for all of many.
func same(spec string) func(int) string { return func(int) string { return spec } }

func name(i int) string { return fmt.Sprintf("c%04d", i) }

// conversation creates a Conversation from the YAML of its spec.
func (w *world) conversation(name, spec string) {
	GinkgoHelper()
	conv := w.Conversation(name)
	Expect(yaml.UnmarshalStrict([]byte(spec), &conv.Spec)).To(Succeed())
	w.create(conv)
}

func (w *world) get(name string) *v1alpha1.Conversation {
	GinkgoHelper()
	conv := &v1alpha1.Conversation{}
	Expect(k8s.Get(ctx(), client.ObjectKey{Namespace: w.Namespace, Name: name}, conv)).To(Succeed())
	return conv
}

// change edits a Conversation.
func (w *world) change(name string, edit func(*v1alpha1.Conversation)) {
	GinkgoHelper()
	conv := w.get(name)
	before := conv.DeepCopy()
	edit(conv)
	Expect(k8s.Patch(ctx(), conv, client.MergeFrom(before))).To(Succeed())
}

// look asks for a look at the Conversation now.
func (w *world) look(name string) {
	GinkgoHelper()
	w.change(name, func(conv *v1alpha1.Conversation) {
		metav1.SetMetaDataAnnotation(&conv.ObjectMeta, v1alpha1.ReconcileRequestedAtAnnotation, random.Hex(4))
	})
}

// objects are all Conversations of the namespace.
func (w *world) objects() []v1alpha1.Conversation {
	GinkgoHelper()
	var list v1alpha1.ConversationList
	Expect(k8s.List(ctx(), &list, client.InNamespace(w.Namespace))).To(Succeed())
	return list.Items
}

// reasons counts the reasons of Ready; what was not looked at since it was edited counts as "".
func (w *world) reasons() map[string]int {
	GinkgoHelper()
	out := map[string]int{}
	for _, conv := range w.objects() {
		reason := testbed.Ready(conv.Status.Conditions).Reason
		at := conv.Annotations[v1alpha1.ReconcileRequestedAtAnnotation]
		if conv.Status.ObservedGeneration != conv.Generation || conv.Status.LastHandledReconcileAt != at {
			reason = ""
		}
		out[reason]++
	}
	return out
}

// all waits until there are n Conversations, all with the same reason of Ready.
func (w *world) all(n int, reason string) {
	GinkgoHelper()
	Eventually(w.reasons, "3m", "100ms").Should(Equal(map[string]int{reason: n}))
}

// settled waits until the Conversation was looked at with a reason of Ready, and answers it.
func (w *world) settled(name, reason string) *v1alpha1.Conversation {
	GinkgoHelper()
	var conv *v1alpha1.Conversation
	Eventually(func(g Gomega) {
		conv = w.get(name)
		g.Expect(conv.Status.ObservedGeneration).To(Equal(conv.Generation))
		g.Expect(testbed.Ready(conv.Status.Conditions).Reason).To(Equal(reason))
	}).Should(Succeed())
	return conv
}

// versions of all Conversations, which any write changes.
func (w *world) versions() map[string]string {
	GinkgoHelper()
	return versions(w.objects())
}

func versions(all []v1alpha1.Conversation) map[string]string {
	out := map[string]string{}
	for _, conv := range all {
		out[conv.Name] = conv.ResourceVersion
	}
	return out
}

// sids of all Conversations, by name.
func (w *world) sids() map[string]string {
	GinkgoHelper()
	out := map[string]string{}
	for _, conv := range w.objects() {
		out[conv.Name] = conv.Status.SID
	}
	return out
}

// there are the conversations at Twilio that have a unique name: all but those that were seeded.
func (w *world) there() map[string]simulator.Conversation {
	out := map[string]simulator.Conversation{}
	for _, c := range w.sim.Conversations("") {
		if c.UniqueName != "" {
			out[c.SID] = c
		}
	}
	return out
}

// edit changes a conversation behind the operator's back.
func (w *world) edit(sid string, change func(*simulator.Conversation)) {
	GinkgoHelper()
	Expect(w.sim.Edit(sid, change)).To(Succeed())
}

func message(conv *v1alpha1.Conversation) string {
	for _, c := range conv.Status.Conditions {
		if c.Type == v1alpha1.ConditionReady {
			return c.Message
		}
	}
	return ""
}

// events answers, when called, what was told of an object of that name: type, reason and note.
func (w *world) events(name string) func() []string {
	return func() []string {
		GinkgoHelper()
		var list eventsv1.EventList
		Expect(k8s.List(ctx(), &list, client.InNamespace(w.Namespace))).To(Succeed())
		var out []string
		for _, e := range list.Items {
			if e.Regarding.Name == name {
				out = append(out, e.Type+" "+e.Reason+" "+e.Note)
			}
		}
		return out
	}
}
