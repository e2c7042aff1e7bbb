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

// DefaultTransport is the shared transport of clients without a transport of their own: certificates verified,
// connections kept and used again, proxies taken from the environment.
func DefaultTransport() http.RoundTripper { return shared }

var shared = &http.Transport{
	Proxy:               http.ProxyFromEnvironment,
	DialContext:         (&net.Dialer{Timeout: 5 * time.Second, KeepAlive: 30 * time.Second}).DialContext,
	TLSClientConfig:     &tls.Config{MinVersion: tls.VersionTLS12},
	TLSHandshakeTimeout: 5 * time.Second,
	ForceAttemptHTTP2:   true,
	// A connection which died silently would otherwise swallow every request until the kernel gives the connection up.
	HTTP2: &http.HTTP2Config{SendPingTimeout: 15 * time.Second, PingTimeout: 5 * time.Second},
	// Twilio's concurrency limit is about 100 an account; fewer idle connections would mean dialling all the time.
	MaxIdleConnsPerHost: 100,
	// Shorter than load balancers keep their idle connections (60 s), so that no write meets a connection in the act of
	// closing.
	IdleConnTimeout:        50 * time.Second,
	MaxResponseHeaderBytes: 64 << 10,
}

// wire watches whether a request ever had a connection.
type wire struct{ asked, got atomic.Bool }

func (w *wire) trace() *httptrace.ClientTrace {
	return &httptrace.ClientTrace{
		GetConn: func(string) { w.asked.Store(true) },
		GotConn: func(httptrace.GotConnInfo) { w.got.Store(true) },
	}
}

// untouched reports whether the request certainly got no connection. Under a transport without traces the answer is
// false, because neither is certain.
func (w *wire) untouched() bool { return w.asked.Load() && !w.got.Load() }
