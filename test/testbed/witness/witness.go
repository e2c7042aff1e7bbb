// Copyright The conversations-operator Authors
// SPDX-License-Identifier: Apache-2.0

// Package witness watches every version of the operator's objects go by, and judges each by what must hold of it, whatever
// the tests do to the operator meanwhile.
package witness

import (
	"context"
	"fmt"
	"slices"
	"strings"
	"sync"

	apierrors "k8s.io/apimachinery/pkg/api/errors"
	"k8s.io/apimachinery/pkg/api/meta"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
	"k8s.io/apimachinery/pkg/runtime"
	"k8s.io/apimachinery/pkg/watch"
	"sigs.k8s.io/controller-runtime/pkg/client"

	"github.com/conversations-operator/conversations-operator/api/v1alpha1"
	"github.com/conversations-operator/conversations-operator/test/health"
	"github.com/conversations-operator/conversations-operator/test/invariant"
)

// Witness sees every version of every Conversation and account that the API server hands out: each must be valid by itself,
// follow from the one before, and look the same to the tools that judge its health.
type Witness struct {
	// Client is what it watches by.
	Client client.WithWatch
	// Hurried asks the tools about accounts alone, since they take half a millisecond for each version: for tests that make
	// thousands of versions of Conversations.
	Hurried bool

	mu         sync.Mutex
	last       map[client.ObjectKey]*v1alpha1.Conversation
	tallies    map[string]*tally
	complaints map[string][]string
	excused    map[string][]string
	tools      *health.Tools
	erased     []client.ObjectKey
}

// Excuse tells that a story makes versions in its namespace itself of which these complaints are true.
func (w *Witness) Excuse(namespace string, complaints ...string) {
	w.mu.Lock()
	defer w.mu.Unlock()
	w.excused[namespace] = append(w.excused[namespace], complaints...)
}

// Watch begins to watch, until ctx ends. A watch that the API server ends is taken up where it ended; where the API server
// has forgotten that, as after a change of the CRD, at what there is now.
func (w *Witness) Watch(ctx context.Context) (err error) {
	w.last, w.tallies = map[client.ObjectKey]*v1alpha1.Conversation{}, map[string]*tally{}
	w.complaints, w.excused = map[string][]string{}, map[string][]string{}
	if w.tools, err = health.New(); err != nil {
		return fmt.Errorf("reading the health checks: %w", err)
	}
	for _, list := range []client.ObjectList{&v1alpha1.ConversationList{}, &v1alpha1.TwilioAccountList{}, &v1alpha1.ClusterTwilioAccountList{}} {
		if err := w.Client.List(ctx, list); err != nil {
			return fmt.Errorf("listing what there is: %w", err)
		}
		go func() {
			for version := list.GetResourceVersion(); ctx.Err() == nil; {
				version = w.follow(ctx, list, version)
			}
		}()
	}
	return nil
}

// follow watches from a version on until the watch ends, and answers the version that it came to.
func (w *Witness) follow(ctx context.Context, list client.ObjectList, version string) string {
	from := &client.ListOptions{Raw: &metav1.ListOptions{ResourceVersion: version}}
	events, err := w.Client.Watch(ctx, list, from)
	if err != nil {
		w.complainUnless(ctx, "the watch did not begin: "+err.Error())
		return version
	}
	defer events.Stop()
	for e := range events.ResultChan() {
		o, ok := e.Object.(client.Object)
		if !ok && apierrors.IsResourceExpired(apierrors.FromObject(e.Object)) {
			return w.catchUp(ctx, list, version)
		}
		if !ok {
			w.complainUnless(ctx, fmt.Sprintf("the watch broke: %v", e.Object))
			return version
		}
		version = o.GetResourceVersion()
		w.see(e.Type, o)
	}
	return version
}

