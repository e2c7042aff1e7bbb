// Copyright The conversations-operator Authors
// SPDX-License-Identifier: Apache-2.0

// Package options has what the flags of the manager say.
package options

import (
	"net/http"
	"time"

	"k8s.io/apimachinery/pkg/labels"

	"github.com/conversations-operator/conversations-operator/api/v1alpha1"
	"github.com/conversations-operator/conversations-operator/internal/tenancy"
)

// Manager are what the manager's flags say.
type Manager struct {
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

// AccountKinds are the kinds of accounts that a manager with these options serves.
func (o Manager) AccountKinds() []v1alpha1.AccountKind {
	if len(o.WatchNamespaces) > 0 {
		return []v1alpha1.AccountKind{v1alpha1.TwilioAccountKind}
	}
	return tenancy.AllKinds
}

// Sharer names this manager to others that manage conversations of the same account; empty: it manages all of them.
func (o Manager) Sharer() string {
	if o.WatchLabelSelector == nil {
		return ""
	}
	return o.WatchLabelSelector.String()
}
