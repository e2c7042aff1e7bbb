// Copyright The conversations-operator Authors
// SPDX-License-Identifier: Apache-2.0

package crash

import (
	"fmt"
	"slices"
	"time"

	. "github.com/onsi/gomega"
	"k8s.io/apimachinery/pkg/types"
	"sigs.k8s.io/controller-runtime/pkg/client"
	"sigs.k8s.io/controller-runtime/pkg/controller/controllerutil"

	"github.com/conversations-operator/conversations-operator/api/v1alpha1"
	"github.com/conversations-operator/conversations-operator/internal/twilio/simulator"
	"github.com/conversations-operator/conversations-operator/test/invariant"
	"github.com/conversations-operator/conversations-operator/test/testbed/random"
)

func deleted(w *world) { w.delete(w.conversation(vip)) }

// replaced puts the object as it is in Git, without the finalizer and the annotations of the operator.
func replaced(w *world) {
	seen.Excuse(w.Namespace, invariant.NoFinalizer)
	w.Eventually(func() error {
		conv := w.get(vip)
		conv.Finalizers, conv.Annotations = nil, nil
		return k8s.Update(ctx(), conv)
	}).Should(Succeed())
}

// isHeld: the object has its conversation, and the finalizer.
func isHeld(w *world) bool {
	return w.settledAs(vip) == v1alpha1.ReasonSynced && controllerutil.ContainsFinalizer(w.get(vip), v1alpha1.Finalizer)
}

func apply(spec string) func(*world) { return func(w *world) { w.apply(vip, spec) } }

func synced(spec string) func(*world) {
	return func(w *world) {
		w.apply(vip, spec)
		w.synced(vip)
	}
}

func labelled(w *world) {
	w.change(vip, func(conv *v1alpha1.Conversation) { conv.Labels = map[string]string{"team": "red"} })
}

// theirs is a conversation that somebody else made.
func theirs(w *world) {
	earlier := w.sim.Now().Add(-time.Minute)
	_, err := w.sim.Seed("", 1, func(_ int, c *simulator.Conversation) {
		c.UniqueName, c.FriendlyName, c.DateCreated = "theirs", "Theirs", earlier
	})
	w.Expect(err).NotTo(HaveOccurred())
}

// rotate gives the account another auth token, at Twilio and then in the Secret.
func (w *world) rotate() {
	w.Token = random.Hex(16)
	w.Expect(w.sim.SetAuthToken("", w.Token)).To(Succeed())
	patch := fmt.Appendf(nil, `{"stringData":{"TWILIO_AUTH_TOKEN":%q}}`, w.Token)
	w.Expect(k8s.Patch(ctx(), w.secret(), client.RawPatch(types.MergePatchType, patch))).To(Succeed())
}

// refused ends with the other's conversation as it was.
func refused(w *world) {
	w.Expect(w.get(vip).Status.SID).To(BeEmpty())
	w.Expect(w.there()).To(HaveLen(1))
	w.Expect(w.there()[0].FriendlyName).To(Equal("Theirs"))
}

// oneHasIt: one of the two objects has the conversation, and the other knows.
func oneHasIt(w *world) bool {
	refusals := []string{v1alpha1.ReasonAlreadyManaged, v1alpha1.ReasonUniqueNameTaken}
	one, other := w.settledAs(vip), w.settledAs(rival)
	return one == v1alpha1.ReasonSynced && slices.Contains(refusals, other) || other == v1alpha1.ReasonSynced && slices.Contains(refusals, one)
}

// oneOfTwo ends with one conversation, managed by one of the two objects.
func oneOfTwo(w *world) {
	w.Expect(w.there()).To(HaveLen(1))
	w.Expect([]string{w.get(vip).Status.SID, w.get(rival).Status.SID}).To(ConsistOf(w.there()[0].SID, ""))
}
