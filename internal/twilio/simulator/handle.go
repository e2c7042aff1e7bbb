// Copyright The conversations-operator Authors
// SPDX-License-Identifier: Apache-2.0

package simulator

import (
	"cmp"
	"math"
	"net/http"
	"strconv"
	"time"
)

// defaultInitializing is how long Twilio sets up a conversation with participants, unless a quirk changes the time.
const defaultInitializing = 2 * time.Second

// accountWide are the operations that concern no conversation.
var accountWide = map[string]func(*Simulator, *exchange) reply{
	OperationConfiguration:              (*Simulator).fetchConfiguration,
	OperationService:                    (*Simulator).serveService,
	OperationCreateAddress:              (*Simulator).createAddress,
	OperationListAddresses:              (*Simulator).addressPage,
	OperationFetchAddress:               ofAddress((*Simulator).fetchAddress),
	OperationUpdateAddress:              ofAddress((*Simulator).updateAddress),
	OperationDeleteAddress:              ofAddress((*Simulator).deleteAddress),
	OperationCreateService:              (*Simulator).createService,
	OperationDeleteService:              ofService((*Simulator).deleteService),
	OperationFetchServiceConfiguration:  ofService((*Simulator).fetchServiceConfiguration),
	OperationUpdateServiceConfiguration: ofService((*Simulator).updateServiceConfiguration),
	OperationFetchServiceWebhooks:       ofService((*Simulator).fetchServiceWebhooks),
	OperationUpdateServiceWebhooks:      ofService((*Simulator).updateServiceWebhooks),
	OperationFetchServiceNotifications:  ofService((*Simulator).fetchServiceNotifications),
	OperationUpdateServiceNotifications: ofService((*Simulator).updateServiceNotifications),
}

// handle answers an exchange as Twilio would, and applies its changes.
func (s *Simulator) handle(x *exchange) reply {
	if !s.consult(x) {
		return refuse(errHookRefused)
	}
	defer s.enter()()
	if x.route.operation == OperationToken {
		return s.issue(x)
	}
	switch err := s.turnAway(x); {
	case err == errTooMany:
		return s.throttle(err)
	case err != nil:
		return refuse(err)
	}
	if serve := accountWide[x.route.operation]; serve != nil {
		return serve(s, x)
	}
	v := x.tenant.services[cmp.Or(x.route.service, x.tenant.configuration.DefaultServiceSID)]
	if v == nil {
		return refuse(notFound(x.route.path, cmp.Or(s.quirks.ServiceNotFoundCode, 20404)))
	}
	if err := s.ending(x, v); err != nil {
		return refuse(err)
	}
	switch x.route.operation {
	case OperationCreate:
		return s.create(x, v)
	case OperationList:
		return s.listPage(x, v)
	}
	c := s.lookup(v, x.route.key)
	if c == nil {
		return refuse(notFound(x.route.path, 20404))
	}
	var rep reply
	switch x.route.operation {
	case OperationFetch:
		rep = answer(http.StatusOK, c.SID, s.quirks.view(c, x.collection()))
	case OperationUpdate:
		rep = s.update(x, c)
	case OperationDelete:
		rep = s.delete(x, v, c)
	}
	rep.sid = c.SID
	return rep
}

// turnAway returns the error of a request that the simulator refuses for any operation, or nil.
func (s *Simulator) turnAway(x *exchange) *apiError {
	if err := x.authenticate(); err != nil {
		return err
	}
	switch {
	case s.limits.Concurrent > 0 && x.inFlight > s.limits.Concurrent:
		return errTooMany
	case x.route.err != nil:
		return x.route.err
	}
	return x.formErr
}

// lookup returns the conversation of a service with a SID, or, if the key does not have the shape of a SID, with a
// unique name.
func (s *Simulator) lookup(v *service, key string) *Conversation {
	if !conversationSID.MatchString(key) {
		return s.named(v, key)
	}
	if c := s.find(key); c != nil && c.ServiceSID == v.sid {
		return c
	}
	return nil
}

func (s *Simulator) create(x *exchange, v *service) reply {
	now := s.now()
	if !v.pace.take(now, s.limits.CreateDelete) {
		return s.throttle(errCreateRate)
	}
	c, err := s.draft(x, v, now)
	if err != nil {
		return s.refuse(err)
	}
	status := http.StatusCreated
	if x.route.with {
		status = http.StatusAccepted
		c.State = Initializing
		c.Settles = now.Add(cmp.Or(s.quirks.InitializingFor, defaultInitializing))
	}
	s.put(c, now)
	if x.webhookEnabled() {
		s.sendAdded(c)
	}
	return answer(status, c.SID, s.quirks.view(c, x.collection()))
}

// draft returns the conversation that a create would make.
func (s *Simulator) draft(x *exchange, v *service, now time.Time) (*Conversation, *apiError) {
	cfg := x.tenant.configuration
	c := &Conversation{
		SID: newSID("CH"), AccountSID: x.tenant.sid, ServiceSID: v.sid, MessagingServiceSID: cfg.DefaultMessagingServiceSID,
		Attributes: "{}", State: Active, DateCreated: now, DateUpdated: now, LastActivity: now,
	}
	c.Timers.Inactive.set(cfg.DefaultInactiveTimer, now)
	c.Timers.Closed.set(cfg.DefaultClosedTimer, now)
	e := edit{c: c, creating: true, tenant: x.tenant, quirks: s.quirks, now: now}
	if err := e.apply(x.form); err != nil {
		return nil, err
	}
	return c, s.nameFree(v, c, now)
}

