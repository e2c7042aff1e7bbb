// Copyright The conversations-operator Authors
// SPDX-License-Identifier: Apache-2.0

package controller

import (
	"cmp"
	"context"
	"crypto/sha256"
	"fmt"
	"sync"
	"sync/atomic"

	"k8s.io/apimachinery/pkg/api/equality"
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
	// secret is the version of the Secret in which its content was first seen.
	secret v1alpha1.CredentialsStatus
	// content is a digest, which leaves this process as little as the content does.
	content      [sha256.Size]byte
	region, edge string
}

// liveAccount is an account that this process can talk for.
type liveAccount struct {
	client *twilio.Client
	// budget is the Twilio account's, most how many requests the object allows to be under way (0: it does not say).
	budget  *twilio.Budget
	most    int
	version credentialsVersion
	// sid of the account that the credentials belong to, as Twilio told when they were checked; empty if it did not tell.
	// Whatever is concluded from an answer to this client is concluded for this account.
	sid string
	// suspect: Twilio rejected its credentials since they were last found good; nobody else asks until that is checked.
	suspect atomic.Bool
	// claimed is the account that the Secret names, which proves nothing.
	claimed string
	// told is the account that an answer to this client named; nil: none did.
	told atomic.Pointer[string]
	// service is the account's default Conversation Service, as an answer said; nil: none did.
	service atomic.Pointer[string]
	// clock is Twilio's.
	clock clock
	// keepsMarks: an answer to a create showed the mark that was sent.
	keepsMarks atomic.Bool
}

// hear notes the account that an answer names. news: nobody knew it, or it is another than the credentials are for, so
// that the credentials are to be checked again.
func (l *liveAccount) hear(sid string) (news bool) {
	if sid == "" || sid == l.sid {
		return false
	}
	was := l.told.Swap(&sid)
	return was == nil || *was != sid
}

// serves notes the account's default Conversation Service.
func (l *liveAccount) serves(sid string) {
	if sid != "" {
		l.service.Store(&sid)
	}
}

// inherit takes over what another client of the same credentials learned.
func (l *liveAccount) inherit(other *liveAccount) {
	if last := other.clock.last.Load(); last != nil {
		l.clock.last.Store(last)
	}
	if service := other.service.Load(); service != nil {
		l.service.Store(service)
	}
	if other.keepsMarks.Load() {
		l.keepsMarks.Store(true)
	}
}

// regionOf is the Region that the account leads to; empty: us1.
func regionOf(acct Account) string {
	if region := acct.CommonSpec().Region; region != v1alpha1.DefaultRegion {
		return region
	}
	return ""
}

// contradicted tells whether an answer named another account than the credentials are for.
func (l *liveAccount) contradicted() bool {
	want := cmp.Or(l.sid, l.claimed)
	return want != "" && l.tells() != want
}

// tells is the account that answers to this client named; empty if none did.
func (l *liveAccount) tells() string {
	if told := l.told.Load(); told != nil {
		return *told
	}
	return l.sid
}

// accounts holds the accounts of this process, filled by the account controllers and read by the others.
type accounts struct {
	mu   sync.RWMutex
	live map[accountKey]*liveAccount
	// halts are the accounts whose vanished conversations wait for a word of the user: the status shows it later.
	halts map[accountKey]bool
	// gone are the objects whose conversation was found to have vanished since the last drift check, by others than it.
	gone map[accountKey]map[types.UID]bool
	// waiting are the keys of those who are woken once their account is connected.
	waiting map[accountKey]map[string]bool
	wake    func(key string)
	// rejections are the credentials that Twilio does not take.
	rejections map[accountKey]rejection
	// versions are the credentials that were last seen.
	versions map[accountKey]credentialsVersion
}

