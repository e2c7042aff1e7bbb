// Copyright The conversations-operator Authors
// SPDX-License-Identifier: Apache-2.0

package controller

import (
	"sync"
	"sync/atomic"
	"time"

	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
	"k8s.io/apimachinery/pkg/types"
	"sigs.k8s.io/controller-runtime/pkg/client"

	"github.com/conversations-operator/conversations-operator/api/v1alpha1"
	"github.com/conversations-operator/conversations-operator/internal/twilio"
)

// Account is what TwilioAccount and ClusterTwilioAccount have in common.
type Account interface {
	client.Object
	AccountKind() v1alpha1.AccountKind
	CommonSpec() *v1alpha1.CommonAccountSpec
	CommonStatus() *v1alpha1.AccountStatus
	CredentialsSecret() types.NamespacedName
}

// accountKey names an account object; Namespace is empty for the cluster kind.
type accountKey struct {
	Kind v1alpha1.AccountKind
	types.NamespacedName
}

func keyOf(a Account) accountKey {
	return accountKey{a.AccountKind(), types.NamespacedName{Namespace: a.GetNamespace(), Name: a.GetName()}}
}

// String is for messages: `TwilioAccount "default"`.
func (k accountKey) String() string { return string(k.Kind) + ` "` + k.Name + `"` }

// index is the value that the field index of Conversations holds.
func (k accountKey) index() string { return string(k.Kind) + "/" + k.NamespacedName.String() }

// object answers an empty object to read the account into.
func (k accountKey) object() Account {
	if k.Kind == v1alpha1.ClusterTwilioAccountKind {
		return &v1alpha1.ClusterTwilioAccount{}
	}
	return &v1alpha1.TwilioAccount{}
}

// credentialsVersion tells apart everything a client is made from.
type credentialsVersion struct {
	secret       v1alpha1.CredentialsStatus
	region, edge string
}

// liveAccount is an account that this process can talk for.
type liveAccount struct {
	client  *twilio.Client
	budget  *twilio.Budget
	version credentialsVersion
	// sid of the account that the credentials belong to; empty if Twilio does not tell. Whatever is concluded from an
	// answer to this client is concluded for this account.
	sid string
	// suspect: Twilio rejected its credentials since they were last found good; nobody else asks until that is checked.
	suspect atomic.Bool
	// skew is how far the operator's clock is ahead of Twilio's, in nanoseconds, once known.
	skew      atomic.Int64
	skewKnown atomic.Bool
}

// observeClock notes what an answer says of Twilio's clock.
func (l *liveAccount) observeClock(server time.Time) {
	if server.IsZero() {
		return
	}
	l.skew.Store(int64(time.Since(server)))
	l.skewKnown.Store(true)
}

// accounts holds the accounts of this process, filled by the account controllers and read by the others.
type accounts struct {
	mu   sync.RWMutex
	live map[accountKey]*liveAccount
	// halts are the accounts whose vanished conversations wait for a word of the user, until the status shows it.
	halts map[accountKey]bool
	// gone are the objects whose conversation was found to have vanished since the last drift check, by others than it.
	gone map[accountKey]map[types.UID]bool
}

func newAccounts() *accounts {
	return &accounts{live: map[accountKey]*liveAccount{}, halts: map[accountKey]bool{}, gone: map[accountKey]map[types.UID]bool{}}
}

func (a *accounts) halt(key accountKey, on bool) {
	a.mu.Lock()
	defer a.mu.Unlock()
	if on {
		a.halts[key] = true
	} else {
		delete(a.halts, key)
	}
}

func (a *accounts) halted(key accountKey) bool {
	a.mu.RLock()
	defer a.mu.RUnlock()
	return a.halts[key]
}

// vanish notes an object whose conversation vanished, and answers how many there are since the last drift check.
func (a *accounts) vanish(key accountKey, uid types.UID) int {
	a.mu.Lock()
	defer a.mu.Unlock()
	if a.gone[key] == nil {
		a.gone[key] = map[types.UID]bool{}
	}
	a.gone[key][uid] = true
	return len(a.gone[key])
}

func (a *accounts) vanished(key accountKey) int {
	a.mu.RLock()
	defer a.mu.RUnlock()
	return len(a.gone[key])
}

// counted begins to count anew: a drift check has taken into account what vanished before.
func (a *accounts) counted(key accountKey) {
	a.mu.Lock()
	defer a.mu.Unlock()
	delete(a.gone, key)
}

func (a *accounts) lookup(key accountKey) *liveAccount {
	a.mu.RLock()
	defer a.mu.RUnlock()
	return a.live[key]
}

func (a *accounts) set(key accountKey, live *liveAccount) {
	a.mu.Lock()
	defer a.mu.Unlock()
	a.live[key] = live
}

func (a *accounts) drop(key accountKey) {
	a.mu.Lock()
	defer a.mu.Unlock()
	delete(a.live, key)
}

func readyOf(conditions []metav1.Condition) metav1.Condition {
	for _, c := range conditions {
		if c.Type == v1alpha1.ConditionReady {
			return c
		}
	}
	return metav1.Condition{Status: metav1.ConditionUnknown}
}
