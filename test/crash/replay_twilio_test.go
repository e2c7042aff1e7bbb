// Copyright The conversations-operator Authors
// SPDX-License-Identifier: Apache-2.0

package crash

import (
	. "github.com/onsi/gomega"
	apierrors "k8s.io/apimachinery/pkg/api/errors"
	"sigs.k8s.io/controller-runtime/pkg/client"

	"github.com/conversations-operator/conversations-operator/api/v1alpha1"
	"github.com/conversations-operator/conversations-operator/internal/twilio/simulator"
	"github.com/conversations-operator/conversations-operator/test/prove/scenario"
)

func theirsIs(name string) func(*simulator.Conversation) {
	return func(c *simulator.Conversation) { c.UniqueName = name }
}

// meddle does at Twilio what somebody else does in the story; false: the conversation was never made.
func (r *replay) meddle(s *scenario.StoryStep) bool {
	if s.Meddle == "takes" {
		theirs(r.world)
		r.note()
		sid := r.made[len(r.made)-1]
		r.Expect(r.sim.Edit(sid, theirsIs(r.Story.Spec.UniqueName))).To(Succeed())
		return true
	}
	if s.Conversation > len(r.made) {
		return false
	}
	sid := r.made[s.Conversation-1]
	if s.Meddle == "removes" {
		r.Expect(r.sim.Remove(sid)).To(Succeed())
		return true
	}
	edits := map[string]func(*simulator.Conversation){
		"closes":  func(c *simulator.Conversation) { c.State = "closed" },
		"renames": func(c *simulator.Conversation) { c.FriendlyName = "Other" },
		"unnames": func(c *simulator.Conversation) { c.UniqueName = "" },
		"idles":   func(c *simulator.Conversation) { c.State = "inactive" },
	}
	r.Expect(edits).To(HaveKey(s.Meddle), "what can be replayed")
	r.Expect(r.sim.Edit(sid, edits[s.Meddle])).To(Succeed())
	return true
}

// holds checks the promises once nothing goes wrong any more: the object comes to rest with one conversation or none, and after its
// deletion no conversation is left but those of others, or one that is retained.
func (r *replay) holds() {
	conv := r.conversation(vip)
	if err := k8s.Get(ctx(), client.ObjectKeyFromObject(conv), conv); !apierrors.IsNotFound(err) {
		r.Expect(err).NotTo(HaveOccurred())
		if conv.DeletionTimestamp.IsZero() {
			r.look("after the story")
			r.Eventually(func() string { return r.settledAs(vip) }).ShouldNot(Or(BeEmpty(), Equal(v1alpha1.ReasonProgressing), Equal(v1alpha1.ReasonTwilioUnavailable)))
		}
	}
	r.Eventually(func() int { return len(r.ours()) }).Should(BeNumerically("<=", 1), "conversations of one object")
	remain := 0
	if conv.Spec.DeletionPolicy == v1alpha1.DeletionPolicyRetain && len(r.ours()) == 1 {
		remain = 1
	}
	if r.door != nil {
		r.door.openAll()
	}
	r.deleteAll()
	r.gone(r.conversation(vip))
	r.gone(r.Account())
	r.gone(r.secret())
	r.now.busy.Wait()
	r.Expect(r.ours()).To(HaveLen(remain), "conversations that are left")
	r.Expect(seen.Complaints(r.Namespace)).To(BeEmpty())
}

// ours are the conversations that somebody else did not make.
func (r *replay) ours() (out []simulator.Conversation) {
	for _, c := range r.there() {
		if c.FriendlyName != "Theirs" {
			out = append(out, c)
		}
	}
	return out
}

// openAll lets deletions pass that still wait.
func (d *doorkeeper) openAll() {
	select {
	case <-d.open:
	default:
		close(d.open)
	}
}
