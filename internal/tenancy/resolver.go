// Copyright The conversations-operator Authors
// SPDX-License-Identifier: Apache-2.0

// Package tenancy says who uses which account: which account a Conversation uses and may use, which Conversations need
// an account, and which credentials a Secret holds. The package only reads.
package tenancy

import (
	"context"
	"fmt"
	"slices"

	corev1 "k8s.io/api/core/v1"
	apierrors "k8s.io/apimachinery/pkg/api/errors"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
	"k8s.io/apimachinery/pkg/labels"
	"k8s.io/apimachinery/pkg/types"
	"sigs.k8s.io/controller-runtime/pkg/client"

	"github.com/conversations-operator/conversations-operator/api/v1alpha1"
	"github.com/conversations-operator/conversations-operator/internal/plan"
)

// defaultAccount is the name of the account that a Conversation without accountRef uses.
const defaultAccount = "default"

// KeysOf lists the accounts which a Conversation may use. The Conversation uses the first account that exists.
func KeysOf(conv *v1alpha1.Conversation) []Key {
	own := func(name string) Key {
		return Key{v1alpha1.TwilioAccountKind, types.NamespacedName{Namespace: conv.Namespace, Name: name}}
	}
	cluster := func(name string) Key {
		return Key{v1alpha1.ClusterTwilioAccountKind, types.NamespacedName{Name: name}}
	}
	switch ref := conv.Spec.AccountRef; {
	case ref == nil:
		return []Key{own(defaultAccount), cluster(defaultAccount)}
	case ref.Kind == v1alpha1.ClusterTwilioAccountKind:
		return []Key{cluster(ref.Name)}
	default:
		return []Key{own(ref.Name)}
	}
}

// Resolver finds the account of a Conversation.
type Resolver struct {
	client.Reader
	// Kinds of accounts served by this manager.
	Kinds []v1alpha1.AccountKind
	// ghosts are deleted objects which still need their account; nil: none.
	ghosts func() []v1alpha1.Conversation
}

// NewResolver makes a resolver for a manager of some kinds of accounts. ghosts are Conversations which need their
// account although Kubernetes has them no more; nil: none.
func NewResolver(r client.Reader, kinds []v1alpha1.AccountKind, ghosts func() []v1alpha1.Conversation) Resolver {
	return Resolver{r, kinds, ghosts}
}

// Serves tells whether this manager serves accounts of the kind.
func (r Resolver) Serves(key Key) bool { return slices.Contains(r.Kinds, key.Kind) }

// Resolve answers the account of the Conversation, or a message for the user why the Conversation has no account.
func (r Resolver) Resolve(ctx context.Context, conv *v1alpha1.Conversation) (Account, string, error) {
	for _, key := range KeysOf(conv) {
		if !r.Serves(key) {
			continue
		}
		acct := key.Object()
		err := r.Get(ctx, key.NamespacedName, acct)
		if apierrors.IsNotFound(err) {
			continue
		}
		if err != nil {
			return nil, "", fmt.Errorf("reading %s: %w", key, err)
		}
		message, err := r.notAllowed(ctx, acct, conv.Namespace)
		if err != nil || message != "" {
			return nil, message, err
		}
		return acct, "", nil
	}
	if conv.Spec.AccountRef == nil {
		return nil, `There is no account: create a TwilioAccount named "default" in this namespace, or name one in spec.accountRef of a new object.`, nil
	}
	key := KeysOf(conv)[0]
	if !r.Serves(key) {
		return nil, fmt.Sprintf("%s is not served here: this manager is limited to some namespaces. Name a TwilioAccount in a new object.", key), nil
	}
	return nil, fmt.Sprintf("%s does not exist: create it, or delete this object.", key), nil
}

// notAllowed says why the namespace may not use the account; empty if the namespace may.
func (r Resolver) notAllowed(ctx context.Context, acct Account, namespace string) (string, error) {
	shared, ok := acct.(*v1alpha1.ClusterTwilioAccount)
	if !ok {
		return "", nil
	}
	allowed, err := r.allows(ctx, shared.Spec.AllowedNamespaces, namespace)
	if err != nil || allowed {
		return "", err
	}
	return fmt.Sprintf("%s does not allow namespace %q: ask its owner to add it to spec.allowedNamespaces.", KeyOf(acct), namespace), nil
}

