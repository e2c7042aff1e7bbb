// Copyright The conversations-operator Authors
// SPDX-License-Identifier: Apache-2.0

package system_test

import (
	"slices"

	. "github.com/onsi/ginkgo/v2"
	. "github.com/onsi/gomega"
	authorizationv1 "k8s.io/api/authorization/v1"
	corev1 "k8s.io/api/core/v1"
	rbacv1 "k8s.io/api/rbac/v1"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"

	"github.com/conversations-operator/conversations-operator/api/v1alpha1"
	"github.com/conversations-operator/conversations-operator/test/testbed/random"
)

var _ = Describe("Who has a built-in role in a namespace", func() {
	for _, tt := range []struct {
		role, may string
		verbs     []string
	}{
		{"view", "only read", []string{"get", "list", "watch"}},
		{"edit", "write", []string{"get", "list", "watch", "create", "update", "patch", "delete"}},
		{"admin", "do everything", []string{"get", "list", "watch", "create", "update", "patch", "delete", "deletecollection"}},
	} {
		It("may "+tt.may+" there as "+tt.role+", and nothing that is the operator's or the cluster administrator's", func() {
			namespace, user := "t-"+random.Hex(4), "somebody-"+random.Hex(4)
			create(&corev1.Namespace{ObjectMeta: metav1.ObjectMeta{Name: namespace}})
			create(&rbacv1.RoleBinding{
				ObjectMeta: metav1.ObjectMeta{Namespace: namespace, Name: "somebody"},
				RoleRef:    rbacv1.RoleRef{APIGroup: rbacv1.GroupName, Kind: "ClusterRole", Name: tt.role},
				Subjects:   []rbacv1.Subject{{APIGroup: rbacv1.GroupName, Kind: rbacv1.UserKind, Name: user}},
			})
			for _, verb := range []string{"get", "list", "watch", "create", "update", "patch", "delete", "deletecollection"} {
				for _, resource := range []string{"conversations", "twilioaccounts"} {
					if slices.Contains(tt.verbs, verb) {
						// What is aggregated into the roles of a user reaches the authoriser bit by bit.
						Eventually(may).WithArguments(user, namespace, verb, resource, "").Should(BeTrue(), "%s %s", verb, resource)
						continue
					}
					Expect(may(user, namespace, verb, resource, "")).To(BeFalse(), "%s %s", verb, resource)
				}
				Expect(may(user, "", verb, "clustertwilioaccounts", "")).To(BeFalse(), "%s clustertwilioaccounts", verb)
				Expect(may(user, "", verb, "conversations", "")).To(BeFalse(), "%s conversations everywhere", verb)
			}
			for _, verb := range []string{"create", "update", "patch"} {
				Expect(may(user, namespace, verb, "conversations", "status")).To(BeFalse(), "%s conversations/status", verb)
				Expect(may(user, namespace, verb, "twilioaccounts", "status")).To(BeFalse(), "%s twilioaccounts/status", verb)
			}
		})
	}
})

// may asks the API server what a user may do with the operator's kinds.
func may(user, namespace, verb, resource, subresource string) bool {
	GinkgoHelper()
	review := &authorizationv1.SubjectAccessReview{Spec: authorizationv1.SubjectAccessReviewSpec{
		User: user,
		ResourceAttributes: &authorizationv1.ResourceAttributes{
			Namespace: namespace, Verb: verb, Group: v1alpha1.SchemeGroupVersion.Group, Resource: resource, Subresource: subresource,
		},
	}}
	create(review)
	return review.Status.Allowed
}
