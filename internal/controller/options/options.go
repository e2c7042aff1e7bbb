// Copyright The conversations-operator Authors
// SPDX-License-Identifier: Apache-2.0

// Package options has the values of the manager's flags.
package options

import (
	"net/http"
	"time"

	"k8s.io/apimachinery/pkg/labels"

	"github.com/conversations-operator/conversations-operator/api/v1alpha1"
	"github.com/conversations-operator/conversations-operator/internal/tenancy"
)

// Manager has the values of the manager's flags.
type Manager struct {
	// ClusterName is part of every generated unique name: a rebuilt cluster finds its conversations under the same name.
	ClusterName string
	// TwilioBaseURL stands in for Twilio's hosts, for every account; empty: Twilio's hosts.
	TwilioBaseURL string
	// WatchNamespaces are the only namespaces of this manager; empty: all. A manager of some namespaces serves no
	// ClusterTwilioAccounts, because the manager could not tell who needs them, and needs no permission beyond its
	// namespaces.
	WatchNamespaces []string
	// WatchLabelSelector chooses the Conversations which this manager keeps; nil: all.
	WatchLabelSelector labels.Selector
	// Shards is how many managers, this manager included, share the Twilio accounts: each keeps to its part of their
	// limits. Zero: this manager alone.
	Shards int
	// MaxConcurrentReconciles is how many Conversations are worked on at a time, without the Conversations waiting for
	// Twilio.
	MaxConcurrentReconciles int
	// RequestTimeout bounds one request to Twilio; zero: [twilio.DefaultTimeout].
	RequestTimeout time.Duration
	// UserAgent of requests to Twilio.
	UserAgent string
	// Transport sends the requests to Twilio; nil: the default transport.
	Transport http.RoundTripper
}

// AccountKinds are the kinds of accounts which a manager with these options serves.
func (o Manager) AccountKinds() []v1alpha1.AccountKind {
	if len(o.WatchNamespaces) > 0 {
		return []v1alpha1.AccountKind{v1alpha1.TwilioAccountKind}
	}
	return tenancy.AllKinds
}

// Sharer names this manager to the other managers of the same account; empty: this manager manages all conversations.
func (o Manager) Sharer() string {
	if o.WatchLabelSelector == nil {
		return ""
	}
	return o.WatchLabelSelector.String()
}
