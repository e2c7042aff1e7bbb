// Copyright The conversations-operator Authors
// SPDX-License-Identifier: Apache-2.0

package twilio

import (
	"slices"
	"time"

	"golang.org/x/time/rate"
)

// line is the queue of those who wait for one pace. Flows of a class take turns.
type line struct {
	pace    string
	limiter *rate.Limiter
	waiting int
	byClass [classes]struct {
		// order of the flows, the next first; flows hold their keys in order of arrival.
		order []string
		flows map[string][]string
	}
	asks map[string]Ask
}

func (b *Budget) line(pace string) *line {
	l := b.lines[pace]
	if l == nil {
		l = &line{pace: pace, asks: map[string]Ask{}}
		switch {
		case pace == "":
		case pace[0] == 's':
			l.limiter = rate.NewLimiter(CreateDeletePerSecond, paceBurst)
		default:
			l.limiter = rate.NewLimiter(UpdatePerSecond, paceBurst)
		}
		b.lines[pace] = l
	}
	return l
}

// add queues who asks. Who waits already keeps its place, unless it asks in another class.
func (l *line) add(a Ask) {
	if old, ok := l.asks[a.Key]; ok {
		if old.Class == a.Class {
			return
		}
		l.drop(a.Key)
	}
	l.asks[a.Key] = a
	l.waiting++
	c := &l.byClass[a.Class]
	if c.flows == nil {
		c.flows = map[string][]string{}
	}
	if _, ok := c.flows[a.Flow]; !ok {
		c.order = append(c.order, a.Flow)
	}
	c.flows[a.Flow] = append(c.flows[a.Flow], a.Key)
}

func (l *line) has(class Class) bool { return len(l.byClass[class].order) > 0 }

// next takes the first key of the flow whose turn it is.
func (l *line) next(class Class) string {
	c := &l.byClass[class]
	flow := c.order[0]
	keys := c.flows[flow]
	key := keys[0]
	c.order = c.order[1:]
	if len(keys) == 1 {
		delete(c.flows, flow)
	} else {
		c.flows[flow] = keys[1:]
		c.order = append(c.order, flow)
	}
	delete(l.asks, key)
	l.waiting--
	return key
}

// drop takes a key out of the queue.
func (l *line) drop(key string) {
	a, ok := l.asks[key]
	if !ok {
		return
	}
	delete(l.asks, key)
	l.waiting--
	c := &l.byClass[a.Class]
	keys := slices.DeleteFunc(slices.Clone(c.flows[a.Flow]), func(k string) bool { return k == key })
	if len(keys) > 0 {
		c.flows[a.Flow] = keys
		return
	}
	delete(c.flows, a.Flow)
	c.order = slices.DeleteFunc(c.order, func(f string) bool { return f == a.Flow })
}

// take uses up what the pace allows now.
func (l *line) take(now time.Time) bool { return l.limiter == nil || l.limiter.AllowN(now, 1) }

// ready is when the pace allows the next.
func (l *line) ready(now time.Time) time.Time {
	if l.limiter == nil {
		return now
	}
	missing := 1 - l.limiter.TokensAt(now)
	if missing <= 0 {
		return now
	}
	return now.Add(time.Duration(missing / float64(l.limiter.Limit()) * float64(time.Second)))
}

// full: nothing is remembered that a new line would not have.
func (l *line) full(now time.Time) bool {
	return l.limiter == nil || l.limiter.TokensAt(now) >= paceBurst
}
