// Copyright The conversations-operator Authors
// SPDX-License-Identifier: Apache-2.0

package simulator

import (
	"context"
	"crypto/hmac"
	"crypto/sha1"
	"encoding/base64"
	"maps"
	"net/http"
	"net/url"
	"slices"
	"strings"
	"sync"
	"sync/atomic"
	"time"
)

const (
	// webhookQueue bounds what waits for a receiver that is slow; more is dropped and counted.
	webhookQueue = 1024
	// webhookTimeout is Twilio's own.
	webhookTimeout = 5 * time.Second
	// webhookTime is how webhooks have times: unlike the API, with milliseconds.
	webhookTime = "2006-01-02T15:04:05.000Z"
)

// WebhookCounts says what became of webhooks. They are tried once.
type WebhookCounts struct {
	Delivered int64 `json:"delivered"`
	// Failed were not answered with 2xx.
	Failed int64 `json:"failed"`
	// Dropped found the queue full.
	Dropped int64 `json:"dropped"`
}

// Webhooks says what became of the webhooks so far.
func (s *Simulator) Webhooks() WebhookCounts {
	w := s.webhooks
	return WebhookCounts{Delivered: w.delivered.Load(), Failed: w.failed.Load(), Dropped: w.dropped.Load()}
}

// courier delivers webhooks, one after the other.
type courier struct {
	queue                      chan webhook
	ctx                        context.Context
	cancel                     context.CancelFunc
	done                       sync.WaitGroup
	client                     *http.Client
	delivered, failed, dropped atomic.Int64
}

type webhook struct {
	url, signature string
	form           url.Values
}

func newCourier() *courier {
	w := &courier{queue: make(chan webhook, webhookQueue), client: &http.Client{Timeout: webhookTimeout}}
	w.ctx, w.cancel = context.WithCancel(context.Background())
	w.done.Go(w.run)
	return w
}

func (w *courier) close() {
	w.cancel()
	w.done.Wait()
	w.client.CloseIdleConnections()
}

func (w *courier) run() {
	for {
		select {
		case <-w.ctx.Done():
			return
		case hook := <-w.queue:
			if answer, err := w.post(hook); err == nil {
				_ = answer.Body.Close()
			}
		}
	}
}

// post sends a webhook, and counts what became of it. The caller closes the answer's body.
func (w *courier) post(hook webhook) (*http.Response, error) {
	r, err := http.NewRequestWithContext(w.ctx, http.MethodPost, hook.url, strings.NewReader(hook.form.Encode()))
	if err != nil {
		w.failed.Add(1)
		return nil, err
	}
	r.Header.Set("Content-Type", "application/x-www-form-urlencoded; charset=UTF-8")
	r.Header.Set("X-Twilio-Signature", hook.signature)
	r.Header.Set("I-Twilio-Idempotency-Token", newSID(""))
	answer, err := w.client.Do(r)
	if err == nil && answer.StatusCode/100 == 2 {
		w.delivered.Add(1)
	} else {
		w.failed.Add(1)
	}
	return answer, err
}

// sign is Twilio's signature of a webhook: HMAC-SHA1, keyed with the auth token, over the URL and the parameters sorted
// by name, each as name and value without anything in between.
func sign(token, target string, form url.Values) string {
	mac := hmac.New(sha1.New, []byte(token))
	mac.Write([]byte(target))
	for _, name := range slices.Sorted(maps.Keys(form)) {
		for _, value := range form[name] {
			mac.Write([]byte(name + value))
		}
	}
	return base64.StdEncoding.EncodeToString(mac.Sum(nil))
}

// send queues an event of a conversation, if its account has a URL for it. Empty parameters are left out.
func (s *Simulator) send(event string, c *Conversation, params map[string]string) {
	a := s.accounts[c.AccountSID]
	if a.configuration.WebhookURL == "" {
		return
	}
	params["ConversationSid"] = c.SID
	select {
	case s.webhooks.queue <- a.webhook(a.configuration.WebhookURL, event, c, params):
	default:
		s.webhooks.dropped.Add(1)
	}
}

// webhook is an event of a conversation, signed.
func (a *tenant) webhook(target, event string, c *Conversation, params map[string]string) webhook {
	form := url.Values{"EventType": {event}, "AccountSid": {a.sid}, "ChatServiceSid": {c.ServiceSID}, "RetryCount": {"0"}}
	for name, value := range params {
		if value != "" {
			form.Set(name, value)
		}
	}
	return webhook{url: target, signature: sign(a.token, target, form), form: form}
}

func (s *Simulator) sendAdded(c *Conversation) { s.send("onConversationAdded", c, c.params()) }

func (s *Simulator) sendUpdated(c *Conversation) { s.send("onConversationUpdated", c, c.params()) }

func (s *Simulator) sendRemoved(c *Conversation, at time.Time) {
	params := c.params()
	params["DateRemoved"] = at.Format(webhookTime)
	s.send("onConversationRemoved", c, params)
}

// sendStateUpdated tells of a change of state and its reason: API, TIMER or EVENT (a message).
func (s *Simulator) sendStateUpdated(from, to *Conversation, reason string, at time.Time) {
	s.send("onConversationStateUpdated", to, map[string]string{
		"StateFrom": from.State, "StateTo": to.State, "Reason": reason, "StateUpdated": at.Format(webhookTime),
		"MessagingServiceSid": to.MessagingServiceSID,
	})
}

// params are what every event but onConversationStateUpdated tells.
func (c *Conversation) params() map[string]string {
	return map[string]string{
		"Source": "API", "State": c.State, "Attributes": c.Attributes, "MessagingServiceSid": c.MessagingServiceSID,
		"FriendlyName": c.FriendlyName, "UniqueName": c.UniqueName,
		"DateCreated": c.DateCreated.Format(webhookTime), "DateUpdated": c.DateUpdated.Format(webhookTime),
	}
}
