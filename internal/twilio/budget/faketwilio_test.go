// Copyright The conversations-operator Authors
// SPDX-License-Identifier: Apache-2.0

package budget_test

import (
	"errors"
	"net/http"
	"sync"
	"time"
)

// fakeTwilio is Twilio on the other side of a slow line.
type fakeTwilio struct {
	// answer of a request that arrives when so many are under way, itself included; write, if set, that of a write.
	answer, write func(underWay int) reply
	latency       time.Duration

	mu       sync.Mutex
	underWay int
	most     int
	times    []time.Time
	statuses map[int]int
	// methods of the requests.
	methods map[string]int
}

func (f *fakeTwilio) RoundTrip(r *http.Request) (*http.Response, error) {
	f.mu.Lock()
	f.underWay++
	f.most = max(f.most, f.underWay)
	f.times = append(f.times, time.Now())
	answering := f.answer
	if f.write != nil && r.Method != http.MethodGet {
		answering = f.write
	}
	answer := answering(f.underWay)
	if f.statuses == nil {
		f.statuses, f.methods = map[int]int{}, map[string]int{}
	}
	f.methods[r.Method]++
	f.statuses[answer.status]++
	f.mu.Unlock()
	select {
	case <-time.After(f.latency):
	case <-r.Context().Done():
	}
	f.mu.Lock()
	defer f.mu.Unlock()
	f.underWay--
	if answer.status == 0 || r.Context().Err() != nil {
		return nil, errors.New("connection refused")
	}
	return &http.Response{StatusCode: answer.status, Header: answer.header, Body: http.NoBody}, nil
}

// arrived is how many requests arrived so far.
func (f *fakeTwilio) arrived() int {
	f.mu.Lock()
	defer f.mu.Unlock()
	return len(f.times)
}

// between is how many requests arrived in a span since start.
func (f *fakeTwilio) between(start time.Time, from, to time.Duration) (n int) {
	f.mu.Lock()
	defer f.mu.Unlock()
	for _, at := range f.times {
		if since := at.Sub(start); since >= from && since < to {
			n++
		}
	}
	return n
}

// reply is an answer; the zero value is none.
type reply struct {
	status int
	header http.Header
}

func status(code int, header ...string) reply {
	r := reply{status: code, header: http.Header{}}
	for i := 0; i < len(header); i += 2 {
		r.header.Set(header[i], header[i+1])
	}
	return r
}

func fine(int) reply { return status(http.StatusCreated) }
