// Copyright The conversations-operator Authors
// SPDX-License-Identifier: Apache-2.0

package controller

import (
	"k8s.io/apimachinery/pkg/types"
	"sigs.k8s.io/controller-runtime/pkg/client"

	"github.com/conversations-operator/conversations-operator/api/v1alpha1"
)

// Account is what TwilioAccount and ClusterTwilioAccount have in common.
type Account interface {
	client.Object
	AccountKind() v1alpha1.AccountKind
	CommonSpec() *v1alpha1.CommonAccountSpec
	CommonStatus() *v1alpha1.AccountStatus
	CredentialsSecret() types.NamespacedName
}

// accountKey names an account object; Namespace is empty for the cluster kind.
type accountKey struct {
	Kind v1alpha1.AccountKind
	types.NamespacedName
}

func keyOf(a Account) accountKey {
	return accountKey{a.AccountKind(), types.NamespacedName{Namespace: a.GetNamespace(), Name: a.GetName()}}
}

// String is for messages: `TwilioAccount "default"`.
func (k accountKey) String() string { return string(k.Kind) + ` "` + k.Name + `"` }

// index is the value that the field index of Conversations holds.
func (k accountKey) index() string { return string(k.Kind) + "/" + k.NamespacedName.String() }

// object answers an empty object to read the account into.
func (k accountKey) object() Account {
	if k.Kind == v1alpha1.ClusterTwilioAccountKind {
		return &v1alpha1.ClusterTwilioAccount{}
	}
	return &v1alpha1.TwilioAccount{}
}
