// Copyright The conversations-operator Authors
// SPDX-License-Identifier: Apache-2.0

package scale

import (
	"fmt"
	"net/http"

	. "github.com/onsi/ginkgo/v2"
	. "github.com/onsi/gomega"
	corev1 "k8s.io/api/core/v1"
	"sigs.k8s.io/controller-runtime/pkg/client"

	"github.com/conversations-operator/conversations-operator/api/v1alpha1"
	"github.com/conversations-operator/conversations-operator/internal/twilio/simulator"
	"github.com/conversations-operator/conversations-operator/test/testbed"
	"github.com/conversations-operator/conversations-operator/test/testbed/random"
)

var _ = Describe("Rotating a key under load", func() {
	It("takes no object out of Ready, without a restart", func() {
		const objects, edits = 1000, 60
		t, key := &tenant{testbed.NewTenant()}, simulator.APIKey{SID: random.SID("SK"), Secret: random.Hex(16)}
		Expect(sim.AddAccount(t.SID, t.Token, key)).To(Succeed())
		t.connected()
		// Adopting is not paced as creating is.
		sids, err := sim.Seed(t.SID, objects, func(int, *simulator.Conversation) {})
		Expect(err).NotTo(HaveOccurred())
		for i, sid := range sids {
			conv := t.Conversation(fmt.Sprintf("c%04d", i))
			conv.Spec.Adoption = &v1alpha1.AdoptionSpec{SID: sid}
			create(conv)
		}
		t.synced(objects)

		load := make(chan struct{})
		go func() {
			defer GinkgoRecover()
			defer close(load)
			t.rename(0, edits, "During")
		}()
		Eventually(t.renamed).WithArguments("During").Should(BeNumerically(">", 0))
		t.exchange(map[string]string{"TWILIO_API_KEY": key.SID, "TWILIO_API_SECRET": key.Secret})
		<-load
		Eventually(t.renamed).WithArguments("During").Should(Equal(edits))
		// The old token is good for nothing any more, and nobody minds.
		Expect(sim.SetAuthToken(t.SID, random.Hex(16))).To(Succeed())
		t.rename(edits, 2*edits, "After")
		Eventually(t.renamed).WithArguments("After").Should(Equal(edits))

		Expect(seen.Told(t.Namespace)).To(Equal(map[string]int{v1alpha1.ReasonSynced: objects}))
		Expect(t.requests()).NotTo(ContainElement(HaveField("Status", http.StatusUnauthorized)))
		Expect(t.accountReason()).To(Equal(v1alpha1.ReasonAuthenticated))
	})
})

var _ = Describe("Revoking a key under load", func() {
	It("takes no object out of Ready while the Secret has the next key", func() {
		const objects = 120
		t := &tenant{testbed.NewTenant()}
		old, next := simulator.APIKey{SID: random.SID("SK"), Secret: random.Hex(16)}, simulator.APIKey{SID: random.SID("SK"), Secret: random.Hex(16)}
		Expect(sim.AddAccount(t.SID, t.Token, old, next)).To(Succeed())
		t.connected()
		t.exchange(map[string]string{"TWILIO_API_KEY": old.SID, "TWILIO_API_SECRET": old.Secret,
			"TWILIO_API_KEY_NEXT": next.SID, "TWILIO_API_SECRET_NEXT": next.Secret})
		Expect(t.accountReason()).To(Equal(v1alpha1.ReasonAuthenticated))

		By("revoking the key while conversations are created")
		for i := range objects {
			create(&v1alpha1.Conversation{ObjectMeta: t.Meta(fmt.Sprintf("c%04d", i))})
		}
		Eventually(func() int { return len(sim.Conversations(t.SID)) }).Should(BeNumerically(">", objects/4))
		before := sim.Counts().Status(http.StatusUnauthorized)
		Expect(sim.RevokeAPIKey(t.SID, old.SID)).To(Succeed())
		Expect(len(sim.Conversations(t.SID))).To(BeNumerically("<", objects), "all was over before the key was revoked")
		t.synced(objects)
		Expect(sim.Counts().Status(http.StatusUnauthorized)).To(BeNumerically(">", before), "no request met the revocation")

		By("moving the Secret on while conversations are edited")
		load := make(chan struct{})
		go func() {
			defer GinkgoRecover()
			defer close(load)
			t.rename(0, objects, "Moved")
		}()
		Eventually(t.renamed).WithArguments("Moved").Should(BeNumerically(">", 0))
		t.exchange(map[string]string{"TWILIO_API_KEY": next.SID, "TWILIO_API_SECRET": next.Secret})
		<-load
		Eventually(t.renamed, "60s").WithArguments("Moved").Should(Equal(objects))

		told := seen.Told(t.Namespace)
		delete(told, v1alpha1.ReasonProgressing)
		Expect(told).To(Equal(map[string]int{v1alpha1.ReasonSynced: objects}))
		Expect(sim.Conversations(t.SID)).To(HaveLen(objects))
		Expect(t.accountReason()).To(Equal(v1alpha1.ReasonAuthenticated))
	})
})

// exchange gives the account other credentials, and waits until Twilio took them.
func (t *tenant) exchange(data map[string]string) {
	GinkgoHelper()
	used := t.credentials()
	secret := &corev1.Secret{ObjectMeta: t.Meta(testbed.SecretName)}
	Expect(k8s.Get(ctx(), client.ObjectKeyFromObject(secret), secret)).To(Succeed())
	secret.Data = map[string][]byte{}
	for key, value := range data {
		secret.Data[key] = []byte(value)
	}
	Expect(k8s.Update(ctx(), secret)).To(Succeed())
	Eventually(t.credentials).ShouldNot(Equal(used))
}

// rename gives some of the objects another name.
func (t *tenant) rename(from, to int, name string) {
	GinkgoHelper()
	for i := from; i < to; i++ {
		conv := t.Conversation(fmt.Sprintf("c%04d", i))
		patch := client.RawPatch("application/merge-patch+json", fmt.Appendf(nil, `{"spec":{"friendlyName":%q}}`, name))
		Expect(k8s.Patch(ctx(), conv, patch)).To(Succeed())
	}
}

// renamed is how many conversations have the name at Twilio.
func (t *tenant) renamed(name string) (n int) {
	for _, c := range sim.Conversations(t.SID) {
		if c.FriendlyName == name {
			n++
		}
	}
	return n
}

// credentials is the version of the Secret that the operator uses.
func (t *tenant) credentials() v1alpha1.CredentialsStatus {
	GinkgoHelper()
	account := t.Account()
	Expect(k8s.Get(ctx(), client.ObjectKeyFromObject(account), account)).To(Succeed())
	if account.Status.Credentials == nil {
		return v1alpha1.CredentialsStatus{}
	}
	return *account.Status.Credentials
}
