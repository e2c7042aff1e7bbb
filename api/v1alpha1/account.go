// Copyright The conversations-operator Authors
// SPDX-License-Identifier: Apache-2.0

package v1alpha1

import "k8s.io/apimachinery/pkg/types"

// AccountKind returns TwilioAccountKind.
func (a *TwilioAccount) AccountKind() AccountKind { return TwilioAccountKind }

// AccountKind returns ClusterTwilioAccountKind.
func (a *ClusterTwilioAccount) AccountKind() AccountKind { return ClusterTwilioAccountKind }

// CommonSpec returns a pointer to the fields of the spec that both kinds of account share.
func (a *TwilioAccount) CommonSpec() *CommonAccountSpec { return &a.Spec.CommonAccountSpec }

// CommonSpec returns a pointer to the fields of the spec that both kinds of account share.
func (a *ClusterTwilioAccount) CommonSpec() *CommonAccountSpec { return &a.Spec.CommonAccountSpec }

// CommonStatus returns a pointer to the status.
func (a *TwilioAccount) CommonStatus() *AccountStatus { return &a.Status }

// CommonStatus returns a pointer to the status.
func (a *ClusterTwilioAccount) CommonStatus() *AccountStatus { return &a.Status }

// CredentialsSecret returns the namespace and name of the Secret with the credentials.
func (a *TwilioAccount) CredentialsSecret() types.NamespacedName {
	return types.NamespacedName{Namespace: a.Namespace, Name: a.Spec.CredentialsSecretRef.Name}
}

// CredentialsSecret returns the namespace and name of the Secret with the credentials.
func (a *ClusterTwilioAccount) CredentialsSecret() types.NamespacedName {
	ref := a.Spec.CredentialsSecretRef
	return types.NamespacedName{Namespace: ref.Namespace, Name: ref.Name}
}
