// Copyright The conversations-operator Authors
// SPDX-License-Identifier: Apache-2.0

// Package controller reconciles Conversations and the accounts that they use. It reads as observe, plan, act, record:
// package plan decides, this package carries out, and status is written once, at the end, and only if it changed.
package controller

import (
	"context"
	"fmt"
	"net/http"
	"time"

	apierrors "k8s.io/apimachinery/pkg/api/errors"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
	"k8s.io/apimachinery/pkg/labels"
	"k8s.io/client-go/tools/events"
	"sigs.k8s.io/controller-runtime/pkg/client"
	"sigs.k8s.io/controller-runtime/pkg/event"

	"github.com/conversations-operator/conversations-operator/api/v1alpha1"
)

// Options are what the manager's flags say.
type Options struct {
	// ClusterName is part of every generated unique name: a rebuilt cluster finds its conversations under the same one.
	ClusterName string
	// TwilioBaseURL stands in for Twilio's hosts, for every account; empty: Twilio's.
	TwilioBaseURL string
	// WatchNamespaces are the only ones looked at; empty: all. A manager with such a limit serves no ClusterTwilioAccounts:
	// it could not tell who needs them, and needs no permission beyond its namespaces.
	WatchNamespaces []string
	// WatchLabelSelector chooses the Conversations that this manager keeps; nil: all.
	WatchLabelSelector labels.Selector
	// Shards is how many managers, this one included, share the Twilio accounts: each keeps to its part of their limits.
	// Zero: this one alone.
	Shards int
	// MaxConcurrentReconciles is how many Conversations are worked on at a time, those that wait for Twilio not counted.
	MaxConcurrentReconciles int
	// RequestTimeout bounds one request to Twilio; zero: [twilio.DefaultTimeout].
	RequestTimeout time.Duration
	// UserAgent of requests to Twilio.
	UserAgent string
	// Transport sends the requests to Twilio; nil: the default one.
	Transport http.RoundTripper
}

// accountKinds are the kinds of accounts that a manager with these options serves.
func (o Options) accountKinds() []v1alpha1.AccountKind {
	if len(o.WatchNamespaces) > 0 {
		return []v1alpha1.AccountKind{v1alpha1.TwilioAccountKind}
	}
	return []v1alpha1.AccountKind{v1alpha1.TwilioAccountKind, v1alpha1.ClusterTwilioAccountKind}
}

// shared is what all reconcilers of a manager share.
type shared struct {
	options  Options
	accounts *accounts
	budgets  *budgets
	queues   *queues
	resolver resolver
	fresh    *freshness
	// apiReader reads from the API server itself, past the cache.
	apiReader client.Reader
	recorder  events.EventRecorder
	// warnings are events that are sent only if the trouble lasts.
	warnings *warnings
	// setbacks are requests that the API server refused, statusSetbacks those that were to write a status.
	setbacks, statusSetbacks *setbacks
	// hints and writes connect the drift check with the conversations.
	hints  *hints
	writes *recentWrites
	// looks wakes conversations that the drift check found to differ.
	looks chan event.GenericEvent
	// recheck asks for a check of an account's credentials; halting tells that too much of it vanished.
	recheck, halting map[v1alpha1.AccountKind]chan event.TypedGenericEvent[accountKey]
}

// listLive lists Conversations from the API server itself, in the namespaces that this manager may look at. One of several
// that it may not look at counts as one that it does not watch.
func (s shared) listLive(ctx context.Context, opts ...client.ListOption) ([]v1alpha1.Conversation, error) {
	if len(s.options.WatchNamespaces) == 0 {
		return s.listNamespace(ctx, metav1.NamespaceAll, opts...)
	}
	var out []v1alpha1.Conversation
	for _, ns := range s.options.WatchNamespaces {
		found, err := s.listNamespace(ctx, ns, opts...)
		if err != nil && !apierrors.IsForbidden(err) {
			return nil, err
		}
		out = append(out, found...)
	}
	return out, nil
}

// listNamespace lists the Conversations of one namespace, or of all, from the API server itself.
func (s shared) listNamespace(ctx context.Context, namespace string, opts ...client.ListOption) ([]v1alpha1.Conversation, error) {
	var list v1alpha1.ConversationList
	if err := s.apiReader.List(ctx, &list, append(opts, client.InNamespace(namespace))...); err != nil {
		return nil, fmt.Errorf("listing the conversations: %w", err)
	}
	return list.Items, nil
}
