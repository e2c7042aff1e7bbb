// Copyright The conversations-operator Authors
// SPDX-License-Identifier: Apache-2.0

package controller_test

import (
	"strings"

	. "github.com/onsi/ginkgo/v2"
	. "github.com/onsi/gomega"
	admissionv1 "k8s.io/api/admissionregistration/v1"
	corev1 "k8s.io/api/core/v1"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
	"sigs.k8s.io/controller-runtime/pkg/client"

	"github.com/conversations-operator/conversations-operator/api/v1alpha1"
	"github.com/conversations-operator/conversations-operator/test/testbed/random"
)

// What policies of the stories demand of an update.
const (
	noFinalizers   = "!has(object.metadata.finalizers) || has(oldObject.metadata.finalizers)"
	keepFinalizers = "has(object.metadata.finalizers) || !has(oldObject.metadata.finalizers)"
	noIntents      = "!has(object.metadata.annotations) || !('" + v1alpha1.UpdateIntentAnnotation + "' in object.metadata.annotations)"
)

// deny has an admission policy refuse updates of a resource in the tenant's namespace that do not meet the expression, until
// the returned function is called.
func (t *tenant) deny(group, resource, expression string) (admit func()) {
	GinkgoHelper()
	in := metav1.LabelSelector{MatchLabels: map[string]string{corev1.LabelMetadataName: t.Namespace}}
	meta := metav1.ObjectMeta{Name: "p-" + random.Hex(4)}
	policy := &admissionv1.ValidatingAdmissionPolicy{ObjectMeta: meta, Spec: admissionv1.ValidatingAdmissionPolicySpec{
		MatchConstraints: &admissionv1.MatchResources{NamespaceSelector: &in, ResourceRules: []admissionv1.NamedRuleWithOperations{{
			RuleWithOperations: admissionv1.RuleWithOperations{Operations: []admissionv1.OperationType{admissionv1.Update}, Rule: admissionv1.Rule{
				APIGroups: []string{group}, APIVersions: []string{"*"}, Resources: []string{resource},
			}},
		}}},
		Validations: []admissionv1.Validation{{Expression: expression, Message: "not here"}},
	}}
	binding := &admissionv1.ValidatingAdmissionPolicyBinding{ObjectMeta: meta, Spec: admissionv1.ValidatingAdmissionPolicyBindingSpec{
		PolicyName: meta.Name, ValidationActions: []admissionv1.ValidationAction{admissionv1.Deny},
	}}
	// The API server takes a moment to enforce a policy: what it must refuse shows that.
	probe := &corev1.ConfigMap{ObjectMeta: metav1.ObjectMeta{Namespace: t.Namespace, Name: meta.Name}}
	t.create(probe)
	policy.Spec.MatchConstraints.ResourceRules = append(policy.Spec.MatchConstraints.ResourceRules, admissionv1.NamedRuleWithOperations{
		RuleWithOperations: admissionv1.RuleWithOperations{Operations: []admissionv1.OperationType{admissionv1.Update}, Rule: admissionv1.Rule{
			APIGroups: []string{""}, APIVersions: []string{"v1"}, Resources: []string{"configmaps"},
		}},
	})
	policy.Spec.Validations[0].Expression = "request.resource.resource == 'configmaps' ? false : (" + expression + ")"
	t.create(policy)
	t.create(binding)
	DeferCleanup(func() {
		_ = k8s.Delete(ctx(), binding)
		_ = k8s.Delete(ctx(), policy)
	})
	enforced := func() error {
		change := probe.DeepCopy()
		change.Data = map[string]string{"some": random.Hex(4)}
		return k8s.Patch(ctx(), change, client.MergeFrom(probe), client.DryRunAll)
	}
	Eventually(enforced).Should(MatchError(ContainSubstring("denied request")))
	return func() {
		GinkgoHelper()
		Expect(k8s.Delete(ctx(), binding)).To(Succeed())
		Eventually(enforced).Should(Succeed())
	}
}

