// Copyright The conversations-operator Authors
// SPDX-License-Identifier: Apache-2.0

package scale

import (
	"errors"
	"net/http"
	"sync"
	"syscall"

	"github.com/conversations-operator/conversations-operator/internal/twilio"
)

// exchange is the way to Twilio of all accounts. Those that are cut off meet a connection refused.
type exchange struct {
	mu  sync.Mutex
	cut map[string]bool
	// refused counts the requests that met it, by account.
	refused map[string]int
}

var lines = &exchange{cut: map[string]bool{}, refused: map[string]int{}}

// RoundTrip sends a request, unless its account is cut off.
func (x *exchange) RoundTrip(r *http.Request) (*http.Response, error) {
	user, _, _ := r.BasicAuth()
	x.mu.Lock()
	cut := x.cut[user]
	if cut {
		x.refused[user]++
	}
	x.mu.Unlock()
	if cut {
		return nil, errors.Join(errors.New("dialling Twilio"), syscall.ECONNREFUSED)
	}
	return twilio.DefaultTransport().RoundTrip(r)
}

// set cuts an account off, or connects it again.
func (x *exchange) set(sid string, cut bool) {
	x.mu.Lock()
	defer x.mu.Unlock()
	x.cut[sid] = cut
}

// count is how many requests of an account met a refused connection.
func (x *exchange) count(sid string) int {
	x.mu.Lock()
	defer x.mu.Unlock()
	return x.refused[sid]
}
