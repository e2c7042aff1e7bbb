// Copyright The conversations-operator Authors
// SPDX-License-Identifier: Apache-2.0

package tenancy

import (
	"context"

	"k8s.io/apimachinery/pkg/api/meta"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
	"sigs.k8s.io/controller-runtime/pkg/client"

	"github.com/conversations-operator/conversations-operator/api/v1alpha1"
	"github.com/conversations-operator/conversations-operator/internal/plan"
)

// AccountOf answers the account of the Conversation, and the account's facts for a decision, to callers which only look
// on. Without an account, or with an account out of use, the facts say why.
func AccountOf(ctx context.Context, r client.Reader, conv *v1alpha1.Conversation) (Account, plan.Account, error) {
	acct, problem, err := Resolver{Reader: r, Kinds: AllKinds}.Resolve(ctx, conv)
	if err != nil || problem != "" {
		return nil, plan.Account{Reason: v1alpha1.ReasonAccountNotReady, Message: problem}, err
	}
	status := acct.CommonStatus()
	facts := plan.Account{
		SID: status.AccountSID, Region: RegionOf(acct), FormerServices: status.DefaultServiceSIDs, Key: KeyOf(acct).String(), Halted: Halted(acct),
		WebhookEnabled: acct.CommonSpec().WebhookEnabled,
	}
	switch ready := meta.FindStatusCondition(status.Conditions, v1alpha1.ConditionReady); {
	case !acct.GetDeletionTimestamp().IsZero() && conv.DeletionTimestamp.IsZero():
		facts.Reason, facts.Message = v1alpha1.ReasonAccountNotReady, SayLeaving(KeyOf(acct))
	case ready != nil && ready.Status == metav1.ConditionFalse:
		facts.Reason, facts.Message = v1alpha1.ReasonAccountNotReady, SayNotReady(KeyOf(acct), ready.Reason)
	}
	return acct, facts, nil
}
