// Copyright The conversations-operator Authors
// SPDX-License-Identifier: Apache-2.0

package cli

import (
	"cmp"
	"context"
	"errors"
	"fmt"
	"slices"

	"github.com/conversations-operator/conversations-operator/api/v1alpha1"
	"github.com/conversations-operator/conversations-operator/internal/plan"
	"github.com/conversations-operator/conversations-operator/internal/preview"
	"github.com/conversations-operator/conversations-operator/internal/tenancy"
)

// foresight previews what the operator would do for objects, in order.
type foresight struct {
	*session
	clusterNames *clusterNames
	offline      bool
	// given is the account which the environment or the flags choose for all objects; nil: each object uses its own account.
	given *access
	// opened maps the accountRef of objects to an account. The name in the reference starts with the namespace of the objects.
	// accesses maps the key of an account to its client.
	opened   map[v1alpha1.AccountReference]*opened
	accesses map[string]*access
	// batches hold the conversations read beforehand from lists.
	batches map[*access]*preview.Batch
	// creations hold the conversations which earlier objects would create or rename.
	creations map[*access]preview.Creations
	// taken maps a sid to the earlier object which would manage the conversation.
	taken map[string]string
	// holders maps a sid to the objects of the cluster which manage the conversation; nil: not read.
	holders map[string][]string
}

// opened is the result of opening an account. A nil access means an account which cannot be used; facts hold the reason.
type opened struct {
	access *access
	facts  plan.Account
}

func (s *session) foresee(ctx context.Context, clusterName string, offline bool) (*foresight, error) {
	f := &foresight{
		session: s, clusterNames: s.clusterNames(clusterName), offline: offline, opened: map[v1alpha1.AccountReference]*opened{},
		accesses: map[string]*access{}, batches: map[*access]*preview.Batch{},
		creations: map[*access]preview.Creations{}, taken: map[string]string{},
	}
	var err error
	if offline && (clusterName == "" || !s.environment()) {
		return nil, errors.New("--offline needs --cluster-name and credentials in the environment")
	}
	if s.explicit() {
		if f.given, err = s.access(ctx); err != nil {
			return nil, err
		}
	}
	if !offline {
		// Report a missing or invalid kubeconfig before reading any manifest.
		_, err = s.cluster()
	}
	return f, err
}

func (f *foresight) account(ctx context.Context, conv *v1alpha1.Conversation) (*access, plan.Account, error) {
	if f.given != nil {
		return f.given, plan.Account{SID: f.given.sid, Region: f.given.region, Key: f.given.source}, nil
	}
	// The namespace and the accountRef determine the account: objects with the same namespace and reference share an account.
	key := v1alpha1.AccountReference{Name: conv.Namespace + "/"}
	if ref := conv.Spec.AccountRef; ref != nil {
		key = v1alpha1.AccountReference{Kind: ref.Kind, Name: conv.Namespace + "/" + ref.Name}
	}
	if o := f.opened[key]; o != nil {
		return o.access, o.facts, nil
	}
	c, err := f.cluster()
	if err != nil {
		return nil, plan.Account{}, err
	}
	a, facts, err := f.accountOf(ctx, c, conv)
	if err == nil {
		f.opened[key] = &opened{a, facts}
	}
	return a, facts, err
}

// accountOf opens the account which the operator would use for the object, each account once. A nil access means an account
// which cannot be used; the facts then hold the reason.
func (f *foresight) accountOf(ctx context.Context, c *cluster, conv *v1alpha1.Conversation) (*access, plan.Account, error) {
	acct, facts, err := tenancy.AccountOf(ctx, c, conv)
	if err != nil {
		return nil, facts, c.fails(err)
	}
	if acct == nil || facts.Reason != "" {
		return nil, facts, nil
	}
	a := f.accesses[facts.Key]
	if a == nil {
		if a, err = f.openAccount(ctx, c, acct); err != nil {
			return nil, facts, err
		}
		f.accesses[facts.Key] = a
	}
	facts.SID = cmp.Or(facts.SID, a.sid)
	return a, facts, nil
}

