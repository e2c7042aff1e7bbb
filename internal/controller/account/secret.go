// Copyright The conversations-operator Authors
// SPDX-License-Identifier: Apache-2.0

package account

import (
	"context"
	"fmt"

	corev1 "k8s.io/api/core/v1"
	apierrors "k8s.io/apimachinery/pkg/api/errors"
	"k8s.io/apimachinery/pkg/types"
	"sigs.k8s.io/controller-runtime/pkg/client"
	"sigs.k8s.io/controller-runtime/pkg/controller/controllerutil"

	"github.com/conversations-operator/conversations-operator/api/v1alpha1"
	"github.com/conversations-operator/conversations-operator/internal/tenancy"
)

// secret reads the Secret from the API server and puts the finalizer on the Secret.
func (r *Reconciler) secret(ctx context.Context, acct tenancy.Account) (*corev1.Secret, finding, error) {
	secret := &corev1.Secret{}
	name := acct.CredentialsSecret()
	err := r.APIReader.Get(ctx, name, secret)
	if apierrors.IsNotFound(err) {
		return nil, secretMissing(name), nil
	}
	if err != nil {
		return nil, finding{}, fmt.Errorf("reading Secret %s: %w", name, err)
	}
	if !secret.DeletionTimestamp.IsZero() {
		return r.leavingSecret(ctx, secret)
	}
	if acct.GetDeletionTimestamp().IsZero() {
		if err := r.hold(ctx, secret); err != nil {
			return nil, finding{}, fmt.Errorf("adding the finalizer to Secret %s: %w", name, err)
		}
	}
	return secret, finding{}, nil
}

func secretMissing(name types.NamespacedName) finding {
	return finding{reason: v1alpha1.ReasonSecretMissing,
		message: fmt.Sprintf("Secret %q does not exist in namespace %q: create it.", name.Name, name.Namespace)}
}

// leavingSecret uses a Secret in deletion as long as conversations need the Secret, and then takes the finalizer off.
func (r *Reconciler) leavingSecret(ctx context.Context, secret *corev1.Secret) (*corev1.Secret, finding, error) {
	name := client.ObjectKeyFromObject(secret)
	needed, err := r.secretNeeded(ctx, name)
	if err != nil || needed {
		return secret, finding{}, err
	}
	if err := r.unhold(ctx, secret); err != nil {
		return nil, finding{}, fmt.Errorf("taking the finalizer off Secret %s: %w", name, err)
	}
	return nil, secretMissing(name), nil
}

// secretNeeded tells whether any conversation of any account needs the Secret.
func (r *Reconciler) secretNeeded(ctx context.Context, name types.NamespacedName) (bool, error) {
	accts, err := r.Resolver.AccountsOf(ctx, name)
	if err != nil || len(accts) == 0 {
		return false, err
	}
	for _, acct := range accts {
		all, err := r.Lists.In(ctx, acct.GetNamespace())
		if err != nil || len(r.Resolver.Users(ctx, tenancy.KeyOf(acct), all)) > 0 {
			return true, err
		}
	}
	return false, nil
}

func (r *Reconciler) releaseSecret(ctx context.Context, acct tenancy.Account, name types.NamespacedName) error {
	others, err := r.Resolver.AccountsOf(ctx, name)
	if err != nil {
		return err
	}
	for _, other := range others {
		if other.GetUID() != acct.GetUID() && controllerutil.ContainsFinalizer(other, v1alpha1.Finalizer) {
			return nil
		}
	}
	secret := secretMetadata()
	if err := r.APIReader.Get(ctx, name, secret); err != nil {
		return client.IgnoreNotFound(err)
	}
	if err := r.unhold(ctx, secret); err != nil {
		return fmt.Errorf("taking the finalizer off Secret %s: %w", name, err)
	}
	return nil
}
