// Copyright The conversations-operator Authors
// SPDX-License-Identifier: Apache-2.0

package controller_test

import (
	"strings"

	. "github.com/onsi/ginkgo/v2"
	. "github.com/onsi/gomega"
	corev1 "k8s.io/api/core/v1"
	apierrors "k8s.io/apimachinery/pkg/api/errors"
	"k8s.io/apimachinery/pkg/types"
	"sigs.k8s.io/controller-runtime/pkg/client"

	"github.com/conversations-operator/conversations-operator/api/v1alpha1"
)

// credentials of the tenant's account as a Secret holds them.
func (t *tenant) credentials() map[string]string {
	return map[string]string{"TWILIO_ACCOUNT_SID": t.SID, "TWILIO_AUTH_TOKEN": t.Token}
}

// setSecret makes the tenant's Secret hold exactly data.
func (t *tenant) setSecret(data map[string]string) {
	GinkgoHelper()
	secret := t.secret(nil)
	if k8s.Get(ctx(), client.ObjectKeyFromObject(secret), secret) != nil {
		t.create(t.secret(data))
		return
	}
	before := secret.DeepCopy()
	secret.Data = map[string][]byte{}
	for key, value := range data {
		secret.Data[key] = []byte(value)
	}
	Expect(k8s.Patch(ctx(), secret, client.MergeFrom(before))).To(Succeed())
}

// tearSecret deletes the tenant's Secret although the operator holds it, and waits until the account says so.
func (t *tenant) tearSecret() {
	GinkgoHelper()
	secret := t.secret(nil)
	Expect(k8s.Delete(ctx(), secret)).To(Succeed())
	free := client.RawPatch(types.MergePatchType, []byte(`{"metadata":{"finalizers":null}}`))
	Expect(client.IgnoreNotFound(k8s.Patch(ctx(), &corev1.Secret{ObjectMeta: secret.ObjectMeta}, free))).To(Succeed())
	Eventually(t.accountReason).Should(Equal(v1alpha1.ReasonSecretMissing))
}

// rotate changes the token at Twilio, and the tenant's own knowledge of it, but not the Secret.
func (t *tenant) rotate(token string) {
	GinkgoHelper()
	Expect(t.sim.SetAuthToken(t.SID, token)).To(Succeed())
	t.Token = token
}

// accountSID is what the tenant's account says it belongs to.
func (t *tenant) accountSID() string {
	a := t.Account()
	_ = k8s.Get(ctx(), client.ObjectKeyFromObject(a), a)
	return a.Status.AccountSID
}

func missing(o client.Object) bool {
	return apierrors.IsNotFound(k8s.Get(ctx(), client.ObjectKeyFromObject(o), o.DeepCopyObject().(client.Object)))
}

// kibibytes is a JSON string of that length.
func kibibytes(n int) string { return `"` + strings.Repeat("x", n<<10-2) + `"` }
