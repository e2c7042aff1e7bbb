// Copyright The conversations-operator Authors
// SPDX-License-Identifier: Apache-2.0

package scale

import (
	"fmt"
	"net/http"
	"slices"
	"sync"

	. "github.com/onsi/ginkgo/v2"
	. "github.com/onsi/gomega"
	"sigs.k8s.io/controller-runtime/pkg/client"

	"github.com/conversations-operator/conversations-operator/api/v1alpha1"
	"github.com/conversations-operator/conversations-operator/internal/twilio/simulator"
	"github.com/conversations-operator/conversations-operator/test/testbed"
)

// tenant is a namespace that uses a Twilio account.
type tenant struct{ testbed.Tenant }

// newTenant is a namespace with a Twilio account of its own, which is Ready.
func newTenant() *tenant {
	GinkgoHelper()
	t := &tenant{testbed.NewTenant()}
	Expect(sim.AddAccount(t.SID, t.Token)).To(Succeed())
	t.connected()
	return t
}

// neighbour is another namespace that uses the same Twilio account, through an account object of its own.
func (t *tenant) neighbour() *tenant {
	GinkgoHelper()
	other := &tenant{testbed.NewTenant()}
	other.SID, other.Token = t.SID, t.Token
	other.connected()
	return other
}

// connected creates the account object and waits until it is Ready.
func (t *tenant) connected() {
	GinkgoHelper()
	Expect(t.Create(ctx(), k8s)).To(Succeed())
	Eventually(t.accountReason).Should(Equal(v1alpha1.ReasonAuthenticated))
}

func (t *tenant) accountReason() string { return t.Ready(ctx(), k8s).Reason }

// many applies so many objects, several at a time.
func (t *tenant) many(n int) {
	GinkgoHelper()
	t.each(n, func(int, *v1alpha1.Conversation) {})
}

// each is many, of which each may be different.
func (t *tenant) each(n int, change func(i int, conv *v1alpha1.Conversation)) {
	GinkgoHelper()
	var all sync.WaitGroup
	next := make(chan int)
	for range 4 {
		all.Go(func() {
			defer GinkgoRecover()
			for i := range next {
				conv := t.Conversation(fmt.Sprintf("c%04d", i))
				change(i, conv)
				create(conv)
			}
		})
	}
	for i := range n {
		next <- i
	}
	close(next)
	all.Wait()
}

func (t *tenant) one(name string) client.ObjectKey {
	GinkgoHelper()
	conv := t.Conversation(name)
	create(conv)
	return client.ObjectKeyFromObject(conv)
}

// requests of the account, but for checks of credentials.
func (t *tenant) requests() []simulator.Request {
	return slices.DeleteFunc(sim.Requests(), func(r simulator.Request) bool {
		return r.Account != t.SID || r.Operation == simulator.OperationList || r.Operation == simulator.OperationConfiguration
	})
}

// throttled is how many requests of the account were answered 429.
func (t *tenant) throttled() (n int) {
	for _, r := range t.requests() {
		if r.Status == http.StatusTooManyRequests {
			n++
		}
	}
	return n
}

// synced waits until so many objects of the namespace are.
func (t *tenant) synced(n int) {
	GinkgoHelper()
	Eventually(func() int { return seen.Are(t.Namespace, v1alpha1.ReasonSynced) }, "90s").Should(Equal(n))
}

func create(o client.Object) {
	GinkgoHelper()
	Expect(k8s.Create(ctx(), o)).To(Succeed())
}
