// Copyright The conversations-operator Authors
// SPDX-License-Identifier: Apache-2.0

package drift

import (
	"context"
	"errors"
	"sync"

	. "github.com/onsi/ginkgo/v2"
	. "github.com/onsi/gomega"
	corev1 "k8s.io/api/core/v1"
	"k8s.io/apimachinery/pkg/watch"
	"sigs.k8s.io/controller-runtime/pkg/client"
	"sigs.k8s.io/controller-runtime/pkg/client/interceptor"

	"github.com/conversations-operator/conversations-operator/api/v1alpha1"
	"github.com/conversations-operator/conversations-operator/internal/twilio/simulator"
	"github.com/conversations-operator/conversations-operator/test/testbed"
	"github.com/conversations-operator/conversations-operator/test/testbed/random"
)

var _ = Describe("Another account's 404", func() {
	It("is never believed where the credentials were exchanged", func() {
		w := newWorld()
		w.many(20, same(`{friendlyName: Mine}`))
		before := w.sids()
		other, token := random.SID("AC"), random.Hex(16)
		Expect(w.sim.AddAccount(other, token)).To(Succeed())
		w.exchange(other, token)
		w.all(20, v1alpha1.ReasonAccountMismatch)
		w.check()
		Expect(w.halted()).To(BeFalse())
		w.all(20, v1alpha1.ReasonAccountMismatch)
		Expect(w.sim.Conversations(other)).To(BeEmpty())

		since := w.mark()
		w.exchange(simulator.DefaultAccountSID, w.Token)
		w.all(20, v1alpha1.ReasonSynced)
		Expect(w.sids()).To(Equal(before))
		Expect(operations(since())).NotTo(Or(HaveKey("create"), HaveKey("update")))
	})

	It("is not believed before the account's status tells of the exchange either", func() {
		w := newWorld()
		w.many(20, same(`{friendlyName: Mine}`))
		other, token := random.SID("AC"), random.Hex(16)
		Expect(w.sim.AddAccount(other, token)).To(Succeed())
		told, telling := make(chan struct{}, 1), make(chan struct{})
		tell := sync.OnceFunc(func() { close(telling) })
		DeferCleanup(tell)
		w.stop()
		w.wrap = func(c client.Client) client.Client {
			return interceptor.NewClient(unwatched{c}, interceptor.Funcs{
				SubResourcePatch: func(ctx context.Context, c client.Client, sub string, o client.Object, p client.Patch, opts ...client.SubResourcePatchOption) error {
					if acct, ok := o.(*v1alpha1.TwilioAccount); ok && acct.Status.AccountSID == other {
						select {
						case told <- struct{}{}:
						default:
						}
						<-telling
					}
					return c.SubResource(sub).Patch(ctx, o, p, opts...)
				},
			})
		}
		w.start()
		w.exchange(other, token)
		Eventually(told).Should(Receive())
		for name := range w.sids() {
			w.change(name, func(conv *v1alpha1.Conversation) { conv.Spec.FriendlyName = "Edited" })
		}
		w.all(20, v1alpha1.ReasonAccountMismatch)
		tell()
		Eventually(func() string { return w.account().Status.AccountSID }).Should(Equal(other))
		w.all(20, v1alpha1.ReasonAccountMismatch)
		Expect(w.sim.Conversations(other)).To(BeEmpty())
		Expect(w.there()).To(HaveLen(20))
	})
})

// unwatched is a client as the interceptor wants it; managers watch by other means.
type unwatched struct{ client.Client }

func (unwatched) Watch(context.Context, client.ObjectList, ...client.ListOption) (watch.Interface, error) {
	return nil, errors.ErrUnsupported
}

// exchange the credentials.
func (w *world) exchange(sid, token string) {
	GinkgoHelper()
	secret := &corev1.Secret{}
	Expect(k8s.Get(ctx(), client.ObjectKey{Namespace: w.Namespace, Name: testbed.SecretName}, secret)).To(Succeed())
	other := testbed.Tenant{SID: sid, Token: token}
	secret.StringData = other.Secret().StringData
	Expect(k8s.Update(ctx(), secret)).To(Succeed())
}
