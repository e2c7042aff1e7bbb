// Copyright The conversations-operator Authors
// SPDX-License-Identifier: Apache-2.0

package twilio_test

import (
	"bufio"
	"context"
	"errors"
	"io"
	"log"
	"net"
	"net/http"
	"net/http/httptest"
	"strings"
	"testing"
	"testing/synctest"
	"time"

	"github.com/conversations-operator/conversations-operator/internal/twilio"
)

// stalled answers a client of a host that takes one request, writes that much of an answer, and then waits for ever.
// There is no network between them, so that time passes in a bubble only once both wait.
func stalled(t *testing.T, answer string) *twilio.Client {
	t.Helper()
	near, far := net.Pipe()
	t.Cleanup(func() { _ = far.Close() })
	go func() {
		r, err := http.ReadRequest(bufio.NewReader(far))
		if err == nil {
			_, _ = io.Copy(io.Discard, r.Body)
			_, _ = io.WriteString(far, answer)
		}
	}()
	transport := &http.Transport{DialContext: func(context.Context, string, string) (net.Conn, error) { return near, nil }}
	t.Cleanup(transport.CloseIdleConnections)
	return newClient(t, "http://stalled.example", func(c *twilio.Config) { c.Transport = transport })
}

// quiet keeps a server's complaints about what a test does to it out of the output.
func quiet() *log.Logger { return log.New(io.Discard, "", 0) }

// failing is a transport that answers nothing but an error.
type failing struct{ err error }

func (f failing) RoundTrip(*http.Request) (*http.Response, error) { return nil, f.err }

// cancelling is a transport that is cancelled, and does not say so.
type cancelling struct{ cancel func() }

func (c cancelling) RoundTrip(*http.Request) (*http.Response, error) {
	c.cancel()
	return nil, io.ErrUnexpectedEOF
}

func TestNobodyListening(t *testing.T) {
	// Below the ports that are given to whoever asks for any.
	_, err := newClient(t, "http://127.0.0.1:1").Conversations("").Create(t.Context(), everything())
	e, ok := errors.AsType[*twilio.Error](err)
	if !ok || e.Sent() || twilio.Ambiguous(err) || classesOf(err) != "unavailable" {
		t.Errorf("got %#v", err)
	}
	if err.Error() != "no answer from Twilio: connection refused" {
		t.Error(err)
	}
}

func TestAHostThatCannotBeLookedUp(t *testing.T) {
	client := newClient(t, "http://nowhere.example", func(c *twilio.Config) {
		c.Transport = &http.Transport{DialContext: func(context.Context, string, string) (net.Conn, error) {
			return nil, &net.DNSError{Err: "read udp 10.0.0.1:40123->10.0.0.2:53: i/o timeout", Name: "nowhere.example", Server: "10.0.0.2:53"}
		}}
	})
	_, err := client.Conversations("").Fetch(t.Context(), convSID)
	if e, ok := errors.AsType[*twilio.Error](err); !ok || e.Sent() {
		t.Errorf("got %#v", err)
	}
	if err.Error() != "no answer from Twilio: the host nowhere.example could not be looked up" {
		t.Error(err)
	}
}

func TestACertificateThatIsNotTrusted(t *testing.T) {
	server := httptest.NewUnstartedServer(answering(http.StatusOK, minimal))
	server.Config.ErrorLog = quiet()
	server.StartTLS()
	t.Cleanup(server.Close)
	_, err := newClient(t, server.URL).Conversations("").Create(t.Context(), everything())
	if e, ok := errors.AsType[*twilio.Error](err); !ok || e.Sent() || twilio.Ambiguous(err) {
		t.Errorf("got %#v", err)
	}
	if err.Error() != "no answer from Twilio: the certificate is not trusted: unknown authority" {
		t.Error(err)
	}
}

