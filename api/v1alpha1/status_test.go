// Copyright The conversations-operator Authors
// SPDX-License-Identifier: Apache-2.0

package v1alpha1_test

import (
	"context"
	"strings"
	"time"

	. "github.com/onsi/ginkgo/v2"
	. "github.com/onsi/gomega"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
	"k8s.io/apimachinery/pkg/apis/meta/v1/unstructured"
	"sigs.k8s.io/controller-runtime/pkg/client"

	"github.com/conversations-operator/conversations-operator/api/v1alpha1"
)

const secretRef = "credentialsSecretRef: {name: twilio}"

var _ = Describe("The status", func() {
	DescribeTable("of an object that nobody has looked at says so, to kstatus:",
		func(ctx context.Context, manifest string) {
			created := object(newNamespace(ctx), manifest)
			created.Object["status"] = map[string]any{"observedGeneration": int64(1)}
			Expect(k8sClient.Create(ctx, created)).To(Succeed())
			DeferCleanup(func(ctx context.Context) { Expect(k8sClient.Delete(ctx, created)).To(Succeed()) })

			stored := created.DeepCopy()
			Expect(k8sClient.Get(ctx, client.ObjectKeyFromObject(created), stored)).To(Succeed())
			for _, u := range []*unstructured.Unstructured{created, stored} {
				Expect(u.Object["status"]).To(Equal(map[string]any{"observedGeneration": int64(-1)}))
			}
		},
		Entry("Conversation", conversation("")),
		Entry("TwilioAccount", twilioAccount("spec: {"+secretRef+"}")),
		Entry("ClusterTwilioAccount", clusterTwilioAccount("spec: {credentialsSecretRef: {name: twilio, namespace: a}}")),
	)

	Describe("of a Conversation", func() {
		var conv *v1alpha1.Conversation

		BeforeEach(func(ctx context.Context) {
			conv = &v1alpha1.Conversation{ObjectMeta: metav1.ObjectMeta{Namespace: newNamespace(ctx), Name: "vip"}}
			Expect(k8sClient.Create(ctx, conv)).To(Succeed())
		})

		It("keeps everything that the operator writes, and is no edit of the spec", func(ctx context.Context) {
			date := metav1.Date(2015, time.December, 16, 22, 18, 37, 0, time.UTC)
			want := v1alpha1.ConversationStatus{
				Conditions: []metav1.Condition{{
					Type: v1alpha1.ConditionReady, Status: metav1.ConditionTrue, Reason: v1alpha1.ReasonSynced,
					Message: "In sync.", ObservedGeneration: 1, LastTransitionTime: date,
				}},
				ObservedGeneration: 1,
				SID:                chSID, AccountSID: acSID, ChatServiceSID: isSID, MessagingServiceSID: mgSID,
				UniqueName: "vip", FriendlyName: "VIP", State: v1alpha1.StateActive,
				Timers:      &v1alpha1.TimersStatus{DateInactive: &date, DateClosed: &date},
				DateCreated: &date, DateUpdated: &date,
				URL:                    "https://conversations.twilio.com/v1/Conversations/" + chSID,
				Links:                  &v1alpha1.ConversationLinks{Participants: "a", Messages: "b", Webhooks: "c"},
				Origin:                 v1alpha1.OriginCreated,
				Drift:                  []v1alpha1.FieldDrift{{Field: "timers.closed", Desired: "a", Observed: "b"}},
				LastHandledReconcileAt: "now",
				LastApplied: &v1alpha1.AppliedSpec{
					FriendlyName: "VIP", UniqueName: "vip", State: "active", TimersInactive: "PT1M", TimersClosed: "PT10M",
					AttributesHash: "hash", MessagingServiceSID: mgSID, EmailAddress: "a", EmailName: "b",
					DateCreated: "c", DateUpdated: "d", Unechoed: []string{"bindings.email.name"},
				},
			}
			conv.Status = *want.DeepCopy()
			Expect(k8sClient.Status().Update(ctx, conv)).To(Succeed())

			stored := &v1alpha1.Conversation{}
			Expect(k8sClient.Get(ctx, client.ObjectKeyFromObject(conv), stored)).To(Succeed())
			Expect(stored.Status).To(BeComparableTo(want))
			Expect(stored.Generation).To(Equal(int64(1)))
		})

		It("takes whatever state Twilio may come to answer", func(ctx context.Context) {
			conv.Status.State = "archived"
			Expect(k8sClient.Status().Update(ctx, conv)).To(Succeed())
		})

		It("is bounded where it lists drift", func(ctx context.Context) {
			conv.Status.Drift = make([]v1alpha1.FieldDrift, 17)
			Expect(refusals(k8sClient.Status().Update(ctx, conv))).To(ConsistOf(
				"status.drift: Too many: 17: must have at most 16 items", unchecked))

			conv.Status.Drift = []v1alpha1.FieldDrift{{Field: "attributes", Desired: strings.Repeat("é", 256),
				Observed: strings.Repeat("é", 257)}}
			Expect(refusals(k8sClient.Status().Update(ctx, conv))).To(ConsistOf(
				"status.drift[0].observed: Too long: may not be more than 256 bytes", unchecked))
		})

		It("is found by its sid, the spec by its unique name", func(ctx context.Context) {
			conv.Spec.UniqueName = "vip: 1"
			Expect(k8sClient.Update(ctx, conv)).To(Succeed())
			conv.Status.SID = chSID
			Expect(k8sClient.Status().Update(ctx, conv)).To(Succeed())
			other := &v1alpha1.Conversation{ObjectMeta: metav1.ObjectMeta{Namespace: conv.Namespace, Name: "other"}}
			Expect(k8sClient.Create(ctx, other)).To(Succeed())

			for _, selector := range []client.MatchingFields{{"status.sid": chSID}, {"spec.uniqueName": "vip: 1"}} {
				var found v1alpha1.ConversationList
				Expect(k8sClient.List(ctx, &found, client.InNamespace(conv.Namespace), selector)).To(Succeed())
				Expect(found.Items).To(HaveLen(1))
				Expect(found.Items[0].Name).To(Equal("vip"))
			}
		})
	})
})
