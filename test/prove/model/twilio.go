// Copyright The conversations-operator Authors
// SPDX-License-Identifier: Apache-2.0

package model

import (
	"fmt"
	"slices"
	"time"

	"github.com/conversations-operator/conversations-operator/internal/plan"
	"github.com/conversations-operator/conversations-operator/internal/twilio"
	"github.com/conversations-operator/conversations-operator/test/prove/scenario"
)

const (
	// tickLength is the time between two ticks: longer than a create may wait after its announcement, and shorter than it may
	// take to settle, of which it takes two.
	tickLength = 20 * time.Second
	// settles is after how many ticks no request can take effect any more.
	settles = 2
	// never is the time of what does not come.
	never = -1
)

// noon is the first tick.
var noon = time.Date(2026, 3, 1, 12, 0, 0, 0, time.UTC)

func instant(tick int8) time.Time { return noon.Add(time.Duration(tick) * tickLength) }

// conv is a conversation at Twilio.
type conv struct {
	sid uint8
	// owner is the object of the create; zero: other people created the conversation.
	owner            uint8
	account, service string
	name, friendly   string
	attributes       string
	state            twilio.State
	// created and updated are ticks, and so are idles and closes, when its timers fire.
	created, updated, idles, closes int8
	// leaving: the conversation is deleted, and Twilio finds it until the next tick.
	leaving bool
}

// remote is Twilio: its conversations, and the requests on their way.
type remote struct {
	convs  []conv
	flight []flight
	made   uint8
}

// flight is a request on its way, whose answer nobody waits for.
type flight struct {
	request uint32
	born    int8
}

func (r *remote) key() string { return fmt.Sprint(*r) }

func (r *remote) clone() *remote {
	return &remote{convs: slices.Clone(r.convs), flight: slices.Clone(r.flight), made: r.made}
}

// request to Twilio.
type request struct {
	verb            plan.Verb
	target, service string
	account         scenario.Account
	params          twilio.Params
	form            string
	// by is the object for which it is made, generated the object's generated name; managed: the object's record has the target.
	by        uint8
	generated string
	managed   bool
	// lingers: Twilio takes a tick to finish a deletion.
	lingers bool
}

func (q *request) key() string {
	return fmt.Sprint(q.verb, "|", q.target, "|", q.service, "|", q.account.Actual, "|", q.account.DefaultService, "|", q.form, "|", q.by, q.managed)
}

// The answers of the model of Twilio.
type problem uint8

const (
	fine problem = iota
	notFound
	exists
	closedForGood
	invalid
	throttled
	lost
	denied
	kubeConflict
	kubeLost
	kubeGone
)

// find is the index of the conversation; -1: no such conversation.
func (r *remote) find(q *request, key string) int {
	service := q.service
	if service == "" {
		service = q.account.DefaultService
	}
	return slices.IndexFunc(r.convs, func(c conv) bool {
		return c.account == q.account.Actual && c.service == service && (scenario.SIDOf(c.sid) == key || key != "" && c.name == key)
	})
}

// carryOut lets a request take effect, and answers what Twilio does: the conversation, or a problem. wrong says what the
// request must never have done.
func (r *remote) carryOut(q *request, tick int8) (found *conv, p problem, wrong string) {
	i := r.find(q, q.target)
	switch q.verb {
	case plan.Fetch, plan.Lookup:
		if i < 0 {
			return nil, notFound, ""
		}
		return &r.convs[i], fine, ""
	case plan.Create:
		return r.create(q, tick)
	}
	if i < 0 {
		return nil, notFound, ""
	}
	c := &r.convs[i]
	if !c.leaving && !q.belongs(c) {
		wrong = fmt.Sprintf("%s of conversation %d, which is not the object's", q.verb, c.sid)
	}
	if c.leaving {
		return nil, notFound, ""
	}
	if q.verb == plan.Delete && q.lingers {
		c.leaving = true
		return nil, fine, wrong
	}
	if q.verb == plan.Delete {
		r.convs = slices.Delete(r.convs, i, i+1)
		return nil, fine, wrong
	}
	if c.state == twilio.StateClosed {
		return nil, closedForGood, wrong
	}
	if p := q.params.UniqueName; p != nil {
		if j := r.find(q, *p); j >= 0 && j != i {
			return nil, exists, wrong
		}
	}
	c.apply(q.params, tick)
	return c, fine, wrong
}

// belongs tells whether the object may write to the conversation: it was made for it, or for an earlier object under its
// generated name, or the object's record has it.
func (q *request) belongs(c *conv) bool {
	return c.owner == q.by || q.managed || c.name == q.generated
}

func (r *remote) create(q *request, tick int8) (*conv, problem, string) {
	name := *q.params.UniqueName
	if r.find(q, name) >= 0 {
		return nil, exists, ""
	}
	service := q.service
	if service == "" {
		service = q.account.DefaultService
	}
	r.made++
	c := conv{
		sid: r.made, owner: q.by, account: q.account.Actual, service: service, attributes: "{}", state: twilio.StateActive,
		created: tick, idles: never, closes: never,
	}
	c.apply(q.params, tick)
	r.convs = append(r.convs, c)
	return &r.convs[len(r.convs)-1], fine, ""
}

func (c *conv) apply(p twilio.Params, tick int8) {
	for field, value := range map[*string]*string{&c.friendly: p.FriendlyName, &c.name: p.UniqueName, &c.attributes: p.Attributes} {
		if value != nil {
			*field = *value
		}
	}
	if p.State != nil {
		c.state = *p.State
	}
	c.timer(&c.idles, p.TimersInactive, tick)
	c.timer(&c.closes, p.TimersClosed, tick)
	c.updated = tick
	c.settle()
}

// timer starts or stops a timer, which fires with the next tick: its length does not matter, only its place among the events.
func (c *conv) timer(date *int8, text *string, tick int8) {
	switch {
	case text == nil:
	case *text == "PT0S":
		*date = never
	default:
		*date = tick + 1
	}
}

// settle stops the timers that a state has no use for.
func (c *conv) settle() {
	switch c.state {
	case twilio.StateClosed:
		c.idles, c.closes = never, never
	case twilio.StateInactive:
		c.idles = never
	}
}

// fire lets due timers change states, ends deletions, and drops requests too old to arrive.
func (r *remote) fire(tick int8) {
	r.convs = slices.DeleteFunc(r.convs, func(c conv) bool { return c.leaving })
	for i := range r.convs {
		c := &r.convs[i]
		if c.idles != never && c.idles <= tick {
			c.state, c.updated = twilio.StateInactive, c.idles
		}
		if c.closes != never && c.closes <= tick {
			c.state, c.updated = twilio.StateClosed, c.closes
		}
		c.settle()
	}
	r.flight = slices.DeleteFunc(r.flight, func(f flight) bool { return tick-f.born >= settles })
}

// answer is the conversation as Twilio answers it.
func (c *conv) answer(tick int8) *twilio.Conversation {
	date := func(t int8) *time.Time {
		if t == never {
			return nil
		}
		return new(instant(t))
	}
	return &twilio.Conversation{
		SID: scenario.SIDOf(c.sid), AccountSID: c.account, ChatServiceSID: c.service, FriendlyName: c.friendly, UniqueName: c.name,
		Attributes: c.attributes, State: c.state, DateCreated: date(c.created), DateUpdated: date(c.updated),
		Timers: twilio.Timers{DateInactive: date(c.idles), DateClosed: date(c.closes)}, Bindings: &twilio.Bindings{},
		ServerTime: instant(tick), AnsweredAt: instant(tick),
	}
}
