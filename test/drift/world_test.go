// Copyright The conversations-operator Authors
// SPDX-License-Identifier: Apache-2.0

package drift

import (
	"time"

	. "github.com/onsi/ginkgo/v2"
	. "github.com/onsi/gomega"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
	"k8s.io/apimachinery/pkg/labels"
	"sigs.k8s.io/controller-runtime/pkg/client"

	"github.com/conversations-operator/conversations-operator/api/v1alpha1"
	"github.com/conversations-operator/conversations-operator/internal/controller/options"
	"github.com/conversations-operator/conversations-operator/internal/twilio/simulator"
	"github.com/conversations-operator/conversations-operator/test/testbed"
	"github.com/conversations-operator/conversations-operator/test/testbed/cluster"
	"github.com/conversations-operator/conversations-operator/test/testbed/random"
)

// requestLog is more than any story asks, so that no request is forgotten.
const requestLog = 50_000

// world is a tenant with a simulated Twilio and, most of the time, a manager of its own.
type world struct {
	testbed.Tenant
	sim *simulator.Server
	// stop ends the manager; nil while there is none.
	stop func()
	// cache is the manager's.
	cache client.Reader
	// selector, if set before a manager starts, is of the Conversations that it keeps.
	selector labels.Selector
	// wrap, if set before a manager starts, is put around its client.
	wrap func(client.Client) client.Client
	// name of the account that is asked about and checked.
	name string
}

// newWorld has an account that is Ready, and a manager. No drift check becomes due by itself.
func newWorld() *world {
	GinkgoHelper()
	return newWorldWith(func(s *v1alpha1.TwilioAccountSpec) { s.DriftCheckIntervalSeconds = new(int32(0)) })
}

func newWorldWith(spec func(*v1alpha1.TwilioAccountSpec)) *world {
	GinkgoHelper()
	w := &world{Tenant: testbed.NewTenant(), name: testbed.AccountName}
	w.SID = simulator.DefaultAccountSID
	var err error
	w.sim, err = simulator.Start(simulator.Options{AuthToken: w.Token, RequestLog: requestLog})
	Expect(err).NotTo(HaveOccurred())
	DeferCleanup(w.sim.Close)
	Expect(w.CreateNamespace(ctx(), k8s)).To(Succeed())
	w.create(w.Secret())
	acct := w.Account()
	acct.Spec.DriftCheckIntervalSeconds = nil
	spec(&acct.Spec)
	w.create(acct)
	w.start()
	DeferCleanup(func() {
		if w.stop != nil {
			w.stop()
		}
	})
	Eventually(func() string { return w.Ready(ctx(), k8s).Reason }).Should(Equal(v1alpha1.ReasonAuthenticated))
	return w
}

// start runs a manager of the namespace.
func (w *world) start() {
	GinkgoHelper()
	m := &cluster.Manager{Around: w.wrap, Options: options.Manager{
		ClusterName: "drift", TwilioBaseURL: w.sim.URL, WatchNamespaces: []string{w.Namespace}, MaxConcurrentReconciles: 10,
		RequestTimeout: time.Minute, WatchLabelSelector: w.selector,
	}}
	Expect(kube.StartManager(m)).To(Succeed())
	w.cache = m.Cache()
	w.stop = func() {
		GinkgoHelper()
		Expect(m.Stop()).To(Succeed())
		w.stop = nil
	}
}

func (w *world) create(o client.Object) {
	GinkgoHelper()
	Expect(k8s.Create(ctx(), o)).To(Succeed())
}

func (w *world) account() *v1alpha1.TwilioAccount {
	GinkgoHelper()
	acct := &v1alpha1.TwilioAccount{}
	Expect(k8s.Get(ctx(), client.ObjectKey{Namespace: w.Namespace, Name: w.name}, acct)).To(Succeed())
	return acct
}

// changeAccount edits the account; changeStatus edits its status.
func (w *world) changeAccount(edit func(*v1alpha1.TwilioAccount)) {
	GinkgoHelper()
	acct := w.account()
	before := acct.DeepCopy()
	edit(acct)
	Expect(k8s.Patch(ctx(), acct, client.MergeFrom(before))).To(Succeed())
}

func (w *world) changeStatus(edit func(*v1alpha1.AccountStatus)) {
	GinkgoHelper()
	acct := w.account()
	before := acct.DeepCopy()
	edit(&acct.Status)
	Expect(k8s.Status().Patch(ctx(), acct, client.MergeFrom(before))).To(Succeed())
}

// check asks for a drift check and answers what is recorded of it.
func (w *world) check() *v1alpha1.DriftCheck {
	GinkgoHelper()
	w.ask()
	return w.checked()
}

// ask asks for a drift check of what is there now. What an earlier one recorded goes, so that the new one shows however soon
// it ends.
func (w *world) ask() {
	GinkgoHelper()
	w.seen()
	w.changeStatus(func(s *v1alpha1.AccountStatus) { s.LastDriftCheck = nil })
	w.changeAccount(func(acct *v1alpha1.TwilioAccount) {
		metav1.SetMetaDataAnnotation(&acct.ObjectMeta, v1alpha1.ReconcileRequestedAtAnnotation, random.Hex(4))
	})
}

// seen waits until the manager has seen all its Conversations as they are: a check passes over the rest.
func (w *world) seen() {
	GinkgoHelper()
	selected := client.MatchingLabelsSelector{Selector: w.selector}
	if w.selector == nil {
		selected.Selector = labels.Everything()
	}
	Eventually(func(g Gomega) {
		var seen, there v1alpha1.ConversationList
		g.Expect(w.cache.List(ctx(), &seen, client.InNamespace(w.Namespace))).To(Succeed())
		g.Expect(k8s.List(ctx(), &there, client.InNamespace(w.Namespace), selected)).To(Succeed())
		g.Expect(versions(seen.Items)).To(Equal(versions(there.Items)))
	}).Should(Succeed())
}

// checked waits for the drift check that was asked for.
func (w *world) checked() *v1alpha1.DriftCheck {
	GinkgoHelper()
	var check *v1alpha1.DriftCheck
	Eventually(func() *v1alpha1.DriftCheck {
		check = w.account().Status.LastDriftCheck
		return check
	}).ShouldNot(BeNil())
	return check
}
