// Copyright The conversations-operator Authors
// SPDX-License-Identifier: Apache-2.0

package controller_test

import (
	"slices"

	. "github.com/onsi/ginkgo/v2"
	. "github.com/onsi/gomega"
	gtypes "github.com/onsi/gomega/types"
	corev1 "k8s.io/api/core/v1"
	eventsv1 "k8s.io/api/events/v1"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
	"sigs.k8s.io/controller-runtime/pkg/client"
	"sigs.k8s.io/yaml"

	"github.com/conversations-operator/conversations-operator/api/v1alpha1"
	"github.com/conversations-operator/conversations-operator/internal/twilio/simulator"
	"github.com/conversations-operator/conversations-operator/test/testbed"
	"github.com/conversations-operator/conversations-operator/test/testbed/random"
)

// tenant is a namespace with a Twilio account of its own.
type tenant struct {
	testbed.Tenant
	// sim is the Twilio that has the account, and key is the account's.
	sim *simulator.Server
	key simulator.APIKey
}

// newTenant has a namespace, an account at the simulator, and a TwilioAccount named default that is Ready.
func newTenant() *tenant {
	GinkgoHelper()
	return newTenantAt(sim)
}

// newTenantAt is newTenant at another simulator than the suite's.
func newTenantAt(twilio *simulator.Server) *tenant {
	GinkgoHelper()
	t := newBareTenantAt(twilio)
	Expect(t.Create(ctx(), k8s)).To(Succeed())
	Eventually(t.accountReason).Should(Equal(v1alpha1.ReasonAuthenticated))
	return t
}

// newBareTenant has a namespace and an account at the simulator, and nothing in the namespace.
func newBareTenant() *tenant {
	GinkgoHelper()
	return newBareTenantAt(sim)
}

func newBareTenantAt(twilio *simulator.Server) *tenant {
	GinkgoHelper()
	t := &tenant{Tenant: testbed.NewTenant(), sim: twilio, key: simulator.APIKey{SID: random.SID("SK"), Secret: random.Hex(16)}}
	Expect(twilio.AddAccount(t.SID, t.Token, t.key)).To(Succeed())
	t.dial()
	Expect(t.CreateNamespace(ctx(), k8s)).To(Succeed())
	tenants = append(tenants, t)
	return t
}

func (t *tenant) secret(data map[string]string) *corev1.Secret {
	s := t.Secret()
	s.StringData = data
	return s
}

func (t *tenant) create(o client.Object) {
	GinkgoHelper()
	Expect(k8s.Create(ctx(), o)).To(Succeed())
}

func (t *tenant) accountReason() string { return t.Ready(ctx(), k8s).Reason }

// apply creates a Conversation from the YAML of its spec, or updates it.
func (t *tenant) apply(name, spec string) {
	GinkgoHelper()
	conv := t.Conversation(name)
	var want v1alpha1.ConversationSpec
	Expect(yaml.UnmarshalStrict([]byte(spec), &want)).To(Succeed())
	if k8s.Get(ctx(), client.ObjectKeyFromObject(conv), conv) == nil {
		before := conv.DeepCopy()
		conv.Spec = want
		Expect(k8s.Patch(ctx(), conv, client.MergeFrom(before))).To(Succeed())
		return
	}
	conv.Spec = want
	Expect(k8s.Create(ctx(), conv)).To(Succeed())
}

// change edits the spec of a Conversation.
func (t *tenant) change(name string, edit func(*v1alpha1.ConversationSpec)) *v1alpha1.Conversation {
	GinkgoHelper()
	conv := t.get(name)
	before := conv.DeepCopy()
	edit(&conv.Spec)
	Expect(k8s.Patch(ctx(), conv, client.MergeFrom(before))).To(Succeed())
	return conv
}

// settled waits until the generation at hand was looked at with the given reason of Ready, and answers the object.
func (t *tenant) settled(name, want string) *v1alpha1.Conversation {
	GinkgoHelper()
	conv := &v1alpha1.Conversation{}
	Eventually(func(g Gomega) {
		g.Expect(k8s.Get(ctx(), client.ObjectKey{Namespace: t.Namespace, Name: name}, conv)).To(Succeed())
		g.Expect(conv.Status.ObservedGeneration).To(Equal(conv.Generation))
		g.Expect(reason(conv.Status.Conditions)).To(Equal(want), message(conv.Status.Conditions))
	}).Should(Succeed())
	return conv
}

