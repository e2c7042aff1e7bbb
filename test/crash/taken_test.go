// Copyright The conversations-operator Authors
// SPDX-License-Identifier: Apache-2.0

package crash

import (
	"net/http"
	"testing"

	. "github.com/onsi/gomega"

	"github.com/conversations-operator/conversations-operator/api/v1alpha1"
	"github.com/conversations-operator/conversations-operator/internal/twilio/simulator"
)

// TestANameTakenAtTheSameTime: another cluster applies the same manifest at the same moment and is first. Its
// conversation carries what this one was about to send, and is as young, and still is not this object's.
func TestANameTakenAtTheSameTime(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	first := newProcess()
	stopped := w.start(first)
	w.connected()
	_, err := w.sim.Seed("", 1, func(_ int, c *simulator.Conversation) { c.UniqueName, c.FriendlyName = "ours", "VIP" })
	w.Expect(err).NotTo(HaveOccurred())
	taken := func() {
		w.Eventually(func() string { return w.settledAs(vip) }).Should(Equal(v1alpha1.ReasonUniqueNameTaken))
		w.Expect(w.get(vip).Status.SID).To(BeEmpty())
	}
	w.apply(vip, `{uniqueName: ours, friendlyName: VIP}`)
	taken()
	w.look("now")
	taken()
	first.die()
	<-stopped
	w.start(newProcess())
	w.look("after a restart")
	taken()
	w.delete(w.conversation(vip))
	w.gone(w.conversation(vip))
	w.Expect(w.there()).To(HaveLen(1))
}

// TestDeletedAfterASecondAttempt: what is known of the first attempt to create says nothing of the second.
func TestDeletedAfterASecondAttempt(t *testing.T) {
	t.Parallel()
	p := &point{story: story{when: apply(`{uniqueName: mine}`)}}
	deletedAndLate := &fault{late: true, do: func(x *exchange) (*http.Response, error) {
		deleted(p.world)
		return late(broken)(x)
	}}
	p.aims = []aim{
		{call: call{label: creation, nth: 1, twilio: true, write: true}, fault: &fault{do: throttled}},
		{call: call{label: creation, nth: 2, twilio: true, write: true}, fault: deletedAndLate},
	}
	p.run(t)
	p.Expect(p.met).To(Equal(2))
}
