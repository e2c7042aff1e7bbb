// Copyright The conversations-operator Authors
// SPDX-License-Identifier: Apache-2.0

// Package account checks the credentials of the accounts. The package holds this process' knowledge of each account:
// its client, its budget of requests, and its vanished conversations, which package vanished counts.
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

// Shared has the parts which all reconcilers of a manager use together.
type Shared struct {
	Options  options.Manager
	Registry *Registry
	Budgets  *budgets
	Queues   *kube.Queues
	Resolver tenancy.Resolver
	// APIReader reads from the API server itself, past the cache; Lists lists Conversations from the API server.
	APIReader client.Reader
	Lists     tenancy.LiveList
	Recorder  events.EventRecorder
	// Recheck asks for a check of an account's credentials; Halting reports that too many of its conversations vanished.
	Recheck, Halting map[v1alpha1.AccountKind]chan event.TypedGenericEvent[tenancy.Key]
}

// NewShared makes the shared parts of a manager's reconcilers. ghosts are the Conversations which need their account
// although Kubernetes has them no more.
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
