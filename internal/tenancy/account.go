// Copyright The conversations-operator Authors
// SPDX-License-Identifier: Apache-2.0

package tenancy

import (
	"k8s.io/apimachinery/pkg/api/meta"
	"k8s.io/apimachinery/pkg/types"
	"sigs.k8s.io/controller-runtime/pkg/client"

	"github.com/conversations-operator/conversations-operator/api/v1alpha1"
)

// Account is the common part of TwilioAccount and ClusterTwilioAccount.
type Account interface {
	client.Object
	AccountKind() v1alpha1.AccountKind
	CommonSpec() *v1alpha1.CommonAccountSpec
	CommonStatus() *v1alpha1.AccountStatus
	CredentialsSecret() types.NamespacedName
}

// AllKinds are the kinds of accounts.
var AllKinds = []v1alpha1.AccountKind{v1alpha1.TwilioAccountKind, v1alpha1.ClusterTwilioAccountKind}

// Key names an account object; Namespace is empty for the cluster kind.
type Key struct {
	Kind v1alpha1.AccountKind
	types.NamespacedName
}

// KeyOf answers the key of an account object.
func KeyOf(a Account) Key {
	return Key{a.AccountKind(), types.NamespacedName{Namespace: a.GetNamespace(), Name: a.GetName()}}
}

// String is for messages: `TwilioAccount "default"`.
func (k Key) String() string { return string(k.Kind) + ` "` + k.Name + `"` }

// Index is the value in the field index of Conversations.
func (k Key) Index() string { return string(k.Kind) + "/" + k.NamespacedName.String() }

// Object answers an empty object to read the account into.
func (k Key) Object() Account {
	if k.Kind == v1alpha1.ClusterTwilioAccountKind {
		return &v1alpha1.ClusterTwilioAccount{}
	}
	return &v1alpha1.TwilioAccount{}
}

// RegionOf is the Region of the account; empty: us1.
func RegionOf(acct Account) string {
	if region := acct.CommonSpec().Region; region != v1alpha1.DefaultRegion {
		return region
	}
	return ""
}

// Halted tells whether the account's vanished conversations wait for the user's consent.
func Halted(acct Account) bool {
	return meta.IsStatusConditionTrue(acct.CommonStatus().Conditions, v1alpha1.ConditionConversationsVanished)
}