// gone waits until the object is removed.
func (t *tenant) gone(name string) {
	GinkgoHelper()
	Eventually(func() error {
		return k8s.Get(ctx(), client.ObjectKey{Namespace: t.Namespace, Name: name}, &v1alpha1.Conversation{})
	}).Should(MatchError(ContainSubstring("not found")))
}

func (t *tenant) delete(name string) {
	GinkgoHelper()
	Expect(k8s.Delete(ctx(), t.Conversation(name))).To(Succeed())
}

// ask asks for a reconciliation now.
func (t *tenant) ask(name, at string) *v1alpha1.Conversation {
	GinkgoHelper()
	conv := t.get(name)
	before := conv.DeepCopy()
	metav1.SetMetaDataAnnotation(&conv.ObjectMeta, v1alpha1.ReconcileRequestedAtAnnotation, at)
	Expect(k8s.Patch(ctx(), conv, client.MergeFrom(before))).To(Succeed())
	return conv
}

// label gives a Conversation a label, which is nothing to the operator.
func (t *tenant) label(name string) {
	GinkgoHelper()
	conv := t.get(name)
	before := conv.DeepCopy()
	metav1.SetMetaDataLabel(&conv.ObjectMeta, "team", "sales")
	Expect(k8s.Patch(ctx(), conv, client.MergeFrom(before))).To(Succeed())
}

// look asks for a reconciliation and answers the object as it is after that.
func (t *tenant) look(name string) *v1alpha1.Conversation {
	GinkgoHelper()
	t.annotate(name, random.Hex(4))
	return t.get(name)
}

func (t *tenant) get(name string) *v1alpha1.Conversation {
	GinkgoHelper()
	conv := &v1alpha1.Conversation{}
	Expect(k8s.Get(ctx(), client.ObjectKey{Namespace: t.Namespace, Name: name}, conv)).To(Succeed())
	return conv
}

// annotate asks for a reconciliation now and waits until it was made.
func (t *tenant) annotate(name, at string) {
	GinkgoHelper()
	conv := t.ask(name, at)
	Eventually(func() string {
		_ = k8s.Get(ctx(), client.ObjectKeyFromObject(conv), conv)
		return conv.Status.LastHandledReconcileAt
	}).Should(Equal(at))
}

// events answers a function that lists what was told of an object: type, reason and note.
func (t *tenant) events(name string) func() []string {
	return func() []string {
		var all eventsv1.EventList
		_ = k8s.List(ctx(), &all, client.InNamespace(t.Namespace))
		var out []string
		for _, e := range all.Items {
			if e.Regarding.Name == name {
				out = append(out, e.Type+" "+e.Reason+" "+e.Note)
			}
		}
		return out
	}
}

// conversations at the simulator.
func (t *tenant) conversations() []simulator.Conversation { return t.sim.Conversations(t.SID) }

// only is the one conversation of the account.
func (t *tenant) only() simulator.Conversation {
	GinkgoHelper()
	all := t.conversations()
	Expect(all).To(HaveLen(1))
	return all[0]
}

// requests of the account since the start, but for the checks of its credentials.
func (t *tenant) requests() []simulator.Request {
	return slices.DeleteFunc(t.sim.Requests(), func(r simulator.Request) bool {
		return r.Account != t.SID || r.Operation == simulator.OperationList && r.Query.Get("PageSize") == "1" ||
			r.Operation == simulator.OperationConfiguration
	})
}

func reason(conditions []metav1.Condition) string { return testbed.Ready(conditions).Reason }

func message(conditions []metav1.Condition) string { return testbed.Ready(conditions).Message }

// asked matches the operations of requests, in order.
func asked(operations ...string) gtypes.GomegaMatcher {
	return WithTransform(func(all []simulator.Request) []string {
		var out []string
		for _, r := range all {
			out = append(out, r.Operation)
		}
		return out
	}, Equal(operations))
}