func newAccounts(wake func(key string)) *accounts {
	return &accounts{
		live: map[accountKey]*liveAccount{}, halts: map[accountKey]bool{}, gone: map[accountKey]map[types.UID]bool{},
		waiting: map[accountKey]map[string]bool{}, rejections: map[accountKey]rejection{}, versions: map[accountKey]credentialsVersion{},
		wake: wake,
	}
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

// forget ends what is remembered of an account that is gone: one made anew under its name begins without it.
func (a *accounts) forget(key accountKey) {
	a.halt(key, false)
	a.counted(key)
	a.drop(key)
	a.mu.Lock()
	defer a.mu.Unlock()
	delete(a.versions, key)
}

// seen answers the version under which the credentials are known: labels, annotations and finalizers of a Secret change its
// resource version, and mean nothing. anew forgets what was known of them.
func (a *accounts) seen(key accountKey, version credentialsVersion, anew bool) credentialsVersion {
	a.mu.Lock()
	defer a.mu.Unlock()
	known, ok := a.versions[key]
	same := known
	same.secret.SecretResourceVersion = version.secret.SecretResourceVersion
	if ok && !anew && same == version {
		return known
	}
	a.versions[key] = version
	return version
}

func (a *accounts) lookup(key accountKey) *liveAccount {
	a.mu.RLock()
	defer a.mu.RUnlock()
	return a.live[key]
}

// set connects an account, and wakes who waits for that.
func (a *accounts) set(key accountKey, live *liveAccount) { a.change(key, live) }

// drop disconnects an account. Who waits is woken too: what is wrong with the account is to be told.
func (a *accounts) drop(key accountKey) { a.change(key, nil) }

func (a *accounts) change(key accountKey, live *liveAccount) {
	a.mu.Lock()
	was := a.live[key]
	if live == nil {
		delete(a.live, key)
	} else {
		a.live[key] = live
		a.bound(live.budget)
	}
	if was != nil {
		a.bound(was.budget)
	}
	waiting := a.waiting[key]
	delete(a.waiting, key)
	delete(a.rejections, key)
	a.mu.Unlock()
	for object := range waiting {
		a.wake(object)
	}
}

// await lets an object be woken once its account is connected anew; false if that happened since it had the account.
func (a *accounts) await(key accountKey, had *liveAccount, object string) bool {
	a.mu.Lock()
	defer a.mu.Unlock()
	if a.live[key] != had {
		return false
	}
	if a.waiting[key] == nil {
		a.waiting[key] = map[string]bool{}
	}
	a.waiting[key][object] = true
	return true
}

// bound lets a budget have the least of what the objects that lead to it allow.
func (a *accounts) bound(budget *twilio.Budget) {
	most := 0
	for _, live := range a.live {
		if own := cmp.Or(live.most, twilio.DefaultMaxConcurrent); live.budget == budget && (most == 0 || own < most) {
			most = own
		}
	}
	budget.SetMost(most)
}

// throttled wakes the accounts that lead to a budget, whose status is to tell that it is held for long.
func (a *accounts) throttled(budget *twilio.Budget) {
	a.mu.RLock()
	var keys []accountKey
	for key, live := range a.live {
		if live.budget == budget {
			keys = append(keys, key)
		}
	}
	a.mu.RUnlock()
	for _, key := range keys {
		a.wake(waking(string(key.Kind), key.NamespacedName))
	}
}

// writeStatus writes what changed in an account's status. Its two controllers write it side by side.
func writeStatus(ctx context.Context, c client.Client, fresh *freshness, before, acct Account) error {
	was, is := before.CommonStatus(), acct.CommonStatus()
	if equality.Semantic.DeepEqual(was, is) {
		return nil
	}
	patch := client.MergeFrom(before)
	if !equality.Semantic.DeepEqual(was.Conditions, is.Conditions) {
		// A patch replaces the conditions as a whole, and both controllers write them.
		patch = client.MergeFromWithOptions(before, client.MergeFromWithOptimisticLock{})
	}
	if err := c.Status().Patch(ctx, acct, patch); err != nil {
		return fmt.Errorf("writing the status of %s: %w", keyOf(acct), err)
	}
	fresh.wrote(acct)
	return nil
}

func readyOf(conditions []metav1.Condition) metav1.Condition {
	for _, c := range conditions {
		if c.Type == v1alpha1.ConditionReady {
			return c
		}
	}
	return metav1.Condition{Status: metav1.ConditionUnknown}
}
