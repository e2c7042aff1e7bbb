// Copyright The conversations-operator Authors
// SPDX-License-Identifier: Apache-2.0

package scale

import (
	"crypto/rand"
	"encoding/hex"
	"fmt"
	"net/http"
	"slices"
	"sync"

	. "github.com/onsi/ginkgo/v2"
	. "github.com/onsi/gomega"
	corev1 "k8s.io/api/core/v1"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
	"sigs.k8s.io/controller-runtime/pkg/client"

	"github.com/conversations-operator/conversations-operator/api/v1alpha1"
	"github.com/conversations-operator/conversations-operator/internal/twilio/simulator"
)

// tenant is a namespace that uses a Twilio account.
type tenant struct{ namespace, sid, token string }

// newTenant is a namespace with a Twilio account of its own, which is Ready.
func newTenant() *tenant {
	GinkgoHelper()
	sid, token := "AC"+random(16), random(16)
	Expect(sim.AddAccount(sid, token)).To(Succeed())
	return tenantOf(sid, token)
}

// neighbour is another namespace that uses the same Twilio account, through an account object of its own.
func (t *tenant) neighbour() *tenant { return tenantOf(t.sid, t.token) }

func tenantOf(sid, token string) *tenant {
	GinkgoHelper()
	t := &tenant{namespace: "s-" + random(4), sid: sid, token: token}
	t.register(0)
	Eventually(t.accountReason).Should(Equal(v1alpha1.ReasonAuthenticated))
	return t
}

// register makes the namespace, the Secret and the account, with a drift check every so many seconds; zero: none.
func (t *tenant) register(interval int32) {
	GinkgoHelper()
	create(&corev1.Namespace{ObjectMeta: metav1.ObjectMeta{Name: t.namespace}})
	create(&corev1.Secret{
		ObjectMeta: t.meta("twilio"), StringData: map[string]string{"TWILIO_ACCOUNT_SID": t.sid, "TWILIO_AUTH_TOKEN": t.token},
	})
	account := &v1alpha1.TwilioAccount{ObjectMeta: t.meta("default")}
	account.Spec.CredentialsSecretRef.Name = "twilio"
	account.Spec.DriftCheckIntervalSeconds = &interval
	create(account)
}

func (t *tenant) accountReason() string {
	account := &v1alpha1.TwilioAccount{ObjectMeta: t.meta("default")}
	if k8s.Get(ctx(), client.ObjectKeyFromObject(account), account) != nil {
		return ""
	}
	for _, c := range account.Status.Conditions {
		if c.Type == v1alpha1.ConditionReady {
			return c.Reason
		}
	}
	return ""
}

func (t *tenant) meta(name string) metav1.ObjectMeta {
	return metav1.ObjectMeta{Namespace: t.namespace, Name: name}
}

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
				conv := &v1alpha1.Conversation{ObjectMeta: t.meta(fmt.Sprintf("c%04d", i))}
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
	conv := &v1alpha1.Conversation{ObjectMeta: t.meta(name)}
	create(conv)
	return client.ObjectKeyFromObject(conv)
}

// requests of the account, but for checks of credentials.
func (t *tenant) requests() []simulator.Request {
	return slices.DeleteFunc(sim.Requests(), func(r simulator.Request) bool {
		return r.Account != t.sid || r.Operation == simulator.OperationList || r.Operation == simulator.OperationConfiguration
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
	Eventually(func() int { return seen.are(t.namespace, v1alpha1.ReasonSynced) }, "90s").Should(Equal(n))
}

func create(o client.Object) {
	GinkgoHelper()
	Expect(k8s.Create(ctx(), o)).To(Succeed())
}

func random(bytes int) string {
	b := make([]byte, bytes)
	_, _ = rand.Read(b)
	return hex.EncodeToString(b)
}