var _ = Describe("A write that an admission policy refuses", func() {
	const group = "twilio-operator.dev"

	It("before a create is told on the conversation, nothing is sent, and it goes on by itself", func() {
		t := newTenant()
		admit := t.deny(group, "conversations", noFinalizers)
		t.apply("vip", `{}`)
		conv := t.settled("vip", v1alpha1.ReasonKubernetesRefused)
		Expect(message(conv.Status.Conditions)).To(SatisfyAll(
			HavePrefix("Kubernetes refuses a request of the operator: recording what is about to be done: "),
			ContainSubstring("denied request: not here. Let the policy"), HaveSuffix("It is tried again.")))
		Expect(conv.Finalizers).To(BeEmpty())
		version := conv.ResourceVersion
		Eventually(t.events("vip")).Should(ContainElement(HavePrefix("Warning KubernetesRefused Kubernetes refuses ")))
		Expect(t.get("vip").ResourceVersion).To(Equal(version), "what is tried again changes nothing")
		Expect(t.requests()).To(BeEmpty())
		admit()
		t.settled("vip", v1alpha1.ReasonSynced)
		Expect(t.requests()).To(asked("create"))
	})

	It("before an update is told, and what is at Twilio stays as it was", func() {
		t := newTenant()
		t.apply("vip", `{timers: {inactive: PT1H}}`)
		sid := t.settled("vip", v1alpha1.ReasonSynced).Status.SID
		before := t.there(sid)
		admit := t.deny(group, "conversations", noIntents)
		conv := t.change("vip", func(s *v1alpha1.ConversationSpec) { s.Timers.Inactive = "PT2H" })
		Expect(conv.Generation).To(Equal(int64(2)))
		conv = t.settled("vip", v1alpha1.ReasonKubernetesRefused)
		Expect(conv.Status.SID).To(Equal(sid))
		Expect(t.there(sid)).To(Equal(before))
		admit()
		t.settled("vip", v1alpha1.ReasonSynced)
		Expect(t.requests()).To(asked("create", "update"))
	})

	It("at the end of a deletion is told, and nothing is deleted twice", func() {
		t := newTenant()
		t.apply("vip", `{}`)
		t.settled("vip", v1alpha1.ReasonSynced)
		admit := t.deny(group, "conversations", keepFinalizers)
		t.delete("vip")
		t.settled("vip", v1alpha1.ReasonKubernetesRefused)
		Expect(t.conversations()).To(BeEmpty())
		Expect(t.events("vip")()).NotTo(ContainElement(HavePrefix("Normal Released")))
		admit()
		t.gone("vip")
		Expect(t.requests()).To(asked("create", "delete"))
	})

	It("of a status is told in an event, and nothing more is sent until the status can be written", func() {
		t := newTenant()
		admit := t.deny(group, "conversations/status", "false")
		t.apply("vip", `{}`)
		Eventually(t.events("vip")).Should(ContainElement(SatisfyAll(
			HavePrefix("Warning KubernetesRefused Kubernetes refuses "), ContainSubstring("writing the status"))))
		Expect(t.requests()).To(asked("create"))
		admit()
		conv := t.settled("vip", v1alpha1.ReasonSynced)
		Expect(t.only().SID).To(Equal(conv.Status.SID))
		Eventually(t.events("vip")).Should(ContainElement(HavePrefix("Normal Adopted ")))
	})

	It("of an account's finalizer is told on the account", func() {
		t := newBareTenant()
		admit := t.deny(group, "twilioaccounts", noFinalizers)
		t.create(t.secret(t.credentials()))
		t.create(t.Account())
		a := t.accountIs(v1alpha1.ReasonKubernetesRefused)
		Expect(message(a.Status.Conditions)).To(ContainSubstring(`adding the finalizer to TwilioAccount "default": `))
		admit()
		t.accountIs(v1alpha1.ReasonAuthenticated)
	})

	It("of a Secret's finalizer is told on the account", func() {
		t := newBareTenant()
		admit := t.deny("", "secrets", noFinalizers)
		t.create(t.secret(t.credentials()))
		t.create(t.Account())
		t.apply("vip", `{}`)
		a := t.accountIs(v1alpha1.ReasonKubernetesRefused)
		Expect(message(a.Status.Conditions)).To(ContainSubstring("adding the finalizer to Secret " + t.Namespace + "/twilio: "))
		conv := t.settled("vip", v1alpha1.ReasonAccountNotReady)
		Expect(message(conv.Status.Conditions)).To(Equal(`TwilioAccount "default" is not ready (KubernetesRefused): see its conditions.`))
		admit()
		t.accountIs(v1alpha1.ReasonAuthenticated)
		t.settled("vip", v1alpha1.ReasonSynced)
	})

	It("of the status of an account is told in an event", func() {
		t := newBareTenant()
		admit := t.deny(group, "twilioaccounts/status", "false")
		t.create(t.secret(t.credentials()))
		t.create(t.Account())
		Eventually(t.events("default")).Should(ContainElement(SatisfyAll(
			HavePrefix("Warning KubernetesRefused "), ContainSubstring("writing the status"))))
		admit()
		t.accountIs(v1alpha1.ReasonAuthenticated)
	})

	It("of the finalizer of a Secret that no account needs any more is told in an event", func() {
		t := newTenant()
		admit := t.deny("", "secrets", keepFinalizers)
		other := t.secret(t.credentials())
		other.Name = "other"
		t.create(other)
		t.changeAccount(func(s *v1alpha1.TwilioAccountSpec) { s.CredentialsSecretRef.Name = "other" })
		Eventually(t.events("twilio")).Should(ContainElement(SatisfyAll(
			HavePrefix("Warning KubernetesRefused "), ContainSubstring("taking the finalizer off Secret "+t.Namespace+"/twilio"))))
		admit()
		Eventually(func() []string {
			secret := t.secret(nil)
			Expect(k8s.Get(ctx(), client.ObjectKeyFromObject(secret), secret)).To(Succeed())
			return secret.Finalizers
		}).Should(BeEmpty())
	})
})