// catchUp looks at what there is now, and answers the version of that.
func (w *Witness) catchUp(ctx context.Context, list client.ObjectList, version string) string {
	now := list.DeepCopyObject().(client.ObjectList)
	if err := w.Client.List(ctx, now); err != nil {
		w.complainUnless(ctx, "what there is could not be listed: "+err.Error())
		return version
	}
	_ = meta.EachListItem(now, func(o runtime.Object) error {
		if o := o.(client.Object); !w.saw(o) {
			w.see(watch.Modified, o)
		}
		return nil
	})
	return now.GetResourceVersion()
}

// saw tells whether this version of a Conversation was the last that was seen.
func (w *Witness) saw(o client.Object) bool {
	last := w.Last(client.ObjectKeyFromObject(o))
	return last != nil && last.UID == o.GetUID() && last.ResourceVersion == o.GetResourceVersion()
}

func (w *Witness) see(kind watch.EventType, o client.Object) {
	switch o := o.(type) {
	case *v1alpha1.Conversation:
		w.look(kind, o)
	case *v1alpha1.TwilioAccount:
		w.lookAtAccount(o, &o.Status, "TwilioAccount")
	case *v1alpha1.ClusterTwilioAccount:
		w.lookAtAccount(o, &o.Status, "ClusterTwilioAccount")
	}
}

func (w *Witness) complainUnless(ctx context.Context, text string) {
	if ctx.Err() == nil {
		w.complain("", text)
	}
}

func (w *Witness) look(kind watch.EventType, conv *v1alpha1.Conversation) {
	key := client.ObjectKeyFromObject(conv)
	if kind == watch.Deleted {
		w.mu.Lock()
		defer w.mu.Unlock()
		delete(w.last, key)
		if conv.DeletionTimestamp.IsZero() && slices.Contains(conv.Finalizers, v1alpha1.Finalizer) {
			w.erased = append(w.erased, key)
		}
		return
	}
	w.mu.Lock()
	before := w.last[key]
	w.last[key] = conv
	w.tally(key.Namespace).count(conv)
	w.mu.Unlock()
	problems := invariant.Of(conv)
	if !w.Hurried {
		problems = append(problems, w.tools.Of(conv, "Conversation")...)
	}
	if before != nil {
		problems = append(problems, invariant.Between(before, conv)...)
	}
	for _, problem := range problems {
		w.complain(conv.Namespace, fmt.Sprintf("%s at %s: %s", key, conv.ResourceVersion, problem))
	}
}

func (w *Witness) lookAtAccount(acct client.Object, s *v1alpha1.AccountStatus, kind string) {
	for _, problem := range append(invariant.OfAccount(s, acct.GetGeneration()), w.tools.Of(acct, kind)...) {
		w.complain(acct.GetNamespace(), fmt.Sprintf("%s %s at %s: %s", kind, client.ObjectKeyFromObject(acct), acct.GetResourceVersion(), problem))
	}
}

func (w *Witness) complain(namespace, text string) {
	w.mu.Lock()
	defer w.mu.Unlock()
	if slices.ContainsFunc(w.excused[namespace], func(excuse string) bool { return strings.Contains(text, excuse) }) {
		return
	}
	w.complaints[namespace] = append(w.complaints[namespace], text)
}

// Erased are the objects that Kubernetes deleted at once although they had the finalizer: its DELETE had looked before that
// was put on.
func (w *Witness) Erased() []client.ObjectKey {
	w.mu.Lock()
	defer w.mu.Unlock()
	return slices.Clone(w.erased)
}

// Last is the object as it was seen last, nil before it was created and once it is gone. It is shared: it must not be
// changed.
func (w *Witness) Last(key client.ObjectKey) *v1alpha1.Conversation {
	w.mu.Lock()
	defer w.mu.Unlock()
	return w.last[key]
}

// Complaints are what was wrong in the namespaces, and with the watch itself; without namespaces, everywhere.
func (w *Witness) Complaints(namespaces ...string) []string {
	w.mu.Lock()
	defer w.mu.Unlock()
	var out []string
	for ns, complaints := range w.complaints {
		if ns == "" || len(namespaces) == 0 || slices.Contains(namespaces, ns) {
			out = append(out, complaints...)
		}
	}
	return out
}
