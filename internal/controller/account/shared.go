// Copyright The conversations-operator Authors
// SPDX-License-Identifier: Apache-2.0

// Package account checks the credentials of the accounts, and holds what this process knows of each: its client, its budget of
// requests, and what vanished of its conversations.
package account

import (
	"k8s.io/client-go/tools/events"
	ctrl "sigs.k8s.io/controller-runtime"
	"sigs.k8s.io/controller-runtime/pkg/client"
	"sigs.k8s.io/controller-runtime/pkg/event"

	"github.com/conversations-operator/conversations-operator/api/v1alpha1"
	"github.com/conversations-operator/conversations-operator/internal/controller/options"
	"github.com/conversations-operator/conversations-operator/internal/kube"
	"github.com/conversations-operator/conversations-operator/internal/tenancy"
)

// Shared is what all reconcilers of a manager share.
type Shared struct {
	Options  options.Manager
	Registry *Registry
	Budgets  *budgets
	Queues   *kube.Queues
	Resolver tenancy.Resolver
	// APIReader reads from the API server itself, past the cache; lists lists Conversations there.
	APIReader client.Reader
	Lists     tenancy.LiveList
	Recorder  events.EventRecorder
	// Recheck asks for a check of an account's credentials; halting tells that too much of it vanished.
	Recheck, Halting map[v1alpha1.AccountKind]chan event.TypedGenericEvent[tenancy.Key]
}

// NewShared makes what the reconcilers of a manager share. ghosts are the Conversations that need their account although
// Kubernetes has them no more.
func NewShared(mgr ctrl.Manager, o options.Manager, ghosts func() []v1alpha1.Conversation) Shared {
	queues := kube.NewQueues()
	accounts := NewRegistry(queues.Wake)
	s := Shared{
		Options:   o,
		Queues:    queues,
		Registry:  accounts,
		Resolver:  tenancy.NewResolver(mgr.GetClient(), o.AccountKinds(), ghosts),
		APIReader: mgr.GetAPIReader(),
		Lists:     tenancy.NewLiveList(mgr.GetAPIReader(), o.WatchNamespaces),
		Recorder:  mgr.GetEventRecorder("conversations-operator"),
		Budgets:   NewBudgets(queues.Wake, o.Shards, accounts.throttled),
		Recheck:   newEvents(),
		Halting:   newEvents(),
	}
	budgetMetrics.accounts.Store(accounts)
	return s
}
