// Copyright The conversations-operator Authors
// SPDX-License-Identifier: Apache-2.0

package drift

import (
	"fmt"
	"io"
	"net/http"
	"regexp"
	"slices"
	"time"

	. "github.com/onsi/ginkgo/v2"
	. "github.com/onsi/gomega"

	"github.com/conversations-operator/conversations-operator/api/v1alpha1"
	"github.com/conversations-operator/conversations-operator/internal/twilio/simulator"
)

// ofServices matches what drift checks ask, and not the checks of credentials.
const ofServices = "^/v1/Services/"

var _ = Describe("A drift check of several services, of which one fails", func() {
	It("puts right what differs in the others, and in that one once it works", func() {
		const services, each = 4, 3
		w := newWorld()
		all := w.services(services, each)
		broken := all[1]
		rule := w.fault(simulator.Match{PathRegexp: ofServices + broken, Method: http.MethodGet}, simulator.Effect{Status: http.StatusInternalServerError})
		sids := map[string]string{}
		for _, conv := range w.objects() {
			if conv.Name[len(conv.Name)-1] == '0' {
				sids[conv.Status.ChatServiceSID] = conv.Status.SID
				w.edit(conv.Status.SID, func(c *simulator.Conversation) { c.FriendlyName = "Theirs" })
			}
		}
		w.ask()
		for _, service := range all {
			if service != broken {
				Eventually(func() string { return w.there()[sids[service]].FriendlyName }).Should(Equal("Mine"))
			}
		}
		Expect(w.account().Status.LastDriftCheck).To(BeNil(), "it has not come to its end")
		Expect(w.sim.RemoveRule(rule)).To(Succeed())
		check := w.checked()
		Expect(check.Checked).To(BeEquivalentTo(services * each))
		Expect(check.Drifted).To(BeEquivalentTo(services))
		Eventually(func() string { return w.there()[sids[broken]].FriendlyName }).Should(Equal("Mine"))
		w.all(services*each, v1alpha1.ReasonSynced)
	})

	It("recreates nothing while that one may have lost as much, and at once where it cannot", func() {
		const each = 30
		w := newWorld()
		all := w.services(2, each)
		rule := w.fault(simulator.Match{PathRegexp: ofServices + all[1], Method: http.MethodGet}, simulator.Effect{Status: http.StatusInternalServerError})
		since := w.mark()
		for _, conv := range w.objects() {
			if conv.Status.ChatServiceSID == all[0] && len(w.there()) > 2*each-3 {
				Expect(w.sim.Remove(conv.Status.SID)).To(Succeed())
			}
		}
		w.ask()
		Eventually(func() map[string]int { return operations(answered(since())) }).Should(HaveKeyWithValue("fetch", 3))
		Consistently(func() map[string]int { return operations(since()) }).ShouldNot(HaveKey("create"))
		Expect(w.sim.RemoveRule(rule)).To(Succeed())
		w.checked()
		Eventually(w.there).Should(HaveLen(2 * each))
		w.all(2*each, v1alpha1.ReasonSynced)
		Expect(w.halted()).To(BeFalse())

		By("having five left to read of which too few can be lost")
		for _, conv := range w.objects() {
			if conv.Status.ChatServiceSID == all[1] && !slices.Contains([]string{"s1-0", "s1-1", "s1-2", "s1-3", "s1-4"}, conv.Name) {
				Expect(k8s.Delete(ctx(), &conv)).To(Succeed())
			}
		}
		Eventually(func() int { return len(w.objects()) }).Should(Equal(each + 5))
		rule = w.fault(simulator.Match{PathRegexp: ofServices + all[1], Method: http.MethodGet}, simulator.Effect{Status: http.StatusInternalServerError})
		Expect(w.sim.Remove(w.get("s0-7").Status.SID)).To(Succeed())
		w.ask()
		Eventually(w.there).Should(HaveLen(each + 5))
		Expect(w.account().Status.LastDriftCheck).To(BeNil(), "it has not come to its end")
		Expect(w.sim.RemoveRule(rule)).To(Succeed())
		w.checked()
		Expect(w.halted()).To(BeFalse())
	})

	It("goes on with the others where one conversation cannot be read", func() {
		w := newWorld()
		w.spread(5, 2000)
		convs := w.objects()
		last := convs[len(convs)-1].Status.SID
		poisoned := convs[0].Status.SID
		w.fault(simulator.Match{Operation: simulator.OperationFetch, SID: poisoned}, simulator.Effect{Status: http.StatusInternalServerError})
		w.fault(simulator.Match{Operation: simulator.OperationList, PathRegexp: ofServices}, simulator.Effect{Status: http.StatusGatewayTimeout})
		w.edit(last, func(c *simulator.Conversation) { c.FriendlyName = "Theirs" })
		w.ask()
		Eventually(func() string { return w.there()[last].FriendlyName }, "3m", "100ms").Should(Equal("Mine"))
	})
})

