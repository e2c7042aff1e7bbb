// Copyright The conversations-operator Authors
// SPDX-License-Identifier: Apache-2.0

package drift

import (
	"time"

	"k8s.io/apimachinery/pkg/api/equality"

	"github.com/conversations-operator/conversations-operator/api/v1alpha1"
	"github.com/conversations-operator/conversations-operator/internal/condition"
	"github.com/conversations-operator/conversations-operator/internal/controller/account"
	"github.com/conversations-operator/conversations-operator/internal/controller/conversation"
	"github.com/conversations-operator/conversations-operator/internal/controller/vanished"
	"github.com/conversations-operator/conversations-operator/internal/kube"
	"github.com/conversations-operator/conversations-operator/internal/plan"
	"github.com/conversations-operator/conversations-operator/internal/tenancy"
	"github.com/conversations-operator/conversations-operator/internal/twilio"
	"github.com/conversations-operator/conversations-operator/internal/twilio/budget"
	"github.com/conversations-operator/conversations-operator/internal/walk"
)

// check is a running drift check of one account. An error may interrupt the check, and the check goes on later. The
// check acts on its findings at once, except on vanished conversations: only later does the check know whether they are
// too many.
type check struct {
	live *account.Live
	// request asks for a seat in the account's budget.
	request budget.Request
	account plan.Account
	// key of the account object. lossOf names its Twilio account in gone, which counts the vanished conversations.
	key    tenancy.Key
	lossOf string
	gone   *vanished.Losses
	// current reads an object as the object is now; the check began with older copies.
	current func(*v1alpha1.Conversation) *v1alpha1.Conversation
	cluster string
	// wrote tells whether this process wrote to the object's conversation since the given time.
	wrote   func(*v1alpha1.Conversation, time.Time) bool
	workers *kube.Workers
	// found lets the reconciler of Conversations look at an object; the hint may carry the listed conversation.
	found func(*v1alpha1.Conversation, conversation.Hint)
	// started is when the check began, progressed when the check last read a page or a conversation.
	started, progressed time.Time
	// services still to be checked, the first is under way. left is how many requests the check may send before other
	// checks come first.
	services []*serviceCheck
	left     int

	requests, listed, checked, drifted int32
	// behind are objects whose status is about an earlier spec.
	behind []*v1alpha1.Conversation
	// vanished are objects whose conversation Twilio had until now and has no more. They wait until the check knows
	// whether too many vanished. lost is how many vanished.
	vanished []*v1alpha1.Conversation
	lost     int
	// managed is how many conversations the check covers; waiting how many objects say that their conversation vanished
	// with many, without being covered; missed how many answers were 404; differing how many objects differ; errors how
	// many interruptions are not counted in the metrics yet; denials how often Twilio rejected the credentials.
	managed, waiting, missed, differing, errors, denials int
}

// plan sorts the conversations of the check by service. ways are the cheapest ways of earlier checks.
func (c *check) plan(used []v1alpha1.Conversation, ways map[string]way) {
	by := map[string]*serviceCheck{}
	for i := range used {
		conv := &used[i]
		if !c.checkable(conv) {
			if conv.OwnSID() != "" && conv.DeletionTimestamp.IsZero() {
				if conversation.HeldBack(conv) {
					c.waiting++
				}
				c.lags(conv)
			}
			continue
		}
		c.managed++
		s := by[conv.Status.ChatServiceSID]
		if s == nil {
			s = newServiceCheck(conv.Status.ChatServiceSID)
			s.known = ways[s.sid]
			by[s.sid] = s
			c.services = append(c.services, s)
		}
		s.add(conv)
	}
	for _, s := range c.services {
		for _, conv := range s.younger() {
			c.found(conv, conversation.Hint{Shared: true})
		}
	}
}

