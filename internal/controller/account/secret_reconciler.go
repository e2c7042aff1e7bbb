// Copyright The conversations-operator Authors
// SPDX-License-Identifier: Apache-2.0

package account

import (
	"context"
	"fmt"
	"sync"

	corev1 "k8s.io/api/core/v1"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
	"k8s.io/apimachinery/pkg/types"
	"k8s.io/client-go/util/workqueue"
	ctrl "sigs.k8s.io/controller-runtime"
	"sigs.k8s.io/controller-runtime/pkg/builder"
	"sigs.k8s.io/controller-runtime/pkg/client"
	"sigs.k8s.io/controller-runtime/pkg/controller/controllerutil"
	"sigs.k8s.io/controller-runtime/pkg/event"
	"sigs.k8s.io/controller-runtime/pkg/handler"
	"sigs.k8s.io/controller-runtime/pkg/predicate"
	"sigs.k8s.io/controller-runtime/pkg/reconcile"

	"github.com/conversations-operator/conversations-operator/api/v1alpha1"
	"github.com/conversations-operator/conversations-operator/internal/condition"
	"github.com/conversations-operator/conversations-operator/internal/kube"
	"github.com/conversations-operator/conversations-operator/internal/tenancy"
)

// SecretReconciler takes the finalizer off Secrets to which no account refers any more, because the user pointed the
// account at another Secret, or removed the account by force. The reconciler sees metadata only.
type SecretReconciler struct {
	client.Client
	Shared

	mu sync.Mutex
	// setbacks count the refused requests about Secrets.
	setbacks map[types.NamespacedName]kube.Setback
}

// NewSecretReconciler makes the reconciler of the Secrets of accounts.
func NewSecretReconciler(c client.Client, s Shared) *SecretReconciler {
	return &SecretReconciler{Client: c, Shared: s, setbacks: map[types.NamespacedName]kube.Setback{}}
}

// Reconcile looks at one Secret in deletion, or at one Secret to which an account no longer refers.
func (r *SecretReconciler) Reconcile(ctx context.Context, req ctrl.Request) (ctrl.Result, error) {
	secret := secretMetadata()
	if err := r.Get(ctx, req.NamespacedName, secret); err != nil {
		r.over(req.NamespacedName)
		return ctrl.Result{}, client.IgnoreNotFound(err)
	}
	if !controllerutil.ContainsFinalizer(secret, v1alpha1.Finalizer) {
		return ctrl.Result{}, nil
	}
	accts, err := r.Resolver.AccountsOf(ctx, req.NamespacedName)
	if err != nil || len(accts) > 0 {
		// The account's own controller knows whether conversations need the Secret.
		return ctrl.Result{}, err
	}
	before := secret.DeepCopy()
	controllerutil.RemoveFinalizer(secret, v1alpha1.Finalizer)
	if err := r.Patch(ctx, secret, client.MergeFromWithOptions(before, client.MergeFromWithOptimisticLock{})); client.IgnoreNotFound(err) != nil {
		err = fmt.Errorf("taking the finalizer off Secret %s: %w", req.NamespacedName, err)
		if condition.Refuses(err) {
			r.tellSetback(secret, err)
		}
		return kube.RetryConflict(err)
	}
	r.over(req.NamespacedName)
	return ctrl.Result{}, nil
}

// over ends the count of refused requests about a Secret.
func (r *SecretReconciler) over(name types.NamespacedName) {
	r.mu.Lock()
	defer r.mu.Unlock()
	delete(r.setbacks, name)
}

// tellSetback sends the Warning event about a request refused by the API server, if the event is due.
func (r *SecretReconciler) tellSetback(secret client.Object, err error) {
	r.mu.Lock()
	s := r.setbacks[client.ObjectKeyFromObject(secret)]
	message := s.Event(secretKind, err)
	r.setbacks[client.ObjectKeyFromObject(secret)] = s
	r.mu.Unlock()
	kube.TellSetback(r.Recorder, secret, message)
}

// secretKind is the kind of Secrets.
const secretKind = "Secret"

func secretMetadata() *metav1.PartialObjectMetadata {
	secret := &metav1.PartialObjectMetadata{}
	secret.SetGroupVersionKind(corev1.SchemeGroupVersion.WithKind(secretKind))
	return secret
}

// leaving: being deleted, and held by our finalizer.
func leaving(o client.Object) bool {
	return !o.GetDeletionTimestamp().IsZero() && controllerutil.ContainsFinalizer(o, v1alpha1.Finalizer)
}

// Setup adds the controller to the manager.
func (r *SecretReconciler) Setup(mgr ctrl.Manager) error {
	b := ctrl.NewControllerManagedBy(mgr).
		Named("secret").
		For(secretMetadata(), builder.OnlyMetadata, builder.WithPredicates(predicate.NewPredicateFuncs(leaving)))
	for _, kind := range r.Resolver.Kinds {
		b.Watches(tenancy.Key{Kind: kind}.Object(), exchanged())
	}
	return b.Complete(r)
}

// exchanged maps an account to its former Secret after the user pointed the account at another Secret.
func exchanged() handler.EventHandler {
	return handler.Funcs{UpdateFunc: func(_ context.Context, e event.UpdateEvent, q workqueue.TypedRateLimitingInterface[reconcile.Request]) {
		if was := e.ObjectOld.(tenancy.Account).CredentialsSecret(); was != e.ObjectNew.(tenancy.Account).CredentialsSecret() {
			q.Add(reconcile.Request{NamespacedName: was})
		}
	}}
}
