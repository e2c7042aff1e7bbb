// Copyright The conversations-operator Authors
// SPDX-License-Identifier: Apache-2.0

package drift

import (
	"context"
	"crypto/rand"
	"encoding/hex"
	"time"

	. "github.com/onsi/ginkgo/v2"
	. "github.com/onsi/gomega"
	corev1 "k8s.io/api/core/v1"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
	"k8s.io/apimachinery/pkg/labels"
	"k8s.io/client-go/rest"
	ctrl "sigs.k8s.io/controller-runtime"
	"sigs.k8s.io/controller-runtime/pkg/client"
	"sigs.k8s.io/controller-runtime/pkg/config"
	metricsserver "sigs.k8s.io/controller-runtime/pkg/metrics/server"

	"github.com/conversations-operator/conversations-operator/api/v1alpha1"
	"github.com/conversations-operator/conversations-operator/internal/controller"
	"github.com/conversations-operator/conversations-operator/internal/controller/options"
	"github.com/conversations-operator/conversations-operator/internal/twilio/simulator"
)

const (
	// requestLog is more than any story asks, so that no request is forgotten.
	requestLog = 50_000
	// account is the name of a world's TwilioAccount, and of its Secret.
	account = "default"
)

// world is a namespace with a simulated Twilio and, most of the time, a manager of its own.
type world struct {
	namespace string
	sim       *simulator.Server
	token     string
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
	w := &world{namespace: "d-" + random(5), token: random(16), name: account}
	var err error
	w.sim, err = simulator.Start(simulator.Options{AuthToken: w.token, RequestLog: requestLog})
	Expect(err).NotTo(HaveOccurred())
	DeferCleanup(w.sim.Close)
	w.create(&corev1.Namespace{ObjectMeta: metav1.ObjectMeta{Name: w.namespace}})
	w.create(w.secret(simulator.DefaultAccountSID, w.token))
	acct := &v1alpha1.TwilioAccount{ObjectMeta: w.meta(account)}
	acct.Spec.CredentialsSecretRef.Name = account
	spec(&acct.Spec)
	w.create(acct)
	w.start()
	DeferCleanup(func() {
		if w.stop != nil {
			w.stop()
		}
	})
	Eventually(func() string { return readyReason(w.account().Status.Conditions) }).Should(Equal(v1alpha1.ReasonAuthenticated))
	return w
}

// start runs a manager of the namespace.
func (w *world) start() {
	GinkgoHelper()
	o := options.Manager{
		ClusterName: "drift", TwilioBaseURL: w.sim.URL, WatchNamespaces: []string{w.namespace}, MaxConcurrentReconciles: 10,
		RequestTimeout: time.Minute, WatchLabelSelector: w.selector,
	}
	opts := ctrl.Options{
		Scheme:     scheme,
		Cache:      controller.CacheOptions(o),
		Metrics:    metricsserver.Options{BindAddress: "0"},
		Controller: config.Controller{SkipNameValidation: new(true)},
	}
	if w.wrap != nil {
		opts.NewClient = func(cfg *rest.Config, o client.Options) (client.Client, error) {
			c, err := client.New(cfg, o)
			if err != nil {
				return nil, err
			}
			return w.wrap(c), nil
		}
	}
	mgr, err := ctrl.NewManager(rest.CopyConfig(kube), opts)
	Expect(err).NotTo(HaveOccurred())
	w.cache = mgr.GetCache()
	ctx, cancel := context.WithCancel(context.Background())
	Expect(controller.Setup(ctx, mgr, o)).To(Succeed())
	done := make(chan error, 1)
	go func() { done <- mgr.Start(ctx) }()
	w.stop = func() {
		GinkgoHelper()
		cancel()
		Eventually(done).Should(Receive(BeNil()))
		w.stop = nil
	}
}

func (w *world) meta(name string) metav1.ObjectMeta {
	return metav1.ObjectMeta{Namespace: w.namespace, Name: name}
}

func (w *world) secret(sid, token string) *corev1.Secret {
	return &corev1.Secret{ObjectMeta: w.meta(account), StringData: map[string]string{"TWILIO_ACCOUNT_SID": sid, "TWILIO_AUTH_TOKEN": token}}
}

func (w *world) create(o client.Object) {
	GinkgoHelper()
	Expect(k8s.Create(ctx(), o)).To(Succeed())
}

func (w *world) account() *v1alpha1.TwilioAccount {
	GinkgoHelper()
	acct := &v1alpha1.TwilioAccount{}
	Expect(k8s.Get(ctx(), client.ObjectKey{Namespace: w.namespace, Name: w.name}, acct)).To(Succeed())
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
		metav1.SetMetaDataAnnotation(&acct.ObjectMeta, v1alpha1.ReconcileRequestedAtAnnotation, random(4))
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
		g.Expect(w.cache.List(ctx(), &seen, client.InNamespace(w.namespace))).To(Succeed())
		g.Expect(k8s.List(ctx(), &there, client.InNamespace(w.namespace), selected)).To(Succeed())
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

func readyReason(conditions []metav1.Condition) string {
	for _, c := range conditions {
		if c.Type == v1alpha1.ConditionReady {
			return c.Reason
		}
	}
	return ""
}

func random(bytes int) string {
	b := make([]byte, bytes)
	_, _ = rand.Read(b)
	return hex.EncodeToString(b)
}
