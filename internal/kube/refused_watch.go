// Copyright The conversations-operator Authors
// SPDX-License-Identifier: Apache-2.0

package kube

import (
	"context"
	"errors"
	"regexp"
	"sync"
	"time"

	"github.com/prometheus/client_golang/prometheus"
	apierrors "k8s.io/apimachinery/pkg/api/errors"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
	"k8s.io/apimachinery/pkg/runtime"
	"k8s.io/apimachinery/pkg/watch"
	toolscache "k8s.io/client-go/tools/cache"
	logf "sigs.k8s.io/controller-runtime/pkg/log"

	"github.com/conversations-operator/conversations-operator/internal/retry"
)

const labelResource = "resource"

var watchRefused = prometheus.NewGaugeVec(prometheus.GaugeOpts{Name: MetricPrefix + "watch_refused",
	Help: "1 for each resource of a namespace of --watch-namespaces that the manager may not list or watch: it is not served there."},
	[]string{"watched_namespace", labelResource})

func init() { Register(watchRefused) }

// namespaceOf finds the namespace in the API server's words for a missing permission: no field of the answer has the
// namespace.
var namespaceOf = regexp.MustCompile(`in the namespace "([^"]*)"`)

// refusable lists and watches one resource in one namespace. A manager of several namespaces must not wait for a
// namespace without permission to watch. Such a namespace therefore counts as empty until the first watch succeeds.
// Afterwards, a refusal is an error like any other: the cache keeps its objects.
type refusable struct {
	toolscache.ListerWatcherWithContext

	mu sync.Mutex
	// namespace and resource of the refusal; empty without a refusal.
	namespace, resource string
	// watched: the resource was watched before.
	watched bool
}

// NewInformer makes an informer which goes on although the API server refuses to list or watch the resource.
func NewInformer(lw toolscache.ListerWatcher, o runtime.Object, resync time.Duration, indexers toolscache.Indexers) toolscache.SharedIndexInformer {
	r := &refusable{ListerWatcherWithContext: toolscache.ToListerWatcherWithContext(lw)}
	return toolscache.NewSharedIndexInformer(&toolscache.ListWatch{ListWithContextFunc: r.list, WatchFuncWithContext: r.watch}, o, resync, indexers)
}

// list answers an empty list as long as the API server has refused every watch.
func (r *refusable) list(ctx context.Context, o metav1.ListOptions) (runtime.Object, error) {
	out, err := r.ListWithContext(ctx, o)
	if r.empty(err) {
		return &metav1.List{}, nil
	}
	return out, err
}

// watch answers, as long as the API server has refused every watch, a watch which ends when the resource may be listed.
// The cache then begins again with a list.
func (r *refusable) watch(ctx context.Context, o metav1.ListOptions) (watch.Interface, error) {
	out, err := r.WatchWithContext(ctx, o)
	if r.empty(err) && (o.SendInitialEvents == nil || !*o.SendInitialEvents) {
		return r.await(ctx), nil
	}
	if err == nil {
		r.permitted()
	}
	return out, err
}

// empty notes a refusal, and tells whether the resource counts as empty because of the refusal.
func (r *refusable) empty(err error) bool {
	if !apierrors.IsForbidden(err) {
		return false
	}
	r.mu.Lock()
	defer r.mu.Unlock()
	if r.resource == "" {
		if answer, ok := errors.AsType[*apierrors.StatusError](err); ok && answer.ErrStatus.Details != nil {
			r.resource = answer.ErrStatus.Details.Kind
		}
		if match := namespaceOf.FindStringSubmatch(err.Error()); match != nil {
			r.namespace = match[1]
		}
		watchRefused.WithLabelValues(r.namespace, r.resource).Set(1)
		logf.Log.WithName("cache").Info("Namespace is not served: give the manager the permissions of docs/rbac.md there",
			"namespace", r.namespace, "resource", r.resource, "error", err.Error())
	}
	return !r.watched
}

// permitted notes a successful watch of the resource.
func (r *refusable) permitted() {
	r.mu.Lock()
	defer r.mu.Unlock()
	r.watched = true
	if r.resource != "" {
		watchRefused.DeleteLabelValues(r.namespace, r.resource)
		logf.Log.WithName("cache").Info("Namespace is served again", "namespace", r.namespace, "resource", r.resource)
		r.namespace, r.resource = "", ""
	}
}

// await answers a watch which ends once the resource may be listed. The watch ends with the error for a resource
// version that is too old, because the cache answers this error with a new list.
func (r *refusable) await(ctx context.Context) watch.Interface {
	events := make(chan watch.Event, 1)
	out := watch.NewProxyWatcher(events)
	go func() {
		defer close(events)
		ticker := time.NewTicker(retry.RefusedWatch.For)
		defer ticker.Stop()
		for {
			select {
			case <-ctx.Done():
				return
			case <-out.StopChan():
				return
			case <-ticker.C:
			}
			if _, err := r.ListWithContext(ctx, metav1.ListOptions{Limit: 1}); !apierrors.IsForbidden(err) {
				expired := apierrors.NewResourceExpired("the resource may be watched now").Status()
				events <- watch.Event{Type: watch.Error, Object: &expired}
				return
			}
		}
	}()
	return out
}
