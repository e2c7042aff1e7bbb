// Copyright The conversations-operator Authors
// SPDX-License-Identifier: Apache-2.0

package budget

import (
	"maps"
	"slices"
	"strings"
	"time"
)

// rateLimitersKept is how many rate limiters a budget has before dropping idle rate limiters.
const rateLimitersKept = 64

const serviceRate, conversationRate = "service ", "conversation "

// ServiceRate names the rate limiter of creates and deletes in a service; empty: in the account's default service.
func ServiceRate(sid string) string { return serviceRate + sid }

// ConversationRate names the rate limiter of updates of a conversation.
func ConversationRate(sid string) string { return conversationRate + sid }

// SetDefaultService tells the SID of the account's default service: from then on the two names of the service share a
// rate limiter.
func (b *Budget) SetDefaultService(sid string) {
	b.change(func(now time.Time) {
		if sid == "" || sid == b.defaultService {
			return
		}
		unnamed := ServiceRate("")
		before := b.resolve(unnamed)
		b.defaultService = sid
		if l := b.rateLimiters[unnamed]; l != nil {
			b.rateLimiter(b.resolve(unnamed), now).merge(l)
			delete(b.rateLimiters, unnamed)
		}
		for i := range b.levels {
			for _, w := range slices.Collect(b.levels[i].waitFor(before)) {
				if w.Rate == unnamed {
					b.dequeue(w.waitKey())
					b.enqueue(w.Request, now, false)
				}
			}
		}
	})
}

// resolve replaces the empty name of the default service by its SID, as soon as the SID is known.
func (b *Budget) resolve(rate string) string {
	if rate == serviceRate {
		return ServiceRate(b.defaultService)
	}
	return rate
}

// rateLimiter answers the rate limiter of the name, and makes a missing rate limiter.
func (b *Budget) rateLimiter(rate string, now time.Time) *rateLimiter {
	l := b.rateLimiters[rate]
	if l != nil {
		return l
	}
	if len(b.rateLimiters) >= b.kept {
		maps.DeleteFunc(b.rateLimiters, func(_ string, l *rateLimiter) bool { return l.idle(now) })
		b.kept = max(rateLimitersKept, 2*len(b.rateLimiters))
	}
	l = &rateLimiter{shares: 1}
	if strings.HasPrefix(rate, serviceRate) {
		l.shares = b.o.Shares
	}
	b.rateLimiters[rate] = l
	return l
}

// ready is when the rate limiter of the name allows the next action.
func (b *Budget) ready(rate string) time.Time {
	if l := b.rateLimiters[rate]; l != nil {
		return l.ready()
	}
	return time.Time{}
}