func (r Resolver) allows(ctx context.Context, allowed *v1alpha1.AllowedNamespaces, namespace string) (bool, error) {
	switch {
	case allowed == nil:
		return false, nil
	case slices.Contains(allowed.Names, namespace):
		return true, nil
	case allowed.Selector == nil:
		return false, nil
	}
	selector, err := metav1.LabelSelectorAsSelector(allowed.Selector)
	if err != nil {
		// A selector with a syntax error selects no namespace.
		return false, nil
	}
	ns := &metav1.PartialObjectMetadata{}
	ns.SetGroupVersionKind(corev1.SchemeGroupVersion.WithKind("Namespace"))
	if err := r.Get(ctx, types.NamespacedName{Name: namespace}, ns); err != nil {
		return false, fmt.Errorf("reading the labels of namespace %s: %w", namespace, err)
	}
	return selector.Matches(labels.Set(ns.Labels)), nil
}

// UsedBy lists the Conversations which use the account and need the account until they are gone.
func (r Resolver) UsedBy(ctx context.Context, key Key) ([]v1alpha1.Conversation, error) {
	var list v1alpha1.ConversationList
	if err := r.List(ctx, &list, client.MatchingFields{IndexAccount: key.Index()}, client.UnsafeDisableDeepCopy); err != nil {
		return nil, fmt.Errorf("listing the conversations of %s: %w", key, err)
	}
	return r.Users(ctx, key, list.Items), nil
}

// Users keeps the Conversations which need the account.
func (r Resolver) Users(ctx context.Context, key Key, items []v1alpha1.Conversation) []v1alpha1.Conversation {
	known := map[Key]Account{}
	lookup := func(key Key) Account {
		acct, ok := known[key]
		if !ok {
			if acct = key.Object(); !r.Serves(key) || r.Get(ctx, key.NamespacedName, acct) != nil {
				acct = nil
			}
			known[key] = acct
		}
		return acct
	}
	var ghosts []v1alpha1.Conversation
	if r.ghosts != nil {
		ghosts = r.ghosts()
	}
	return slices.DeleteFunc(append(items, ghosts...), func(conv v1alpha1.Conversation) bool {
		return !Needs(&conv) || neededBy(&conv, lookup) != key
	})
}

// Needs tells whether Twilio has, or may have, a conversation of the object: the object holds the finalizer, or lost
// the finalizer and is to get the finalizer back.
func Needs(conv *v1alpha1.Conversation) bool {
	return slices.Contains(conv.Finalizers, v1alpha1.Finalizer) || conv.DeletionTimestamp.IsZero() && owns(conv)
}

// owns tells whether the object's record has a conversation, or a create was announced for the object.
func owns(conv *v1alpha1.Conversation) bool {
	if conv.OwnSID() != "" {
		return true
	}
	intent := plan.ParseIntent(conv.Annotations[v1alpha1.CreateIntentAnnotation])
	return intent != nil && intent.UID == string(conv.UID)
}

// neededBy answers the account which the Conversation needs until the Conversation is gone: the first account that
// exists. An account which came first only after the conversation was made in the other account's Twilio account does
// not count.
func neededBy(conv *v1alpha1.Conversation, lookup func(Key) Account) Key {
	keys := KeysOf(conv)
	if len(keys) == 1 {
		return keys[0]
	}
	needed := Key{}
	for _, key := range keys {
		acct := lookup(key)
		if acct == nil {
			continue
		}
		sid, made := acct.CommonStatus().AccountSID, ""
		if conv.Recorded() {
			made = conv.Status.AccountSID
		}
		switch {
		case needed == Key{}:
			needed = key
			if sid == "" || made == "" || sid == made {
				return key
			}
		case sid != "" && sid == made:
			return key
		}
	}
	return needed
}

// SayLeaving is the message for an object whose account is being deleted.
func SayLeaving(key Key) string {
	return fmt.Sprintf("%s is being deleted: use another account, or delete this object.", key)
}

// SayNotReady is the message for an object whose account is not ready.
func SayNotReady(key Key, reason string) string {
	return fmt.Sprintf("%s is not ready (%s): see its conditions.", key, reason)
}
