// Copyright The conversations-operator Authors
// SPDX-License-Identifier: Apache-2.0

package system_test

import (
	"fmt"
	"slices"
	"strings"
	"time"

	. "github.com/onsi/ginkgo/v2"
	. "github.com/onsi/gomega"
	corev1 "k8s.io/api/core/v1"
	"k8s.io/apimachinery/pkg/api/meta"
	auditv1 "k8s.io/apiserver/pkg/apis/audit/v1"
	"sigs.k8s.io/controller-runtime/pkg/client"

	"github.com/conversations-operator/conversations-operator/api/v1alpha1"
	"github.com/conversations-operator/conversations-operator/internal/twilio/simulator"
	"github.com/conversations-operator/conversations-operator/test/testbed"
)

// tenant is a namespace with a Twilio account of its own.
type tenant struct{ testbed.Tenant }

// newTenant has a namespace, an account at the simulator, and a TwilioAccount named default that is Ready. There are no
// drift checks but those that a spec asks for: their requests would be counted.
func newTenant() *tenant {
	GinkgoHelper()
	t := &tenant{testbed.NewTenant()}
	t.settle()
	return t
}

// newTenantIn is newTenant in a namespace that is there.
func newTenantIn(namespace string) *tenant {
	GinkgoHelper()
	t := &tenant{testbed.NewTenant()}
	t.Namespace = namespace
	t.settle()
	return t
}

func (t *tenant) settle() {
	GinkgoHelper()
	keepSecret(t.SID, t.Token)
	Expect(theatre.Admit(ctx, &t.Tenant)).To(Succeed())
}

// rotate writes another token into the tenant's Secret.
func (t *tenant) rotate(token string) {
	GinkgoHelper()
	keepSecret(t.SID, token)
	secret := &corev1.Secret{ObjectMeta: t.Meta(testbed.SecretName)}
	Expect(bed.Client.Get(ctx, client.ObjectKeyFromObject(secret), secret)).To(Succeed())
	secret.Data["TWILIO_AUTH_TOKEN"] = []byte(token)
	Expect(bed.Client.Update(ctx, secret)).To(Succeed())
}

// accountIs waits until the tenant's account has that reason.
func (t *tenant) accountIs(reason string) {
	GinkgoHelper()
	account := t.Account()
	Eventually(func(g Gomega) {
		g.Expect(bed.Client.Get(ctx, client.ObjectKeyFromObject(account), account)).To(Succeed())
		g.Expect(meta.FindStatusCondition(account.Status.Conditions, v1alpha1.ConditionReady)).To(HaveField("Reason", reason))
	}).Should(Succeed())
}

// create creates n conversations, conv-0 and so on.
func (t *tenant) create(n int) {
	GinkgoHelper()
	for i := range n {
		conv := t.Conversation(fmt.Sprintf("conv-%d", i))
		conv.Spec.FriendlyName = fmt.Sprintf("Conversation %d", i)
		create(conv)
	}
}

// settled waits until all n conversations are in sync, and answers them.
func (t *tenant) settled(n int) []v1alpha1.Conversation {
	GinkgoHelper()
	var list v1alpha1.ConversationList
	Eventually(func(g Gomega) {
		g.Expect(bed.Client.List(ctx, &list, client.InNamespace(t.Namespace))).To(Succeed())
		g.Expect(list.Items).To(HaveLen(n))
		for _, conv := range list.Items {
			ready := meta.FindStatusCondition(conv.Status.Conditions, v1alpha1.ConditionReady)
			g.Expect(ready).NotTo(BeNil(), conv.Name)
			g.Expect(ready.Reason).To(Equal(v1alpha1.ReasonSynced), "%s: %s", conv.Name, ready.Message)
			g.Expect(conv.Status.ObservedGeneration).To(Equal(conv.Generation), conv.Name)
		}
	}).Should(Succeed())
	return list.Items
}

// conversations of the account at the simulator.
func (t *tenant) conversations() []simulator.Conversation {
	GinkgoHelper()
	all, err := twilio.Conversations(ctx, t.SID)
	Expect(err).NotTo(HaveOccurred())
	return all
}

// requests of the account.
func (t *tenant) requests() []simulator.Request {
	GinkgoHelper()
	all, err := twilio.Requests(ctx)
	Expect(err).NotTo(HaveOccurred())
	return slices.DeleteFunc(all, func(r simulator.Request) bool { return r.Account != t.SID })
}

// operations counts the requests, but for those that check the account's credentials.
func (t *tenant) operations() map[string]int {
	GinkgoHelper()
	out := map[string]int{}
	for _, r := range t.requests() {
		if r.Operation != simulator.OperationList || r.Query.Get("PageSize") != "1" {
			out[r.Operation]++
		}
	}
	return out
}

// writtenSince are the manager's writes in the namespace since then, of Conversations, accounts and Secrets. The audit log
// may tell of an earlier one only now.
func (t *tenant) writtenSince(then time.Time) []string {
	GinkgoHelper()
	return audited(func(e *auditv1.Event) bool {
		return testbed.ByManager(e) && testbed.IsWrite(e) && e.ObjectRef.Namespace == t.Namespace && e.ObjectRef.Resource != "events" &&
			e.RequestReceivedTimestamp.After(then)
	})
}

// writtenTo are those that concern Conversations.
func (t *tenant) writtenTo() []string {
	GinkgoHelper()
	return slices.DeleteFunc(t.writtenSince(time.Time{}), func(line string) bool { return !strings.Contains(line, " conversations") })
}

func create(o client.Object) {
	GinkgoHelper()
	Expect(bed.Client.Create(ctx, o)).To(Succeed())
}
