// Copyright The conversations-operator Authors
// SPDX-License-Identifier: Apache-2.0

package conversation

import (
	"maps"
	"sync"
	"time"

	"k8s.io/apimachinery/pkg/types"
	"sigs.k8s.io/controller-runtime/pkg/client"

	"github.com/conversations-operator/conversations-operator/api/v1alpha1"
	"github.com/conversations-operator/conversations-operator/internal/twilio"
)

// forget ends what is remembered of an object that is gone.
func (r *Reconciler) forget(uid types.UID) {
	r.claims.forget(uid)
	r.Fresh.Forget(uid)
	r.unsent.forget(uid)
	r.unsentUpdates.forget(uid)
	r.refusedCreates.forget(uid)
	r.ownUpdates.forget(uid)
	r.journal.forget(uid)
	r.removals.forget(uid)
	r.Writes.forget(uid)
}

// claims holds which object of this process took which conversation, from the answer of Twilio until the status that
// says so can be read by everybody.
type claims struct {
	mu    sync.Mutex
	bySID map[string]types.UID
}

func newClaims() *claims { return &claims{bySID: map[string]types.UID{}} }

// take is true if no other object has the conversation.
func (c *claims) take(sid string, uid types.UID) bool {
	c.mu.Lock()
	defer c.mu.Unlock()
	if owner, ok := c.bySID[sid]; ok && owner != uid {
		return false
	}
	c.bySID[sid] = uid
	return true
}

// give ends the claim.
func (c *claims) give(sid string, uid types.UID) {
	c.mu.Lock()
	defer c.mu.Unlock()
	if c.bySID[sid] == uid {
		delete(c.bySID, sid)
	}
}

// forget ends the claims of an object that is gone.
func (c *claims) forget(uid types.UID) {
	c.mu.Lock()
	defer c.mu.Unlock()
	maps.DeleteFunc(c.bySID, func(_ string, owner types.UID) bool { return owner == uid })
}

// unsent remembers what was announced and certainly did not happen, by the time of the announcement.
type unsent struct {
	mu    sync.Mutex
	times map[types.UID]time.Time
}

func newUnsent() *unsent { return &unsent{times: map[types.UID]time.Time{}} }

func (u *unsent) note(uid types.UID, at time.Time) {
	u.mu.Lock()
	defer u.mu.Unlock()
	u.times[uid] = at
}

func (u *unsent) is(uid types.UID, at time.Time) bool {
	u.mu.Lock()
	defer u.mu.Unlock()
	noted, ok := u.times[uid]
	return ok && noted.Equal(at)
}

func (u *unsent) forget(uid types.UID) {
	u.mu.Lock()
	defer u.mu.Unlock()
	delete(u.times, uid)
}

// removals remembers the conversation that this process deleted for an object, until the object has another: a create in
// its place may have to wait for a seat, and need not ask again whether it is gone.
type removals struct {
	mu   sync.Mutex
	sids map[types.UID]string
}

func newRemovals() *removals { return &removals{sids: map[types.UID]string{}} }

func (r *removals) note(uid types.UID, sid string) {
	r.mu.Lock()
	defer r.mu.Unlock()
	r.sids[uid] = sid
}

// has tells whether the conversation of the object was deleted.
func (r *removals) has(uid types.UID, sid string) bool {
	r.mu.Lock()
	defer r.mu.Unlock()
	return sid != "" && r.sids[uid] == sid
}

func (r *removals) forget(uid types.UID) {
	r.mu.Lock()
	defer r.mu.Unlock()
	delete(r.sids, uid)
}

// Hint is why the drift check wants an object to be looked at.
type Hint struct {
	UID types.UID
	// Listed is what the list had of the conversation, asked for at that time; nil: Twilio is to be asked.
	Listed        *twilio.Conversation
	Asked time.Time
	// Shared: another object has the same conversation in its record.
	Shared bool
}

// hints are the objects that the drift check found to differ, by name, until they were looked at or are gone.
type hints struct {
	mu    sync.Mutex
	noted map[types.NamespacedName]Hint
	kept  int
}

// maxListed bounds how many listed conversations are kept for the objects that are to look at them; the others ask
// Twilio again.
const maxListed = 1000

func newHints() *hints { return &hints{noted: map[types.NamespacedName]Hint{}} }

// Add notes an object to be looked at.
func (h *hints) Add(key types.NamespacedName, why Hint) {
	h.mu.Lock()
	defer h.mu.Unlock()
	h.remove(key)
	if h.kept >= maxListed {
		why.Listed = nil
	}
	if why.Listed != nil {
		h.kept++
	}
	h.noted[key] = why
}

// get answers whether the object is to be looked at, and why.
func (h *hints) get(o client.Object) (why Hint, noted bool) {
	h.mu.Lock()
	defer h.mu.Unlock()
	why, noted = h.noted[client.ObjectKeyFromObject(o)]
	return why, noted && why.UID == o.GetUID()
}

func (h *hints) drop(key types.NamespacedName) {
	h.mu.Lock()
	defer h.mu.Unlock()
	h.remove(key)
}

func (h *hints) remove(key types.NamespacedName) {
	if h.noted[key].Listed != nil {
		h.kept--
	}
	delete(h.noted, key)
}

// Writes remembers when this process last wrote to an object's conversation.
type Writes struct {
	mu sync.Mutex
	at map[types.UID]time.Time
}

// NewWrites makes writes of which none is remembered.
func NewWrites() *Writes { return &Writes{at: map[types.UID]time.Time{}} }

// Note remembers a write to the conversation of an object.
func (w *Writes) Note(uid types.UID) {
	w.mu.Lock()
	defer w.mu.Unlock()
	w.at[uid] = time.Now()
}

// Since tells whether the conversation was written after the given time.
func (w *Writes) Since(uid types.UID, t time.Time) bool {
	w.mu.Lock()
	defer w.mu.Unlock()
	at, ok := w.at[uid]
	return ok && !at.Before(t)
}

// forget drops what is remembered of an object that is gone.
func (w *Writes) forget(uid types.UID) {
	w.mu.Lock()
	defer w.mu.Unlock()
	delete(w.at, uid)
}

// Prune forgets writes before t.
func (w *Writes) Prune(t time.Time) {
	w.mu.Lock()
	defer w.mu.Unlock()
	maps.DeleteFunc(w.at, func(_ types.UID, at time.Time) bool { return at.Before(t) })
}

// Older tells whether a list shows a version from before the one that is recorded. It then says nothing, as if the
// conversation were not in it.
func Older(entry *twilio.Conversation, conv *v1alpha1.Conversation) bool {
	return entry.DateUpdated != nil && conv.Status.DateUpdated != nil && entry.DateUpdated.Before(conv.Status.DateUpdated.Time)
}
