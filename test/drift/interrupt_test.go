// Copyright The conversations-operator Authors
// SPDX-License-Identifier: Apache-2.0

package drift

import (
	"fmt"
	"net/http"
	"slices"
	"time"

	. "github.com/onsi/ginkgo/v2"
	. "github.com/onsi/gomega"

	"github.com/conversations-operator/conversations-operator/api/v1alpha1"
	"github.com/conversations-operator/conversations-operator/internal/twilio/simulator"
	"github.com/conversations-operator/conversations-operator/test/testbed"
)

var _ = Describe("A drift check that is interrupted", func() {
	for what, fault := range map[string]simulator.Effect{
		"by 429":               {Status: http.StatusTooManyRequests, Code: 20429},
		"by 503":               {Status: http.StatusServiceUnavailable, HTML: true},
		"by truncated answers": {TruncateBody: true},
	} {
		It(what+" goes on where it was, reads no page twice and concludes nothing", func() {
			w := newWorld()
			w.spread(20, 2000)
			since := w.mark()
			w.fault(simulator.Match{Operation: simulator.OperationList, Skip: 4, Count: 2}, fault)
			w.fault(simulator.Match{Operation: simulator.OperationFetch, Skip: 4, Count: 2}, fault)
			check := w.check()
			Expect(check.Checked).To(BeEquivalentTo(20))
			Expect(check.Drifted).To(BeZero())
			Expect(check.Requests).To(BeEquivalentTo(len(since())))
			read := answered(since())
			Expect(slices.Compact(pages(read))).To(HaveLen(operations(read)["list"]))
			Expect(operations(read)["list"]).To(BeNumerically(">", 4))
			fetched := concerned(read, simulator.OperationFetch)
			Expect(slices.Compact(slices.Clone(fetched))).To(Equal(fetched))
			Expect(len(fetched)).To(BeNumerically(">", 4))
			w.all(20, v1alpha1.ReasonSynced)
			Expect(w.halted()).To(BeFalse())
			Expect(operations(since())).To(HaveLen(2), "lists and fetches")
		})
	}

	It("goes on where it was after an outage which made the account unready", func() {
		w := newWorld()
		w.spread(20, 2000)
		since := w.mark()
		down := simulator.Effect{Status: http.StatusServiceUnavailable}
		w.fault(simulator.Match{PathRegexp: "^/v1/Conversations$", Count: 1}, down)
		down.Hold = true
		rule := w.fault(simulator.Match{Operation: simulator.OperationList, PathRegexp: ofServices, Skip: 4, Count: 1}, down)
		w.ask()
		Eventually(w.sim.Held).Should(Equal(1))
		Eventually(func() string { return testbed.Ready(w.account().Status.Conditions).Reason }).Should(Equal(v1alpha1.ReasonTwilioUnavailable))
		Expect(w.sim.RemoveRule(rule)).To(Succeed())
		check := w.checked()
		Expect(check.Checked).To(BeEquivalentTo(20))
		Expect(check.Requests).To(BeEquivalentTo(len(since())))
		Expect(operations(since())).To(HaveKeyWithValue("list", 11), "ten pages, and the one of the outage")
	})

	It("begins anew where Twilio does not know any more where the list went on", func() {
		w := newWorld()
		w.spread(20, 2000)
		since := w.mark()
		w.fault(simulator.Match{Operation: simulator.OperationList, Skip: 4, Count: 1},
			simulator.Effect{Status: http.StatusBadRequest, Code: 20001, Message: "PageToken is invalid"})
		check := w.check()
		Expect(check.Checked).To(BeEquivalentTo(20))
		Expect(check.Drifted).To(BeZero())
		Expect(operations(since())).To(HaveLen(2), "lists and fetches")
	})
})

var _ = Describe("A write during a drift check", func() {
	// The list is read before the write, and its answer comes after it.
	for what, write := range map[string]func(w *world, conv *v1alpha1.Conversation){
		"of an edit": func(w *world, conv *v1alpha1.Conversation) {
			w.change(conv.Name, func(conv *v1alpha1.Conversation) { conv.Spec.FriendlyName = "Edited" })
			Eventually(func() string { return w.there()[conv.Status.SID].FriendlyName }).Should(Equal("Edited"))
			w.settled(conv.Name, v1alpha1.ReasonSynced)
		},
		"of a correction": func(w *world, conv *v1alpha1.Conversation) {
			w.look(conv.Name)
			Eventually(func() string { return w.there()[conv.Status.SID].FriendlyName }).Should(Equal("Mine"))
			w.all(1, v1alpha1.ReasonSynced)
		},
	} {
		It(what+" is not mistaken for drift", func() {
			w := newWorld()
			w.conversation("vip", `{friendlyName: Mine}`)
			conv := w.settled("vip", v1alpha1.ReasonSynced)
			if what == "of a correction" {
				w.edit(conv.Status.SID, func(c *simulator.Conversation) { c.FriendlyName = "Theirs" })
			}
			since := w.mark()
			rule := w.fault(simulator.Match{Operation: simulator.OperationList}, simulator.Effect{AfterEffect: true, Hold: true})
			w.ask()
			Eventually(w.sim.Held).Should(Equal(2), "the check, and the one of the credentials")
			write(w, conv)
			before := len(since())
			version := w.get("vip").ResourceVersion
			Expect(w.sim.RemoveRule(rule)).To(Succeed())
			Expect(w.checked().Drifted).To(BeZero())
			Expect(operations(since())).To(HaveKeyWithValue("list", 1))
			Consistently(since).Should(HaveLen(before + 1))
			Expect(w.get("vip").ResourceVersion).To(Equal(version))
		})
	}
})

// spread makes so many Conversations, evenly among so many others, as the time of their creation goes.
func (w *world) spread(managed, others int) {
	GinkgoHelper()
	first := w.sim.Now().Add(-time.Duration(others) * time.Hour)
	_, err := w.sim.Seed("", others, func(i int, c *simulator.Conversation) { c.DateCreated = first.Add(time.Duration(i) * time.Hour) })
	Expect(err).NotTo(HaveOccurred())
	w.many(managed, func(i int) string {
		at := first.Add(time.Duration(i*others/managed) * time.Hour)
		return fmt.Sprintf(`{friendlyName: Mine, dateCreated: %q}`, at.Format(time.RFC3339))
	})
}

// pages that were listed, by their tokens, sorted.
func pages(all []simulator.Request) []string {
	var out []string
	for _, r := range all {
		if r.Operation == simulator.OperationList {
			out = append(out, r.Query.Get("PageToken"))
		}
	}
	slices.Sort(out)
	return out
}
