// Copyright The conversations-operator Authors
// SPDX-License-Identifier: Apache-2.0

package simulator

import (
	"cmp"
	"net/url"
	"slices"
	"strings"
	"time"
)

// Request is an entry of the request log. It never contains credentials.
type Request struct {
	// N is the number of the request in the order of arrival, from 1.
	N int64 `json:"n"`
	// Time is the time of arrival, by the simulator's clock.
	Time    time.Time  `json:"time"`
	Account string     `json:"account"`
	Method  string     `json:"method"`
	Path    string     `json:"path"`
	Query   url.Values `json:"query,omitempty"`
	Form    url.Values `json:"form,omitempty"`
	// WebhookEnabled is the header X-Twilio-Webhook-Enabled.
	WebhookEnabled string `json:"webhookEnabled,omitempty"`
	Operation      string `json:"operation"`
	// Status is the status of the answer; 0 if the connection was broken instead.
	Status int `json:"status"`
	// Code is the code of an error answer.
	Code int `json:"code,omitempty"`
	// SID is the SID of the conversation, address configuration or service that the request concerned, if any.
	SID string `json:"sid,omitempty"`
	// Fault is the ID of the rule that applied.
	Fault string `json:"fault,omitempty"`
}

// Count is the number of requests with the same account, method, operation and status.
type Count struct {
	Account   string `json:"account"`
	Method    string `json:"method"`
	Operation string `json:"operation"`
	// Status is the status of the answer; 0 if the connection was broken instead.
	Status   int   `json:"status"`
	Requests int64 `json:"requests"`
}

// Counts are the exact numbers of requests since the start or the last reset. The size of the log does not limit them.
type Counts []Count

// Total returns the number of all requests.
func (c Counts) Total() int { return c.sum(func(Count) bool { return true }) }

// Method returns the number of requests with this method.
func (c Counts) Method(method string) int {
	return c.sum(func(r Count) bool { return r.Method == method })
}

// Operation returns the number of requests of this operation.
func (c Counts) Operation(operation string) int {
	return c.sum(func(r Count) bool { return r.Operation == operation })
}

// Status returns the number of requests answered with this status. Zero stands for a broken connection.
func (c Counts) Status(status int) int {
	return c.sum(func(r Count) bool { return r.Status == status })
}

// Class returns the number of requests answered with a status of this hundred: Class(4) counts 400 to 499.
func (c Counts) Class(hundred int) int {
	return c.sum(func(r Count) bool { return r.Status/100 == hundred })
}

func (c Counts) sum(wanted func(Count) bool) int {
	var n int64
	for _, row := range c {
		if wanted(row) {
			n += row.Requests
		}
	}
	return int(n)
}

// requestLog is a ring of the latest requests, with counts of all requests.
type requestLog struct {
	last   int64
	ring   []Request
	size   int
	oldest int
	counts map[Count]int64 // keyed by rows whose Requests is 0
}

func newRequestLog(size int) requestLog {
	return requestLog{size: size, counts: map[Count]int64{}}
}

func (l *requestLog) next() int64 {
	l.last++
	return l.last
}

func (l *requestLog) add(r Request) {
	l.counts[Count{Account: r.Account, Method: r.Method, Operation: r.Operation, Status: r.Status}]++
	if len(l.ring) < l.size {
		l.ring = append(l.ring, r)
		return
	}
	l.ring[l.oldest] = r
	l.oldest = (l.oldest + 1) % l.size
}

// Requests returns the latest requests, in the order in which they were answered or their connection was broken.
// Options.RequestLog limits their number.
func (s *Simulator) Requests() []Request {
	s.mu.Lock()
	defer s.mu.Unlock()
	return append(slices.Clone(s.log.ring[s.log.oldest:]), s.log.ring[:s.log.oldest]...)
}

// Counts returns how many requests arrived, by account, method, operation and status.
func (s *Simulator) Counts() Counts {
	s.mu.Lock()
	defer s.mu.Unlock()
	rows := make(Counts, 0, len(s.log.counts))
	for row, n := range s.log.counts {
		row.Requests = n
		rows = append(rows, row)
	}
	slices.SortFunc(rows, func(a, b Count) int {
		return cmp.Or(strings.Compare(a.Account, b.Account), strings.Compare(a.Operation, b.Operation),
			strings.Compare(a.Method, b.Method), cmp.Compare(a.Status, b.Status))
	})
	return rows
}

// ResetRequests empties the log and the counts. The numbering of requests continues.
func (s *Simulator) ResetRequests() {
	s.mu.Lock()
	defer s.mu.Unlock()
	last := s.log.last
	s.log = newRequestLog(s.log.size)
	s.log.last = last
}