// nameFree returns an error if the unique name of c is not free.
func (s *Simulator) nameFree(v *service, c *Conversation, now time.Time) *apiError {
	if c.UniqueName == "" {
		return nil
	}
	if other := s.named(v, c.UniqueName); other != nil && other.SID != c.SID {
		if other.State != Closed || !s.quirks.ClosedFreesUniqueName {
			return errNameTaken
		}
	}
	if v.taken[c.UniqueName].After(now) {
		return errNameHeld
	}
	return nil
}

func (s *Simulator) update(x *exchange, c *Conversation) reply {
	now := s.now()
	if !s.entries[c.SID].pace.take(now, s.limits.Update) {
		return s.throttle(errUpdateRate)
	}
	next, err := s.revise(x, c, now)
	if err != nil {
		return s.refuse(err)
	}
	s.put(next, now)
	if x.webhookEnabled() {
		s.sendUpdated(next)
		if next.State != c.State {
			s.sendStateUpdated(c, next, "API", now)
		}
	}
	return answer(http.StatusOK, c.SID, s.quirks.view(next, x.collection()))
}

// revise returns the conversation after an update.
func (s *Simulator) revise(x *exchange, c *Conversation, now time.Time) (*Conversation, *apiError) {
	if err := s.updatable(c, x.form.Get("State"), known(x.form)); err != nil {
		return nil, err
	}
	next := *c
	next.DateUpdated = now
	if s.quirks.RestartTimersOnUpdate {
		next.Timers.restart(now)
	}
	e := edit{c: &next, tenant: x.tenant, quirks: s.quirks, now: now}
	if err := e.apply(x.form); err != nil {
		return nil, err
	}
	if next.State == Closed {
		next.close()
	}
	if next.UniqueName == c.UniqueName {
		return &next, nil
	}
	return &next, s.nameFree(s.service(c), &next, now)
}

// updatable returns an error if c accepts no update. Twilio checks the state before it validates any value.
func (s *Simulator) updatable(c *Conversation, state string, parameters int) *apiError {
	closing := s.quirks.AcceptClosingClosed && state == Closed && parameters == 1
	switch {
	case c.State == Closed && !closing:
		return errClosed
	case c.State == Initializing:
		return errInitializing
	case parameters == 0 && !s.quirks.AcceptEmptyUpdates:
		return badRequest(cmp.Or(s.quirks.EmptyUpdateCode, 20161), "Parameters are not specified for update request")
	}
	return nil
}

func (s *Simulator) delete(x *exchange, v *service, c *Conversation) reply {
	now := s.now()
	if !v.pace.take(now, s.limits.CreateDelete) {
		return s.throttle(errCreateRate)
	}
	if c.State == Closed && s.quirks.RefuseDeletingClosed {
		return refuse(errClosed)
	}
	s.remove(c, now)
	if x.webhookEnabled() {
		s.sendRemoved(c, now)
	}
	return reply{status: http.StatusNoContent}
}

// refuse answers an error of the Conversation resource, with the status from the quirks.
func (s *Simulator) refuse(err *apiError) reply {
	if status := s.quirks.RefusalStatus; status != 0 && err.code >= 50374 && err.code <= 50390 && err != errClosed {
		err = &apiError{status, err.code, err.message}
	}
	return refuse(err)
}

// throttle answers 429. Twilio never processes such a request.
func (s *Simulator) throttle(err *apiError) reply {
	rep := refuse(err)
	if after := s.limits.RetryAfter; after > 0 {
		rep.header = http.Header{"Retry-After": {strconv.Itoa(int(math.Ceil(after.Seconds())))}}
	}
	return rep
}

func (x *exchange) webhookEnabled() bool { return x.entry.WebhookEnabled == "true" }

// collection returns the URL of the conversations in the scope of the request: account-wide or of a service.
func (x *exchange) collection() string {
	if x.route.service != "" {
		return x.origin() + "/v1/Services/" + x.route.service + "/Conversations"
	}
	return x.origin() + "/v1/Conversations"
}

// origin returns the address of the API, as the client knows the address.
func (x *exchange) origin() string {
	scheme := "http"
	if x.request.TLS != nil {
		scheme = "https"
	}
	return cmp.Or(x.request.Header.Get("X-Forwarded-Proto"), scheme) + "://" + x.request.Host
}

// bucket is a token bucket with room for the tokens of one second.
type bucket struct {
	tokens float64
	last   time.Time
}

// take takes a token and reports whether the bucket had one. rate is in tokens a second; zero means no limit.
func (b *bucket) take(now time.Time, rate float64) bool {
	if rate <= 0 {
		return true
	}
	burst := max(rate, 1)
	if b.last.IsZero() {
		b.tokens = burst
	} else if passed := now.Sub(b.last).Seconds(); passed > 0 {
		b.tokens = min(burst, b.tokens+passed*rate)
	}
	b.last = now
	if b.tokens < 1 {
		return false
	}
	b.tokens--
	return true
}
