// Copyright The conversations-operator Authors
// SPDX-License-Identifier: Apache-2.0

package controller_test

import (
	"maps"
	"net/http"
	"net/url"
	"regexp"
	"time"

	. "github.com/onsi/ginkgo/v2"
	. "github.com/onsi/gomega"

	"github.com/conversations-operator/conversations-operator/internal/twilio/simulator"
	"github.com/conversations-operator/conversations-operator/test/testbed/random"
)

// sent is a request as Twilio got it.
type sent struct {
	Method, Path string
	Form         url.Values
	// Webhook is the header X-Twilio-Webhook-Enabled.
	Webhook string
}

// mark is the space that a create under a user's name has after its attributes.
var mark = regexp.MustCompile(`^(.*?)([ \t]{32})$`)

// sentRequests of the account, in order, without the marks of creates.
func (t *tenant) sentRequests() []sent {
	var out []sent
	for _, r := range t.requests() {
		form := maps.Clone(r.Form)
		if found := mark.FindStringSubmatch(form.Get("Attributes")); found != nil {
			form.Set("Attributes", found[1])
			if found[1] == "{}" {
				form.Del("Attributes")
			}
		}
		out = append(out, sent{r.Method, r.Path, form, r.WebhookEnabled})
	}
	return out
}

// writes at Twilio: every request of the account that was to change something.
func (t *tenant) writes() []sent {
	var out []sent
	for _, r := range t.sentRequests() {
		if r.Method != http.MethodGet {
			out = append(out, r)
		}
	}
	return out
}

// lastForm is what the account's last request that was to change something said.
func (t *tenant) lastForm() url.Values {
	GinkgoHelper()
	all := t.writes()
	Expect(all).NotTo(BeEmpty())
	return all[len(all)-1].Form
}

// fault makes the simulator misbehave for the tenant until the story ends, and answers the rule's id.
func (t *tenant) fault(m simulator.Match, e simulator.Effect) string {
	GinkgoHelper()
	m.Account = t.SID
	id, err := t.sim.AddRule(simulator.Rule{Match: m, Effect: e})
	Expect(err).NotTo(HaveOccurred())
	DeferCleanup(func() { _ = t.sim.RemoveRule(id) })
	return id
}

// applied tells how often a rule had its effect.
func (t *tenant) applied(id string) func() int {
	return func() int {
		for _, r := range t.sim.Rules() {
			if r.ID == id {
				return r.Applied
			}
		}
		return 0
	}
}

// faultsApplied tells how often any of the tenant's rules had its effect.
func (t *tenant) faultsApplied() int {
	n := 0
	for _, r := range t.sim.Rules() {
		if r.Match.Account == t.SID {
			n += r.Applied
		}
	}
	return n
}

// seed makes one conversation at Twilio that no object knows of.
func (t *tenant) seed(change func(*simulator.Conversation)) simulator.Conversation {
	GinkgoHelper()
	sids, err := t.sim.Seed(t.SID, 1, func(_ int, c *simulator.Conversation) { change(c) })
	Expect(err).NotTo(HaveOccurred())
	return t.there(sids[0])
}

// edit changes a conversation behind the operator's back.
func (t *tenant) edit(sid string, change func(*simulator.Conversation)) {
	GinkgoHelper()
	Expect(t.sim.Edit(sid, change)).To(Succeed())
}

// newService adds a Conversation Service to the account and answers its SID.
func (t *tenant) newService() string {
	GinkgoHelper()
	sid := random.SID("IS")
	Expect(t.sim.AddService(t.SID, sid)).To(Succeed())
	return sid
}

// configure changes the account's configuration at Twilio.
func (t *tenant) configure(change func(*simulator.Configuration)) {
	GinkgoHelper()
	c, err := t.sim.Configuration(t.SID)
	Expect(err).NotTo(HaveOccurred())
	change(&c)
	Expect(t.sim.SetConfiguration(t.SID, c)).To(Succeed())
}

// there is a conversation that must exist.
func (t *tenant) there(sid string) simulator.Conversation {
	GinkgoHelper()
	c, ok := t.sim.Find(sid)
	Expect(ok).To(BeTrue(), "conversation %s does not exist", sid)
	return c
}

// form makes url.Values of pairs.
func form(pairs ...string) url.Values {
	out := url.Values{}
	for i := 0; i < len(pairs); i += 2 {
		out.Set(pairs[i], pairs[i+1])
	}
	return out
}

// Ways to lose an answer.
var (
	dropBefore = simulator.Effect{DropBefore: true}
	dropAfter  = simulator.Effect{DropAfter: true}
	htmlPage   = simulator.Effect{HTML: true}
	emptyBody  = simulator.Effect{EmptyBody: true}
	halfBody   = simulator.Effect{TruncateBody: true}
	late       = simulator.Effect{Delay: requestTimeout + time.Second}
)

func matchCreate(count int) simulator.Match {
	return simulator.Match{Operation: simulator.OperationCreate, Count: count}
}

func matchUpdate(count int) simulator.Match {
	return simulator.Match{Operation: simulator.OperationUpdate, Count: count}
}

func matchDelete(count int) simulator.Match {
	return simulator.Match{Operation: simulator.OperationDelete, Count: count}
}
