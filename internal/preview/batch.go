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
	"github.com/conversations-operator/conversations-operator/internal/walk"
)

// few is the number of conversations up to which a batch reads no list: a list could save no more requests than a list
// without the wanted conversations would waste.
const few = 5

// Place locates a conversation by its Conversation Service, "" for the account's default service, and its sid.
type Place struct{ Service, SID string }

// Place returns the conversation which For would fetch first for the object; not ok: For would begin with another step.
func (p *Preview) Place(conv *v1alpha1.Conversation, acct plan.Account) (place Place, ok bool) {
	step, _ := walk.Foretell(p.start(conv), acct, time.Now())
	return Place{step.Service, step.Target}, step.Verb == plan.Fetch
}

// Batch reads many conversations of an account together, from the pages of lists while the pages take fewer requests than
// a fetch of each conversation.
type Batch struct {
	client   *twilio.Client
	services map[string]*wanted
	found    map[Place]*twilio.Conversation
}

// NewBatch returns an empty batch for the client's account.
func NewBatch(c *twilio.Client) *Batch {
	return &Batch{client: c, services: map[string]*wanted{}, found: map[Place]*twilio.Conversation{}}
}

// wanted holds the wanted conversations of a service.
type wanted struct {
	// unseen maps the sid of a conversation not yet found to the recorded date of its last update; zero: no recorded date.
	unseen map[string]time.Time
	// from and to are the earliest and the latest recorded date of creation. unbound: the dates of a conversation are not
	// recorded, so the list must cover all dates.
	from, to time.Time
	unbound  bool
}

// Add adds the conversation of an object to the batch.
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

// Read reads the lists, and calls report after each page with the number of wanted conversations on the page. The preview
// later fetches every conversation which the lists lack, or show in an older state: absence from a list is no proof.
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
			// Credentials without the permission to list may still fetch. The preview of each object reports a missing service.
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
		// With this bound, the batch costs at most twice as many requests as the cheaper way, like the operator's own first
		// drift check.
		if pages++; pages >= len(w.unseen) {
			return nil
		}
	}
	return nil
}

// sees reports whether the conversation is wanted, and not older than the recorded state. A seen conversation is no longer
// wanted.
func (w *wanted) sees(conv *twilio.Conversation) bool {
	updated, ok := w.unseen[conv.SID]
	if !ok || conv.DateUpdated != nil && conv.DateUpdated.Before(updated) {
		return false
	}
	delete(w.unseen, conv.SID)
	return true
}

// options returns the options of a list with dates: the order of such a list is stable while the batch reads the pages.
func (w *wanted) options() twilio.ListOptions {
	if w.unbound {
		return twilio.ListOptions{StartDate: time.Unix(0, 0), SkipUnreadable: true}
	}
	return twilio.ListOptions{StartDate: w.from, EndDate: w.to, SkipUnreadable: true}
}
