// Copyright The conversations-operator Authors
// SPDX-License-Identifier: Apache-2.0

// Package controller puts the reconcilers together, and chooses the content of the manager's cache. Package plan
// decides, the packages below this package carry the decisions out.
package controller

import (
	"context"
	"fmt"

	ctrl "sigs.k8s.io/controller-runtime"

	"github.com/conversations-operator/conversations-operator/internal/controller/account"
	"github.com/conversations-operator/conversations-operator/internal/controller/conversation"
	"github.com/conversations-operator/conversations-operator/internal/controller/drift"
	"github.com/conversations-operator/conversations-operator/internal/controller/options"
)

// Setup adds every controller to the manager.
func Setup(ctx context.Context, mgr ctrl.Manager, o options.Manager) error {
	kinds := o.AccountKinds()
	if err := addIndexes(ctx, mgr.GetFieldIndexer(), kinds); err != nil {
		return err
	}
	memory := conversation.NewMemory()
	s := account.NewShared(mgr, o, memory.Erased)
	objectMetrics.reader.Store(&s.Resolver)
	if err := mgr.Add(s.Budgets); err != nil {
		return fmt.Errorf("adding the budgets: %w", err)
	}
	for _, kind := range kinds {
		if err := account.NewReconciler(mgr.GetClient(), s, kind).Setup(mgr); err != nil {
			return fmt.Errorf("setting up the controller of %s: %w", kind, err)
		}
		if err := drift.NewReconciler(mgr.GetClient(), s, memory, kind).Setup(mgr); err != nil {
			return fmt.Errorf("setting up the drift check of %s: %w", kind, err)
		}
	}
	if err := account.NewSecretReconciler(mgr.GetClient(), s).Setup(mgr); err != nil {
		return fmt.Errorf("setting up the controller of Secret: %w", err)
	}
	if err := conversation.NewReconciler(mgr.GetClient(), s, memory).Setup(mgr); err != nil {
		return fmt.Errorf("setting up the controller of Conversation: %w", err)
	}
	return nil
}
