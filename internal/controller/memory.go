// Copyright The conversations-operator Authors
// SPDX-License-Identifier: Apache-2.0

package controller

import (
	"sync"
	"time"

	"k8s.io/apimachinery/pkg/types"
)

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

// unsent remembers announced creates that certainly did not happen, by the time of their intent.
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

// hints are the objects that the drift check found to differ, until they were looked at.
type hints struct {
	mu   sync.Mutex
	uids map[types.UID]struct{}
}

func newHints() *hints { return &hints{uids: map[types.UID]struct{}{}} }

func (h *hints) add(uid types.UID) {
	h.mu.Lock()
	defer h.mu.Unlock()
	h.uids[uid] = struct{}{}
}

func (h *hints) has(uid types.UID) bool {
	h.mu.Lock()
	defer h.mu.Unlock()
	_, ok := h.uids[uid]
	return ok
}

func (h *hints) drop(uid types.UID) {
	h.mu.Lock()
	defer h.mu.Unlock()
	delete(h.uids, uid)
}
