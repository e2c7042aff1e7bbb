// Copyright The conversations-operator Authors
// SPDX-License-Identifier: Apache-2.0

package controller

import (
	"context"

	corev1 "k8s.io/api/core/v1"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
	"sigs.k8s.io/controller-runtime/pkg/client"

	"github.com/conversations-operator/conversations-operator/api/v1alpha1"
	"github.com/conversations-operator/conversations-operator/internal/plan"
	"github.com/conversations-operator/conversations-operator/internal/twilio"
)

// AccountOf answers the account that the Conversation uses, and what a decision needs to know of it, for those who only
// look on. Without an account, or with one that cannot be used, the facts say why.
func AccountOf(ctx context.Context, r client.Reader, conv *v1alpha1.Conversation) (Account, plan.Account, error) {
	acct, problem, err := resolver{Reader: r, kinds: Options{}.accountKinds()}.resolve(ctx, conv)
	if err != nil || problem != "" {
		return nil, plan.Account{Reason: v1alpha1.ReasonAccountNotReady, Message: problem}, err
	}
	status := acct.CommonStatus()
	facts := plan.Account{
		SID: status.AccountSID, Region: regionOf(acct), FormerServices: status.DefaultServiceSIDs, Key: keyOf(acct).String(), Halted: halted(acct),
	}
	switch ready := readyOf(status.Conditions); {
	case !acct.GetDeletionTimestamp().IsZero() && conv.DeletionTimestamp.IsZero():
		facts.Reason, facts.Message = v1alpha1.ReasonAccountNotReady, sayLeaving(keyOf(acct))
	case ready.Status == metav1.ConditionFalse:
		facts.Reason, facts.Message = v1alpha1.ReasonAccountNotReady, sayNotReady(keyOf(acct), ready.Reason)
	}
	return acct, facts, nil
}

// Credentials reads the Secret of an account into a client's configuration. The problem, empty when there is none, names
// the key that is wrong and never quotes a value.
func Credentials(acct Account, secret *corev1.Secret) (cfg twilio.Config, problem string) {
	cfg, problem = credentials(secret)
	cfg.Region, cfg.Edge = acct.CommonSpec().Region, acct.CommonSpec().Edge
	return cfg, problem
}
