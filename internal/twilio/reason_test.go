// Copyright The conversations-operator Authors
// SPDX-License-Identifier: Apache-2.0

package twilio

import (
	"context"
	"crypto/tls"
	"crypto/x509"
	"errors"
	"fmt"
	"io"
	"net"
	"os"
	"syscall"
	"testing"
	"time"
)

func TestReasonsHoldNothingThatChanges(t *testing.T) {
	const notTrusted = "the certificate is not trusted: "
	untrusted := func(err error) error { return &tls.CertificateVerificationError{Err: err} }
	from, to := &net.TCPAddr{IP: net.IPv4(10, 0, 0, 1), Port: 40123}, &net.TCPAddr{IP: net.IPv4(54, 0, 0, 1), Port: 443}
	tests := []struct {
		name string
		err  error
		want string
	}{
		{"reset", &net.OpError{Op: "read", Net: "tcp", Source: from, Addr: to, Err: os.NewSyscallError("read", syscall.ECONNRESET)},
			"connection reset by peer"},
		{"refused", &net.OpError{Op: "dial", Net: "tcp", Addr: to, Err: os.NewSyscallError("connect", syscall.ECONNREFUSED)},
			"connection refused"},
		{"dialled too long", &net.OpError{Op: "dial", Net: "tcp", Addr: to, Err: os.ErrDeadlineExceeded}, "the time was up"},
		{"out of time", fmt.Errorf("asking: %w", context.DeadlineExceeded), "the time was up"},
		{"cancelled", context.Canceled, "the request was cancelled"},
		{"closed", io.EOF, "the connection was closed too early"},
		{"closed in the middle", io.ErrUnexpectedEOF, "the connection was closed too early"},
		{"no such host", &net.DNSError{Name: "x.example", Server: "10.0.0.2:53"}, "the host x.example could not be looked up"},
		{"unknown authority", untrusted(x509.UnknownAuthorityError{}), notTrusted + "unknown authority"},
		{"another host's certificate", untrusted(x509.HostnameError{}), notTrusted + "issued for another host"},
		{"expired", untrusted(x509.CertificateInvalidError{Reason: x509.Expired, Detail: time.Now().String()}),
			notTrusted + "expired or not yet valid"},
		{"otherwise wrong", untrusted(x509.CertificateInvalidError{Reason: x509.NotAuthorizedToSign}),
			notTrusted + "invalid"},
		{"anything else", errors.New("http2: server sent GOAWAY and closed the connection; LastStreamID=1999"), "the connection failed"},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			if got := reason(tt.err); got != tt.want {
				t.Errorf("got %s, want %s", got, tt.want)
			}
		})
	}
}
