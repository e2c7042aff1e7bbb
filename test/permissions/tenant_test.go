// Copyright The conversations-operator Authors
// SPDX-License-Identifier: Apache-2.0

package permissions_test

import (
	. "github.com/onsi/ginkgo/v2"
	. "github.com/onsi/gomega"
	"sigs.k8s.io/controller-runtime/pkg/client"

	"github.com/conversations-operator/conversations-operator/api/v1alpha1"
	"github.com/conversations-operator/conversations-operator/test/testbed"
)

// tenant is a namespace with a Twilio account and a Conversation.
type tenant struct {
	testbed.Tenant
	account      *v1alpha1.TwilioAccount
	conversation *v1alpha1.Conversation
}

func newTenant() *tenant {
	GinkgoHelper()
	t := &tenant{Tenant: testbed.NewTenant()}
	t.account, t.conversation = t.Account(), t.Conversation("vip")
	Expect(theatre.Open(ctx, &t.Tenant)).To(Succeed())
	Expect(t.Create(ctx, bed.Client)).To(Succeed())
	create(t.conversation)
	return t
}

// ready waits until the conversation is in sync.
func (t *tenant) ready() {
	GinkgoHelper()
	Eventually(t.conversationReason).Should(Equal(v1alpha1.ReasonSynced))
}

func (t *tenant) conversationReason() string {
	if bed.Client.Get(ctx, client.ObjectKeyFromObject(t.conversation), t.conversation) != nil {
		return "gone"
	}
	return testbed.Ready(t.conversation.Status.Conditions).Reason
}

func (t *tenant) accountReason() string {
	if bed.Client.Get(ctx, client.ObjectKeyFromObject(t.account), t.account) != nil {
		return "gone"
	}
	return testbed.Ready(t.account.Status.Conditions).Reason
}

func create(o client.Object) {
	GinkgoHelper()
	Expect(bed.Client.Create(ctx, o)).To(Succeed())
}
