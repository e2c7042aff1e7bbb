// Copyright The conversations-operator Authors
// SPDX-License-Identifier: Apache-2.0

package v1alpha1_test

import (
	"context"
	"time"

	. "github.com/onsi/ginkgo/v2"
	. "github.com/onsi/gomega"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
	"k8s.io/client-go/discovery"
	"k8s.io/client-go/kubernetes"
	"sigs.k8s.io/controller-runtime/pkg/client"

	"github.com/conversations-operator/conversations-operator/api/v1alpha1"
)

var _ = Describe("kubectl", func() {
	It("knows the kinds by their short names and by the category twilio", func() {
		resources, err := discovery.NewDiscoveryClientForConfigOrDie(config).
			ServerResourcesForGroupVersion(v1alpha1.SchemeGroupVersion.String())
		Expect(err).NotTo(HaveOccurred())
		shortNames := map[string][]string{}
		for _, resource := range resources.APIResources {
			if len(resource.ShortNames) == 0 {
				continue
			}
			Expect(resource.Categories).To(Equal([]string{"twilio"}), resource.Name)
			shortNames[resource.Name] = resource.ShortNames
		}
		Expect(shortNames).To(Equal(map[string][]string{
			"conversations": {"convo"}, "twilioaccounts": {"twa"}, "clustertwilioaccounts": {"ctwa"},
		}))
	})

	It("prints Conversations", func(ctx context.Context) {
		namespace := newNamespace(ctx)
		conv := &v1alpha1.Conversation{ObjectMeta: metav1.ObjectMeta{Namespace: namespace, Name: "vip"}}
		Expect(k8sClient.Create(ctx, conv)).To(Succeed())
		closes := metav1.Date(2100, time.January, 1, 0, 0, 0, 0, time.UTC)
		conv.Status = v1alpha1.ConversationStatus{
			SID: chSID, State: v1alpha1.StateActive, UniqueName: "k8s.vip", ChatServiceSID: isSID,
			Timers: &v1alpha1.TimersStatus{DateClosed: &closes},
			Conditions: []metav1.Condition{
				{Type: v1alpha1.ConditionDrifted, Status: metav1.ConditionTrue, Reason: v1alpha1.ReasonDriftDetected,
					Message: "no", LastTransitionTime: closes},
				{Type: v1alpha1.ConditionReady, Status: metav1.ConditionTrue, Reason: v1alpha1.ReasonSynced,
					Message: "In sync.", LastTransitionTime: closes},
			},
		}
		Expect(k8sClient.Status().Update(ctx, conv)).To(Succeed())

		table := printed(ctx, "namespaces", namespace, "conversations")
		Expect(columns(table, 0)).To(Equal([]string{"Name", "SID", "State", "Ready", "Reason", "Age"}))
		Expect(columns(table, 1)).To(Equal([]string{"Unique Name", "Service", "Closes At", "Message"}))
		Expect(table.Rows).To(HaveLen(1))
		Expect(table.Rows[0].Cells).To(HaveExactElements("vip", chSID, "active", "True", "Synced", Not(BeEmpty()),
			"k8s.vip", isSID, "2100-01-01T00:00:00Z", "In sync."))
	})

	It("prints TwilioAccounts", func(ctx context.Context) {
		namespace := newNamespace(ctx)
		account := &v1alpha1.TwilioAccount{ObjectMeta: metav1.ObjectMeta{Namespace: namespace, Name: "default"}}
		account.Spec.CredentialsSecretRef.Name = "twilio"
		expectAccountTable(ctx, account, "namespaces", namespace, "twilioaccounts")
	})

	It("prints ClusterTwilioAccounts", func(ctx context.Context) {
		account := &v1alpha1.ClusterTwilioAccount{ObjectMeta: metav1.ObjectMeta{Name: "default"}}
		account.Spec.CredentialsSecretRef = v1alpha1.SecretReference{Name: "twilio", Namespace: "default"}
		expectAccountTable(ctx, account, "clustertwilioaccounts")
	})
})

type account interface {
	client.Object
	CommonStatus() *v1alpha1.AccountStatus
}

// expectAccountTable creates the account and checks the columns that kubectl get prints. path is a path that lists only
// this account.
func expectAccountTable(ctx context.Context, account account, path ...string) {
	GinkgoHelper()
	Expect(k8sClient.Create(ctx, account)).To(Succeed())
	DeferCleanup(func(ctx context.Context) { Expect(k8sClient.Delete(ctx, account)).To(Succeed()) })
	*account.CommonStatus() = v1alpha1.AccountStatus{
		AccountSID: acSID, Conversations: new(int32(3)),
		Conditions: []metav1.Condition{{Type: v1alpha1.ConditionReady, Status: metav1.ConditionTrue,
			Reason: v1alpha1.ReasonAuthenticated, Message: "Twilio took the credentials.",
			LastTransitionTime: metav1.Now()}},
	}
	Expect(k8sClient.Status().Update(ctx, account)).To(Succeed())

	table := printed(ctx, path...)
	Expect(columns(table, 0)).To(Equal([]string{"Name", "Account", "Ready", "Reason", "Conversations", "Age"}))
	Expect(columns(table, 1)).To(Equal([]string{"Message"}))
	Expect(table.Rows).To(HaveLen(1))
	Expect(table.Rows[0].Cells).To(HaveExactElements("default", acSID, "True", "Authenticated",
		BeNumerically("==", 3), Not(BeEmpty()), "Twilio took the credentials."))
}

// printed returns the table that kubectl get prints.
func printed(ctx context.Context, path ...string) *metav1.Table {
	GinkgoHelper()
	table := &metav1.Table{}
	Expect(kubernetes.NewForConfigOrDie(config).RESTClient().Get().
		AbsPath(append([]string{"apis", "twilio-operator.dev", "v1alpha1"}, path...)...).
		SetHeader("Accept", "application/json;as=Table;v=v1;g=meta.k8s.io").
		Do(ctx).Into(table)).To(Succeed())
	return table
}

func columns(table *metav1.Table, priority int32) []string {
	var names []string
	for _, column := range table.ColumnDefinitions {
		if column.Priority == priority {
			names = append(names, column.Name)
		}
	}
	return names
}