func TestNoAnswerInTime(t *testing.T) {
	tests := []struct{ name, answer, want string }{
		{"nothing", "", "no answer from Twilio: the time was up"},
		{"half a header", "HTTP/1.1 201 Created\r\nContent-Le", "no answer from Twilio: the time was up"},
		{"nothing but promises", "HTTP/1.1 103 Early Hints\r\n\r\n", "no answer from Twilio: the time was up"},
		{"half a body", "HTTP/1.1 201 Created\r\nContent-Length: 100\r\n\r\n" + minimal[:10], "Twilio answered 201, but the time was up"},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			synctest.Test(t, func(t *testing.T) {
				start := time.Now()
				_, err := stalled(t, tt.answer).Conversations("").Create(t.Context(), everything())
				if !errors.Is(err, context.DeadlineExceeded) || !twilio.Ambiguous(err) || classesOf(err) != "unavailable" {
					t.Errorf("got %#v", err)
				}
				if err.Error() != tt.want {
					t.Error(err)
				}
				if took := time.Since(start); took != twilio.DefaultTimeout {
					t.Errorf("it took %s", took)
				}
			})
		})
	}
}

func TestAnswersThatAreNotHTTP(t *testing.T) {
	tests := []struct{ name, bytes string }{
		{"nothing at all", ""},
		{"another protocol", "SSH-2.0-OpenSSH_9.6\r\n"},
		{"half a header", "HTTP/1.1 200 OK\r\nContent-Le"},
		{"a body that breaks off", "HTTP/1.1 201 Created\r\nContent-Length: 100\r\n\r\n" + minimal},
		{"a chunk that breaks off", "HTTP/1.1 201 Created\r\nTransfer-Encoding: chunked\r\n\r\nff\r\n" + minimal},
		{"garbled compression", "HTTP/1.1 201 Created\r\nContent-Encoding: gzip\r\nContent-Length: 3\r\n\r\nabc"},
		{"headers without end", "HTTP/1.1 200 OK\r\nX: " + strings.Repeat("x", 1<<20) + "\r\n\r\n" + minimal},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			_, err := newClient(t, newWire(t, tt.bytes)).Conversations("").Create(t.Context(), everything())
			if classesOf(err) != "unavailable" || !twilio.Ambiguous(err) {
				t.Errorf("got %#v", err)
			}
		})
	}
}

func TestAProtocolIsNeverSwitched(t *testing.T) {
	gone := make(chan error)
	host := newHost(t, func(w http.ResponseWriter, _ *http.Request) {
		conn, _, err := http.NewResponseController(w).Hijack()
		if err == nil {
			defer func() { _ = conn.Close() }()
			_, err = io.WriteString(conn, "HTTP/1.1 101 Switching Protocols\r\nConnection: Upgrade\r\nUpgrade: x\r\n\r\n"+minimal)
		}
		if err == nil {
			_, err = conn.Read(make([]byte, 1))
		}
		gone <- err
	})
	_, err := newClient(t, host.URL).Conversations("").Create(t.Context(), everything())
	if err == nil || err.Error() != "Twilio answered 101, but protocols are not switched" {
		t.Errorf("got %v", err)
	}
	if err := <-gone; !errors.Is(err, io.EOF) {
		t.Errorf("the connection was not closed: %v", err)
	}
}

func TestABodyWithoutEndIsNotReadToIt(t *testing.T) {
	host := newHost(t, func(w http.ResponseWriter, _ *http.Request) {
		for chunk := make([]byte, 64<<10); ; {
			if _, err := w.Write(chunk); err != nil {
				return
			}
		}
	})
	_, err := newClient(t, host.URL).Conversations("").Create(t.Context(), everything())
	if err == nil || err.Error() != "Twilio answered 200, but the body is longer than 1048576 bytes" {
		t.Errorf("got %v", err)
	}
}

