// Copyright The conversations-operator Authors
// SPDX-License-Identifier: Apache-2.0

package twilio

import (
	"crypto/tls"
	"net"
	"net/http"
	"net/http/httptrace"
	"sync/atomic"
	"time"
)

// DefaultTransport is what clients without a transport of their own share: certificates verified, connections kept
// and used again, proxies taken from the environment.
func DefaultTransport() http.RoundTripper { return shared }

var shared = &http.Transport{
	Proxy:               http.ProxyFromEnvironment,
	DialContext:         (&net.Dialer{Timeout: 5 * time.Second, KeepAlive: 30 * time.Second}).DialContext,
	TLSClientConfig:     &tls.Config{MinVersion: tls.VersionTLS12},
	TLSHandshakeTimeout: 5 * time.Second,
	ForceAttemptHTTP2:   true,
	// A connection that died silently would otherwise swallow every request until the kernel gives it up.
	HTTP2: &http.HTTP2Config{SendPingTimeout: 15 * time.Second, PingTimeout: 5 * time.Second},
	// Twilio's concurrency limit is about 100 an account; fewer idle connections would mean dialling all the time.
	MaxIdleConnsPerHost: 100,
	// Shorter than load balancers keep theirs (60 s), so that no write meets a connection that is being closed.
	IdleConnTimeout:        50 * time.Second,
	MaxResponseHeaderBytes: 64 << 10,
}

// wire watches whether a request ever had a connection to be written to.
type wire struct{ asked, got atomic.Bool }

func (w *wire) trace() *httptrace.ClientTrace {
	return &httptrace.ClientTrace{
		GetConn: func(string) { w.asked.Store(true) },
		GotConn: func(httptrace.GotConnInfo) { w.got.Store(true) },
	}
}

// untouched reports whether the request certainly got no connection. A transport without traces proves neither.
func (w *wire) untouched() bool { return w.asked.Load() && !w.got.Load() }
