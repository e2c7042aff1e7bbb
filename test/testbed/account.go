// Copyright The conversations-operator Authors
// SPDX-License-Identifier: Apache-2.0

package testbed

import (
	"context"
	"fmt"

	corev1 "k8s.io/api/core/v1"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
	"sigs.k8s.io/controller-runtime/pkg/client"

	"github.com/conversations-operator/conversations-operator/api/v1alpha1"
)

// CreateAccount creates a namespace with a TwilioAccount named default, which has these credentials and this interval, in
// seconds, of drift checks.
func (b *Bed) CreateAccount(ctx context.Context, namespace, sid, token string, interval int32) error {
	account := &v1alpha1.TwilioAccount{ObjectMeta: metav1.ObjectMeta{Namespace: namespace, Name: "default"}}
	account.Spec.CredentialsSecretRef.Name = "twilio"
	account.Spec.DriftCheckIntervalSeconds = &interval
	ns := &corev1.Namespace{ObjectMeta: metav1.ObjectMeta{Name: namespace}}
	if err := client.IgnoreAlreadyExists(b.Client.Create(ctx, ns)); err != nil {
		return fmt.Errorf("creating a namespace: %w", err)
	}
	for _, o := range []client.Object{
		&corev1.Secret{
			ObjectMeta: metav1.ObjectMeta{Namespace: namespace, Name: "twilio"},
			StringData: map[string]string{"TWILIO_ACCOUNT_SID": sid, "TWILIO_AUTH_TOKEN": token},
		},
		account,
	} {
		if err := b.Client.Create(ctx, o); err != nil {
			return fmt.Errorf("creating an account: %w", err)
		}
	}
	return nil
}
