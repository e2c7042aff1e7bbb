// Copyright The conversations-operator Authors
// SPDX-License-Identifier: Apache-2.0

package testbed

import (
	"context"
	"fmt"

	corev1 "k8s.io/api/core/v1"
	"k8s.io/apimachinery/pkg/api/meta"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
	"sigs.k8s.io/controller-runtime/pkg/client"

	"github.com/conversations-operator/conversations-operator/api/v1alpha1"
	"github.com/conversations-operator/conversations-operator/internal/twilio/simulator"
	"github.com/conversations-operator/conversations-operator/test/testbed/random"
)

// What the objects of a tenant are called.
const (
	AccountName = "default"
	SecretName  = "twilio"
)

// Tenant is a namespace that uses a Twilio account: it holds a Secret with the credentials and a TwilioAccount.
type Tenant struct {
	Namespace string
	// SID and Token are the Twilio account's.
	SID, Token string
	// DriftCheckInterval of the account, in seconds; zero: there are no drift checks but those that are asked for.
	DriftCheckInterval int32
}

// NewTenant is a namespace and a Twilio account that nobody else has. Neither exists yet, in Kubernetes or at Twilio.
func NewTenant() Tenant {
	return Tenant{Namespace: "t-" + random.Hex(5), SID: random.SID("AC"), Token: random.Hex(16)}
}

// FirstTenant is a namespace that uses the account that a simulator has from the start, unless told otherwise.
func FirstTenant(namespace string) Tenant {
	return Tenant{Namespace: namespace, SID: simulator.DefaultAccountSID, Token: simulator.DefaultAuthToken}
}

// Meta names an object of the namespace.
func (t *Tenant) Meta(name string) metav1.ObjectMeta {
	return metav1.ObjectMeta{Namespace: t.Namespace, Name: name}
}

// Secret is the one with the credentials, as it is created.
func (t *Tenant) Secret() *corev1.Secret {
	return &corev1.Secret{
		ObjectMeta: t.Meta(SecretName), StringData: map[string]string{"TWILIO_ACCOUNT_SID": t.SID, "TWILIO_AUTH_TOKEN": t.Token},
	}
}

// Account is the TwilioAccount, as it is created.
func (t *Tenant) Account() *v1alpha1.TwilioAccount {
	a := &v1alpha1.TwilioAccount{ObjectMeta: t.Meta(AccountName)}
	a.Spec.CredentialsSecretRef.Name, a.Spec.DriftCheckIntervalSeconds = SecretName, new(t.DriftCheckInterval)
	return a
}

// Conversation is one of the namespace, with an empty spec.
func (t *Tenant) Conversation(name string) *v1alpha1.Conversation {
	return &v1alpha1.Conversation{ObjectMeta: t.Meta(name)}
}

// CreateNamespace creates the namespace alone, unless it is there.
func (t *Tenant) CreateNamespace(ctx context.Context, c client.Client) error {
	ns := &corev1.Namespace{ObjectMeta: metav1.ObjectMeta{Name: t.Namespace}}
	if err := client.IgnoreAlreadyExists(c.Create(ctx, ns)); err != nil {
		return fmt.Errorf("creating the namespace %s: %w", t.Namespace, err)
	}
	return nil
}

// Create creates the namespace unless it is there, the Secret and the account.
func (t *Tenant) Create(ctx context.Context, c client.Client) error {
	if err := t.CreateNamespace(ctx, c); err != nil {
		return err
	}
	for _, o := range []client.Object{t.Secret(), t.Account()} {
		if err := c.Create(ctx, o); err != nil {
			return fmt.Errorf("creating the account of %s: %w", t.Namespace, err)
		}
	}
	return nil
}

// Ready is what the account says of that now, empty if there is none or it says nothing.
func (t *Tenant) Ready(ctx context.Context, c client.Reader) metav1.Condition {
	a := t.Account()
	if c.Get(ctx, client.ObjectKeyFromObject(a), a) != nil {
		return metav1.Condition{}
	}
	return Ready(a.Status.Conditions)
}

// Ready is the condition of that type, empty if there is none.
func Ready(conditions []metav1.Condition) metav1.Condition {
	if ready := meta.FindStatusCondition(conditions, v1alpha1.ConditionReady); ready != nil {
		return *ready
	}
	return metav1.Condition{}
}