// expect reads the conversations with which the previews of the objects begin: from lists, if lists take fewer requests than
// a fetch of each conversation. report is called with the number of conversations found on a page.
func (f *foresight) expect(ctx context.Context, convs []*v1alpha1.Conversation, report func(found int)) error {
	adoptions := 0
	for _, conv := range convs {
		a, facts, err := f.account(ctx, conv)
		if err != nil {
			return failsFor(conv, err)
		}
		if a == nil {
			continue
		}
		if f.batches[a] == nil {
			f.batches[a] = preview.NewBatch(a.Client)
		}
		p, err := f.preview(ctx, a, conv.Namespace)
		if err != nil {
			return failsFor(conv, err)
		}
		if place, ok := p.Place(conv, facts); ok {
			f.batches[a].Add(place, conv)
			if conv.Status.Origin == "" {
				adoptions++
			}
		}
	}
	if err := f.knowHolders(ctx, adoptions); err != nil {
		return err
	}
	for _, b := range f.batches {
		if err := b.Read(ctx, report); err != nil {
			return err
		}
	}
	return nil
}

// knowHolders lists the objects which manage conversations if many objects are to adopt a conversation: a single list takes
// fewer requests than a query for each adoption.
func (f *foresight) knowHolders(ctx context.Context, adoptions int) error {
	if f.offline || adoptions <= many {
		return nil
	}
	c, err := f.cluster()
	if err != nil {
		return err
	}
	f.holders = map[string][]string{}
	return c.each(ctx, "", func(conv *v1alpha1.Conversation) error {
		if sid := conv.OwnSID(); sid != "" && conv.Status.Origin != "" {
			f.holders[sid] = append(f.holders[sid], conv.Namespace+"/"+conv.Name)
		}
		return nil
	})
}

// preview returns the preview for the objects of a namespace which use the account. A nil access means an account which
// cannot be used.
func (f *foresight) preview(ctx context.Context, a *access, namespace string) (*preview.Preview, error) {
	cluster, err := f.clusterNames.of(ctx, namespace)
	if err != nil {
		return nil, err
	}
	p := &preview.Preview{
		ManagedBy: f.managedBy,
		Generated: func(namespace, name string) string { return plan.GeneratedName(cluster.name, namespace, name) },
	}
	if a != nil {
		if f.creations[a] == nil {
			f.creations[a] = preview.Creations{}
		}
		p.Client, p.Batch, p.Creations, p.Service = a.Client, f.batches[a], f.creations[a], a.service
	}
	return p, nil
}

// failsFor adds the name of the object to an error.
func failsFor(conv *v1alpha1.Conversation, err error) error {
	return fmt.Errorf("%s/%s: %w", conv.Namespace, conv.Name, err)
}

// of returns what the operator would do for the object.
func (f *foresight) of(ctx context.Context, conv *v1alpha1.Conversation) (*preview.Outcome, error) {
	a, facts, err := f.account(ctx, conv)
	if err != nil {
		return nil, failsFor(conv, err)
	}
	p, err := f.preview(ctx, a, conv.Namespace)
	if err != nil {
		return nil, failsFor(conv, err)
	}
	out, err := p.For(ctx, conv, facts)
	if err != nil {
		return nil, failsFor(conv, err)
	}
	if out.SID != "" && !out.Refused() {
		f.taken[out.SID] = conv.Namespace + "/" + conv.Name
	}
	return out, nil
}

func (f *foresight) managedBy(ctx context.Context, conv *v1alpha1.Conversation, sid string) (string, error) {
	itself := conv.Namespace + "/" + conv.Name
	if other := f.taken[sid]; other != "" && other != itself {
		return other, nil
	}
	if f.offline {
		return "", nil
	}
	if f.holders != nil {
		i := slices.IndexFunc(f.holders[sid], func(holder string) bool { return holder != itself })
		if i < 0 {
			return "", nil
		}
		return f.holders[sid][i], nil
	}
	c, err := f.cluster()
	if err != nil {
		return "", err
	}
	return c.managedBy(ctx, conv, sid)
}