// checkable tells whether the object has a conversation to compare and is not being worked on anyway.
func (c *check) checkable(conv *v1alpha1.Conversation) bool {
	s := &conv.Status
	return conv.OwnSID() != "" && conv.DeletionTimestamp.IsZero() && !conv.Spec.Suspend && s.ObservedGeneration == conv.Generation &&
		(c.account.SID == "" || s.AccountSID == c.account.SID) && (s.ObjectUID == "" || s.Region == c.account.Region)
}

// lags notes an object whose status is about an earlier spec: the object may be under way, or a manager wrote an old
// status.
func (c *check) lags(conv *v1alpha1.Conversation) {
	if !conv.Spec.Suspend && conv.Status.ObservedGeneration != conv.Generation {
		c.behind = append(c.behind, conv)
	}
}

// missing notes a conversation which Twilio does not have. The answer counts only from the account which held the
// conversation. The conversation counts as vanished only if the conversation existed before, and no pass wrote to the
// conversation since the check began.
func (c *check) missing(conv *v1alpha1.Conversation) {
	c.checked++
	c.missed++
	now := c.current(conv)
	if now == nil || !c.checkable(now) || now.Status.SID != conv.Status.SID || c.wrote(conv, c.started) {
		return
	}
	switch {
	case c.account.SID == "":
		if condition.ReadyOf(now.Status.Conditions).Reason != v1alpha1.ReasonAccountMismatch {
			// The look makes the status say: the account may be another account.
			c.found(now, conversation.Hint{})
		}
	case conversation.HeldBack(now):
		c.gone.Note(c.lossOf, now.UID, vanished.Loss{Account: c.key, Listed: true, Held: true})
	case conversation.Present(now):
		c.gone.Note(c.lossOf, now.UID, vanished.Loss{Account: c.key, Listed: true})
		c.vanished = append(c.vanished, now)
		c.lost++
	}
}

// release answers the vanished conversations once they are certainly not too many, even if every unread conversation
// had vanished. Other conversations which vanished from the Twilio account count too.
func (c *check) release() (released []*v1alpha1.Conversation) {
	unread := 0
	for _, s := range c.services {
		unread += len(s.unseen)
	}
	if vanished.Mishap(c.gone.Count(c.lossOf, c.key)+unread, c.managed) {
		return nil
	}
	released, c.vanished = c.vanished, nil
	return released
}

// compare notes the object if the read conversation differs from the record or the spec. A read from before our own
// last write says nothing.
func (c *check) compare(conv *v1alpha1.Conversation, entry *twilio.Conversation, asked time.Time) {
	c.checked++
	if c.wrote(conv, asked) {
		return
	}
	drifted, differs, mere := c.differs(conv, entry)
	if differs || drifted {
		// The object may have moved on since the check began.
		now := c.current(conv)
		if now == nil || !c.checkable(now) || now.Status.SID != entry.SID {
			return
		}
		conv = now
		drifted, differs, mere = c.differs(conv, entry)
	}
	if drifted {
		c.drifted++
	}
	if !differs {
		return
	}
	c.differing++
	var hint conversation.Hint
	if mere {
		hint = conversation.Hint{Listed: entry, Asked: asked}
	}
	c.found(conv, hint)
}

// differs compares one object. mere: the status does not show the read conversation, and the object needs no other
// step.
func (c *check) differs(conv *v1alpha1.Conversation, entry *twilio.Conversation) (drifted, differs, mere bool) {
	ready := condition.ReadyOf(conv.Status.Conditions)
	if ready.Reason == v1alpha1.ReasonRejected {
		return false, false, false
	}
	start := walk.Start{Object: conv, Generated: plan.GeneratedName(c.cluster, conv.Namespace, conv.Name), Listed: entry}
	step, status := walk.Foretell(start, c.account, time.Now())
	drifted = len(step.Drift) > 0
	if step.Verb != plan.Keep {
		return drifted, step.Reason != ready.Reason, false
	}
	return drifted, step.Reason != ready.Reason || !equality.Semantic.DeepEqual(conv.Status, *status), true
}
