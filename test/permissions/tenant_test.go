// Copyright The conversations-operator Authors
// SPDX-License-Identifier: Apache-2.0

package permissions_test

import (
	"crypto/rand"
	"encoding/hex"

	. "github.com/onsi/ginkgo/v2"
	. "github.com/onsi/gomega"
	corev1 "k8s.io/api/core/v1"
	"k8s.io/apimachinery/pkg/api/meta"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
	"sigs.k8s.io/controller-runtime/pkg/client"

	"github.com/conversations-operator/conversations-operator/api/v1alpha1"
)

// tenant is a namespace with a Twilio account and a Conversation.
type tenant struct {
	namespace, sid string
	account        *v1alpha1.TwilioAccount
	conversation   *v1alpha1.Conversation
}

func newTenant() *tenant {
	GinkgoHelper()
	account := metav1.ObjectMeta{Namespace: "t-" + random(4), Name: "default"}
	t := &tenant{
		namespace: account.Namespace, sid: "AC" + random(16), account: &v1alpha1.TwilioAccount{ObjectMeta: account},
		conversation: &v1alpha1.Conversation{ObjectMeta: metav1.ObjectMeta{Namespace: account.Namespace, Name: "vip"}},
	}
	token := random(16)
	Expect(twilio.Control(ctx, "POST /accounts", map[string]string{"sid": t.sid, "authToken": token}, nil)).To(Succeed())
	create(&corev1.Namespace{ObjectMeta: metav1.ObjectMeta{Name: t.namespace}})
	create(&corev1.Secret{
		ObjectMeta: metav1.ObjectMeta{Namespace: t.namespace, Name: "twilio"},
		StringData: map[string]string{"TWILIO_ACCOUNT_SID": t.sid, "TWILIO_AUTH_TOKEN": token},
	})
	t.account.Spec.CredentialsSecretRef.Name = "twilio"
	create(t.account)
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
	return reason(t.conversation.Status.Conditions)
}

func (t *tenant) accountReason() string {
	if bed.Client.Get(ctx, client.ObjectKeyFromObject(t.account), t.account) != nil {
		return "gone"
	}
	return reason(t.account.Status.Conditions)
}

func reason(conditions []metav1.Condition) string {
	if ready := meta.FindStatusCondition(conditions, v1alpha1.ConditionReady); ready != nil {
		return ready.Reason
	}
	return ""
}

func message(conditions []metav1.Condition) string {
	if ready := meta.FindStatusCondition(conditions, v1alpha1.ConditionReady); ready != nil {
		return ready.Message
	}
	return ""
}

func create(o client.Object) {
	GinkgoHelper()
	Expect(bed.Client.Create(ctx, o)).To(Succeed())
}

func random(bytes int) string {
	b := make([]byte, bytes)
	_, _ = rand.Read(b)
	return hex.EncodeToString(b)
}
