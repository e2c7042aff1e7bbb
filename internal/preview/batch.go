// Copyright The conversations-operator Authors
// SPDX-License-Identifier: Apache-2.0

package preview

import (
	"context"
	"errors"
	"maps"
	"slices"
	"time"

	"github.com/conversations-operator/conversations-operator/api/v1alpha1"
	"github.com/conversations-operator/conversations-operator/internal/plan"
	"github.com/conversations-operator/conversations-operator/internal/twilio"
)

// few conversations are asked for one by one: a list could save no more requests than it may cost in vain.
const few = 5

// Place is where a conversation is: its Conversation Service, "" for the account's default one, and its sid.
type Place struct{ Service, SID string }

// Place answers which conversation For would fetch first for the object; not ok: it would begin otherwise.
func (p *Preview) Place(conv *v1alpha1.Conversation, acct plan.Account) (place Place, ok bool) {
	w := &walk{Preview: p, out: &Outcome{}, conv: conv.DeepCopy(), acct: acct}
	w.begin()
	step := plan.For(w.facts)
	return Place{step.Service, step.Target}, step.Verb == plan.Fetch
}

// Batch reads conversations of one account that are wanted together: from pages of a list while that takes fewer
// requests than to ask for each.
type Batch struct {
	client   *twilio.Client
	services map[string]*wanted
	found    map[Place]*twilio.Conversation
}

// NewBatch makes one of the client's account, without a conversation.
func NewBatch(c *twilio.Client) *Batch {
	return &Batch{client: c, services: map[string]*wanted{}, found: map[Place]*twilio.Conversation{}}
}

// wanted are the conversations of one service.
type wanted struct {
	// unseen are when each was updated, by sid, as far as is recorded.
	unseen map[string]time.Time
	// from and to bound their creation, unless that of one is unknown.
	from, to time.Time
	unbound  bool
}

// Add notes a conversation that is wanted for the object.
func (b *Batch) Add(place Place, conv *v1alpha1.Conversation) {
	w := b.services[place.Service]
	if w == nil {
		w = &wanted{unseen: map[string]time.Time{}}
		b.services[place.Service] = w
	}
	w.add(place.SID, &conv.Status)
}

func (w *wanted) add(sid string, status *v1alpha1.ConversationStatus) {
	if _, ok := w.unseen[sid]; !ok {
		w.unseen[sid] = time.Time{}
	}
	if status.SID != sid || status.DateCreated == nil || status.DateUpdated == nil {
		w.unbound = true
		return
	}
	created, updated := status.DateCreated.Time, status.DateUpdated.Time
	if w.from.IsZero() || created.Before(w.from) {
		w.from = created
	}
	if created.After(w.to) {
		w.to = created
	}
	if updated.After(w.unseen[sid]) {
		w.unseen[sid] = updated
	}
}

// Read asks for lists, and tells after each page how many conversations it had. What lists lack, or show as it was
// before, is left to be fetched: absence from a list proves nothing.
func (b *Batch) Read(ctx context.Context, report func(found int)) error {
	for _, service := range slices.Sorted(maps.Keys(b.services)) {
		if err := b.read(ctx, service, report); err != nil {
			return err
		}
	}
	return nil
}

func (b *Batch) read(ctx context.Context, service string, report func(found int)) error {
	w := b.services[service]
	if len(w.unseen) <= few {
		return nil
	}
	pages := 0
	for page, err := range b.client.Conversations(service).Pages(ctx, w.options()) {
		if errors.Is(err, twilio.ErrNotFound) || errors.Is(err, twilio.ErrDenied) {
			// Who may not list may still fetch, and a service that is gone is for each object to tell.
			return nil
		}
		if err != nil {
			return err
		}
		before := len(w.unseen)
		for _, conv := range page.Conversations {
			if w.sees(conv) {
				b.found[Place{service, conv.SID}] = conv
			}
		}
		report(before - len(w.unseen))
		// So it costs at most twice as much as the better way, as the operator's own first check does.
		if pages++; pages >= len(w.unseen) {
			return nil
		}
	}
	return nil
}

// sees tells whether the conversation is wanted, and not older than what is recorded.
func (w *wanted) sees(conv *twilio.Conversation) bool {
	updated, ok := w.unseen[conv.SID]
	if !ok || conv.DateUpdated != nil && conv.DateUpdated.Before(updated) {
		return false
	}
	delete(w.unseen, conv.SID)
	return true
}

// options are of a list with dates, which stands still while it is read.
func (w *wanted) options() twilio.ListOptions {
	if w.unbound {
		return twilio.ListOptions{StartDate: time.Unix(0, 0), SkipUnreadable: true}
	}
	return twilio.ListOptions{StartDate: w.from, EndDate: w.to, SkipUnreadable: true}
}
