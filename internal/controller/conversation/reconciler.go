// Copyright The conversations-operator Authors
// SPDX-License-Identifier: Apache-2.0

package conversation

import (
	"context"

	"go.opentelemetry.io/otel/attribute"
	"go.opentelemetry.io/otel/codes"
	"go.opentelemetry.io/otel/trace"
	ctrl "sigs.k8s.io/controller-runtime"
	"sigs.k8s.io/controller-runtime/pkg/client"

	"github.com/conversations-operator/conversations-operator/api/v1alpha1"
	"github.com/conversations-operator/conversations-operator/internal/controller/account"
	"github.com/conversations-operator/conversations-operator/internal/kube"
	"github.com/conversations-operator/conversations-operator/internal/retry"
)

// +kubebuilder:rbac:groups=twilio-operator.dev,resources=conversations,verbs=get;list;watch;patch
// +kubebuilder:rbac:groups=twilio-operator.dev,resources=conversations/status,verbs=patch
// +kubebuilder:rbac:groups=twilio-operator.dev,resources=twilioaccounts;clustertwilioaccounts,verbs=list;watch;patch
// +kubebuilder:rbac:groups=twilio-operator.dev,resources=twilioaccounts/status;clustertwilioaccounts/status,verbs=patch
// +kubebuilder:rbac:groups="",resources=secrets,verbs=get;list;watch;patch
// +kubebuilder:rbac:groups="",resources=namespaces,verbs=get;list;watch
// +kubebuilder:rbac:groups=events.k8s.io,resources=events,verbs=create

// Reconciler keeps each Conversation and its conversation at Twilio the same.
type Reconciler struct {
	client.Client
	account.Shared
	memory  *Memory
	workers *kube.Workers
}

// NewReconciler makes the reconciler of Conversations.
func NewReconciler(c client.Client, s account.Shared, m *Memory) *Reconciler {
	return &Reconciler{Client: c, Shared: s, memory: m, workers: kube.NewWorkers(s.Options.MaxConcurrentReconciles)}
}

// Reconcile makes one pass over one Conversation. At whatever priority the object came into the queue, the object comes
// back at normal priority.
func (r *Reconciler) Reconcile(ctx context.Context, req ctrl.Request) (ctrl.Result, error) {
	ctx, span := account.Tracer.Start(ctx, "Reconcile Conversation",
		trace.WithAttributes(attribute.String("k8s.namespace.name", req.Namespace), attribute.String("conversation", req.Name)))
	defer span.End()
	result, err := r.reconcile(ctx, req)
	if err != nil {
		span.SetStatus(codes.Error, err.Error())
	}
	result.Priority = new(0)
	return result, err
}

func (r *Reconciler) reconcile(ctx context.Context, req ctrl.Request) (ctrl.Result, error) {
	if p, err := r.undo(ctx, req.NamespacedName); err != nil {
		return ctrl.Result{}, err
	} else if p != nil {
		result, err := p.run(ctx)
		if err != nil || r.memory.erasedOf(req.NamespacedName) != nil {
			return result, err
		}
		// Another object may have the name by now, and this very request may be about the other object.
	}
	if wait, err := r.askWhoKeeps(ctx, req.NamespacedName); err != nil || wait > 0 {
		return ctrl.Result{RequeueAfter: wait}, err
	}
	conv := &v1alpha1.Conversation{}
	if err := r.Get(ctx, req.NamespacedName, conv); err != nil {
		r.memory.end(req.NamespacedName, "")
		r.Budgets.Forget(kube.QueueKey(queueName, req.NamespacedName))
		return ctrl.Result{}, client.IgnoreNotFound(err)
	}
	r.memory.end(req.NamespacedName, conv.UID)
	if r.memory.Stale(conv) || r.memory.released(conv) {
		return ctrl.Result{RequeueAfter: retry.Stale.After()}, nil
	}
	p, err := r.begin(ctx, conv, false)
	if err != nil {
		return ctrl.Result{}, err
	}
	return p.run(ctx)
}