func TestAKeptConnectionThatDropsARequestLeavesItOpenWhetherItHappened(t *testing.T) {
	host := newHost(t, func(w http.ResponseWriter, r *http.Request) {
		if r.Method == http.MethodPost {
			panic(http.ErrAbortHandler)
		}
		answering(http.StatusOK, minimal)(w, r)
	})
	s := newClient(t, host.URL).Conversations("")
	if _, err := s.Fetch(t.Context(), convSID); err != nil {
		t.Fatal(err)
	}
	if _, err := s.Create(t.Context(), everything()); !twilio.Ambiguous(err) {
		t.Errorf("got %#v", err)
	}
	if n := len(host.seen()); n != 2 {
		t.Errorf("%d requests were sent", n)
	}
	if n := host.connections(); n != 1 {
		t.Errorf("%d connections were opened", n)
	}
}

func TestConnectionsAreUsedAgain(t *testing.T) {
	answers := map[string]http.HandlerFunc{
		"a conversation":     answering(200, minimal),
		"an error":           answering(400, refused(400, 50003)),
		"a long page":        answering(503, "<html>"+strings.Repeat("x", 200<<10)),
		"a redirect's page":  answering(302, strings.Repeat("x", 200<<10), "Location: /"),
		"a page that's none": answering(200, strings.Repeat("x", 200<<10)),
	}
	for name, answer := range answers {
		t.Run(name, func(t *testing.T) {
			host := newHost(t, answer)
			s := newClient(t, host.URL).Conversations("")
			for range 5 {
				_, _ = s.Fetch(t.Context(), "vip")
				_, _ = s.Delete(t.Context(), "vip", nil)
			}
			if requests, opened := len(host.seen()), host.connections(); requests != 10 || opened != 1 {
				t.Errorf("%d requests on %d connections", requests, opened)
			}
		})
	}
}

func TestHTTP2(t *testing.T) {
	protocols := make(chan string, 2)
	server := httptest.NewUnstartedServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		protocols <- r.Proto
		if r.Method == http.MethodDelete {
			panic(http.ErrAbortHandler)
		}
		answering(http.StatusOK, minimal)(w, r)
	}))
	server.EnableHTTP2 = true
	server.Config.ErrorLog = quiet()
	server.StartTLS()
	t.Cleanup(server.Close)
	transport := twilio.DefaultTransport().(*http.Transport).Clone()
	transport.TLSClientConfig.RootCAs = server.Client().Transport.(*http.Transport).TLSClientConfig.RootCAs
	t.Cleanup(transport.CloseIdleConnections)
	s := newClient(t, server.URL, func(c *twilio.Config) { c.Transport = transport }).Conversations("")
	if _, err := s.Fetch(t.Context(), convSID); err != nil || <-protocols != "HTTP/2.0" {
		t.Errorf("got %v", err)
	}
	if _, err := s.Delete(t.Context(), convSID, nil); !twilio.Ambiguous(err) {
		t.Errorf("got %#v", err)
	}
}

func TestATransportMayRefuse(t *testing.T) {
	limit := &twilio.Error{Status: http.StatusTooManyRequests, Message: "too many at once", RetryAfter: time.Second}
	client := newClient(t, "http://127.0.0.1", func(c *twilio.Config) { c.Transport = failing{limit} })
	_, err := client.Conversations("").Delete(t.Context(), convSID, nil)
	e, ok := errors.AsType[*twilio.Error](err)
	if !ok || classesOf(err) != "throttled" || e.RetryAfter != time.Second || e.Operation != "DeleteConversation" {
		t.Errorf("got %#v", err)
	}
	if limit.Operation != "" {
		t.Error("the transport's own error was changed")
	}
}

func TestATransportThatTellsNothingLeavesItOpenWhetherItHappened(t *testing.T) {
	client := newClient(t, "http://127.0.0.1", func(c *twilio.Config) { c.Transport = failing{io.ErrUnexpectedEOF} })
	if _, err := client.Conversations("").Create(t.Context(), everything()); !twilio.Ambiguous(err) {
		t.Errorf("got %#v", err)
	}
}