var _ = Describe("A write that another limit refuses", func() {
	It("for the annotations of the object is told, and goes on once there is room", func() {
		t := newTenant()
		conv := &v1alpha1.Conversation{ObjectMeta: metav1.ObjectMeta{Namespace: t.Namespace, Name: "vip"}}
		conv.Annotations = map[string]string{"notes": strings.Repeat("x", 256<<10-len("notes"))}
		t.create(conv)
		conv = t.settled("vip", v1alpha1.ReasonKubernetesRefused)
		Expect(message(conv.Status.Conditions)).To(ContainSubstring("Remove annotations: those of an object may have 256 KiB together"))
		Expect(conv.Finalizers).To(BeEmpty())
		Expect(t.requests()).To(BeEmpty())
		before := conv.DeepCopy()
		conv.Annotations = nil
		Expect(k8s.Patch(ctx(), conv, client.MergeFrom(before))).To(Succeed())
		t.settled("vip", v1alpha1.ReasonSynced)
	})

	It("because a webhook cannot be asked is told in words that stay the same", func() {
		t := newTenant()
		hook := &admissionv1.ValidatingWebhookConfiguration{ObjectMeta: metav1.ObjectMeta{Name: "w-" + random.Hex(4)}}
		hook.Webhooks = []admissionv1.ValidatingWebhook{{
			Name: "away.example.com", ClientConfig: admissionv1.WebhookClientConfig{URL: new("https://127.0.0.1:1/")},
			NamespaceSelector: &metav1.LabelSelector{MatchLabels: map[string]string{corev1.LabelMetadataName: t.Namespace}},
			Rules: []admissionv1.RuleWithOperations{{Operations: []admissionv1.OperationType{admissionv1.Update}, Rule: admissionv1.Rule{
				APIGroups: []string{"twilio-operator.dev"}, APIVersions: []string{"*"}, Resources: []string{"conversations"},
			}}},
			SideEffects: new(admissionv1.SideEffectClassNone), AdmissionReviewVersions: []string{"v1"}, TimeoutSeconds: new(int32(1)),
		}}
		t.create(hook)
		DeferCleanup(func() { _ = k8s.Delete(ctx(), hook) })
		probe := &v1alpha1.Conversation{ObjectMeta: metav1.ObjectMeta{Namespace: t.Namespace, Name: "probe"}}
		probe.Spec.Suspend = true
		t.create(probe)
		Eventually(func() error {
			change := probe.DeepCopy()
			change.Labels = map[string]string{"some": random.Hex(4)}
			return k8s.Patch(ctx(), change, client.MergeFrom(probe), client.DryRunAll)
		}).ShouldNot(Succeed())
		t.apply("vip", `{}`)
		conv := t.settled("vip", v1alpha1.ReasonKubernetesRefused)
		Expect(message(conv.Status.Conditions)).To(HaveSuffix(`failed calling webhook "away.example.com". ` +
			"Repair the webhook, or let it pass over what the operator writes. It is tried again."))
		Expect(t.requests()).To(BeEmpty())
		Expect(k8s.Delete(ctx(), hook)).To(Succeed())
		t.settled("vip", v1alpha1.ReasonSynced)
	})
})
