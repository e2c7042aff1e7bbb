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
	// webhookQueue is the length of the queue for a slow receiver. If the queue is full, further webhooks are dropped
	// and counted.
	webhookQueue = 1024
	// webhookTimeout is Twilio's timeout of webhooks.
	webhookTimeout = 5 * time.Second
	// webhookTime is the format of times in webhooks. Unlike times in the API, they have milliseconds.
	webhookTime = "2006-01-02T15:04:05.000Z"
)

// WebhookCounts counts webhooks by outcome. The simulator tries each webhook once.
type WebhookCounts struct {
	Delivered int64 `json:"delivered"`
	// Failed counts webhooks without a 2xx answer.
	Failed int64 `json:"failed"`
	// Dropped counts webhooks that met a full queue.
	Dropped int64 `json:"dropped"`
}

// Webhooks returns the counts of webhooks so far.
func (s *Simulator) Webhooks() WebhookCounts {
	w := s.webhooks
	return WebhookCounts{Delivered: w.delivered.Load(), Failed: w.failed.Load(), Dropped: w.dropped.Load()}
}

// courier delivers webhooks, one after another.
type courier struct {
	queue                      chan webhook
	ctx                        context.Context
	cancel                     context.CancelFunc
	done                       sync.WaitGroup
	client                     *http.Client
	delivered, failed, dropped atomic.Int64
}

type webhook struct {
	url, method, signature string
	form                   url.Values
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

// post sends a webhook and counts the outcome. The caller closes the body of the answer.
func (w *courier) post(hook webhook) (*http.Response, error) {
	r, err := http.NewRequestWithContext(w.ctx, hook.method, hook.url, strings.NewReader(hook.form.Encode()))
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

// sign returns Twilio's signature of a webhook: HMAC-SHA1, keyed with the auth token, of the URL and the parameters
// sorted by name, each as name and value without a separator.
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

// send queues an event of a conversation, to the webhooks of its service or account. It omits empty parameters.
func (s *Simulator) send(event string, c *Conversation, params map[string]string) {
	a := s.accounts[c.AccountSID]
	params["ConversationSid"] = c.SID
	for _, to := range s.receivers(a, s.service(c), event, false) {
		select {
		case s.webhooks.queue <- a.webhook(to, event, c, params):
		default:
			s.webhooks.dropped.Add(1)
		}
	}
}

// webhook returns the signed webhook of an event.
func (a *tenant) webhook(to receiver, event string, c *Conversation, params map[string]string) webhook {
	form := url.Values{"EventType": {event}, "AccountSid": {a.sid}, "ChatServiceSid": {c.ServiceSID}, "RetryCount": {"0"}}
	for name, value := range params {
		if value != "" {
			form.Set(name, value)
		}
	}
	if to.method != http.MethodGet {
		return webhook{url: to.url, method: to.method, signature: sign(a.token, to.url, form), form: form}
	}
	mark := "?"
	if strings.Contains(to.url, "?") {
		mark = "&"
	}
	target := to.url + mark + form.Encode()
	return webhook{url: target, method: to.method, signature: sign(a.token, target, nil)}
}

func (s *Simulator) sendAdded(c *Conversation) { s.send("onConversationAdded", c, c.params()) }

func (s *Simulator) sendUpdated(c *Conversation) { s.send("onConversationUpdated", c, c.params()) }

func (s *Simulator) sendRemoved(c *Conversation, at time.Time) {
	params := c.params()
	params["DateRemoved"] = at.Format(webhookTime)
	s.send("onConversationRemoved", c, params)
}

// sendStateUpdated sends a change of state and its reason: API, TIMER or EVENT (a message).
func (s *Simulator) sendStateUpdated(from, to *Conversation, reason string, at time.Time) {
	s.send("onConversationStateUpdated", to, map[string]string{
		"StateFrom": from.State, "StateTo": to.State, "Reason": reason, "StateUpdated": at.Format(webhookTime),
		"MessagingServiceSid": to.MessagingServiceSID,
	})
}

// params returns the parameters of every event except onConversationStateUpdated.
func (c *Conversation) params() map[string]string {
	return map[string]string{
		"Source": "API", "State": c.State, "Attributes": c.Attributes, "MessagingServiceSid": c.MessagingServiceSID,
		"FriendlyName": c.FriendlyName, "UniqueName": c.UniqueName,
		"DateCreated": c.DateCreated.Format(webhookTime), "DateUpdated": c.DateUpdated.Format(webhookTime),
	}
}