var _ = Describe("A list that cannot be read", func() {
	It("is given up after a few tries where the conversations can be asked for", func() {
		const n = 12
		w := newWorld()
		w.many(n, same(`{friendlyName: Mine}`))
		w.fault(simulator.Match{Operation: simulator.OperationList, PathRegexp: ofServices}, simulator.Effect{Status: http.StatusGatewayTimeout, HTML: true})
		sid := w.get(name(5)).Status.SID
		w.edit(sid, func(c *simulator.Conversation) { c.FriendlyName = "Theirs" })
		since := w.mark()
		check := w.check()
		Expect(check.Checked).To(BeEquivalentTo(n))
		Expect(check.Drifted).To(BeEquivalentTo(1))
		Eventually(func() string { return w.there()[sid].FriendlyName }).Should(Equal("Mine"))
		Eventually(func() map[string]int { return operations(since()) }).Should(Equal(map[string]int{"list": 4, "fetch": n + 1, "update": 1}))
	})

	It("is not given up in an outage, after which it costs less than asking for each", func() {
		const n = 50
		w := newWorld()
		w.many(n, same(`{friendlyName: Mine}`))
		// The list fails three times, and then what is asked for instead.
		w.fault(simulator.Match{PathRegexp: ofServices, Method: http.MethodGet, Count: 4}, simulator.Effect{Status: http.StatusServiceUnavailable})
		since := w.mark()
		Expect(w.check().Checked).To(BeEquivalentTo(n))
		Expect(operations(since())).To(Equal(map[string]int{"list": 4, "fetch": 1}))
	})

	It("has no strange entry spoil its page", func() {
		w := newWorld()
		w.many(3, same(`{friendlyName: Mine}`))
		sid := w.get(name(1)).Status.SID
		w.edit(sid, func(c *simulator.Conversation) { c.FriendlyName = "Theirs" })
		body := w.body("/v1/Conversations?PageSize=100")
		strange := regexp.MustCompile(`"conversations": ?\[`).ReplaceAllString(body, `${0}{"sid":7,"timers":"none"},`)
		Expect(strange).NotTo(Equal(body))
		w.fault(simulator.Match{Operation: simulator.OperationList, PathRegexp: ofServices, Count: 1},
			simulator.Effect{Status: http.StatusOK, Body: strange, ContentType: "application/json"})
		since := w.mark()
		check := w.check()
		Expect(check.Checked).To(BeEquivalentTo(3))
		Expect(check.Requests).To(BeEquivalentTo(1))
		Eventually(func() string { return w.there()[sid].FriendlyName }).Should(Equal("Mine"))
		Eventually(func() map[string]int { return operations(since()) }).Should(Equal(map[string]int{"list": 1, "fetch": 1, "update": 1}))
	})
})

// services makes so many services with so many Conversations each, s0-0 and on, and waits until all are Synced.
func (w *world) services(n, each int) (sids []string) {
	GinkgoHelper()
	for i := range n {
		sid := fmt.Sprintf("IS%032x", i+100)
		Expect(w.sim.AddService("", sid)).To(Succeed())
		sids = append(sids, sid)
		for j := range each {
			w.conversation(fmt.Sprintf("s%d-%d", i, j), fmt.Sprintf("{friendlyName: Mine, chatServiceSid: %s}", sid))
		}
	}
	w.all(n*each, v1alpha1.ReasonSynced)
	return sids
}

// body is what Twilio answers to a GET.
func (w *world) body(path string) string {
	GinkgoHelper()
	r, err := http.NewRequestWithContext(ctx(), http.MethodGet, w.sim.URL+path, nil)
	Expect(err).NotTo(HaveOccurred())
	r.SetBasicAuth(simulator.DefaultAccountSID, w.Token)
	resp, err := (&http.Client{Timeout: time.Minute}).Do(r)
	Expect(err).NotTo(HaveOccurred())
	defer func() { _ = resp.Body.Close() }()
	body, err := io.ReadAll(resp.Body)
	Expect(err).NotTo(HaveOccurred())
	Expect(resp.StatusCode).To(Equal(http.StatusOK))
	return string(body)
}
