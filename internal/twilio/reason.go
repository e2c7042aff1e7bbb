// Copyright The conversations-operator Authors
// SPDX-License-Identifier: Apache-2.0

package twilio

import (
	"context"
	"crypto/tls"
	"crypto/x509"
	"errors"
	"io"
	"net"
	"syscall"
)

// flaw is the fault of an answer. Its text is stable.
type flaw string

// Error is the text itself.
func (f flaw) Error() string { return string(f) }

// reason is a cause in words which stay the same for as long as the cause does: the texts of the net packages hold
// ephemeral ports, addresses which change with every look-up, and the time of day.
func reason(err error) string {
	if f, ok := errors.AsType[flaw](err); ok {
		return string(f)
	}
	switch {
	case errors.Is(err, context.Canceled):
		return "the request was cancelled"
	case errors.Is(err, context.DeadlineExceeded):
		return "the time was up"
	case errors.Is(err, io.EOF), errors.Is(err, io.ErrUnexpectedEOF):
		return "the connection was closed too early"
	}
	if e, ok := errors.AsType[*net.DNSError](err); ok {
		return "the host " + e.Name + " could not be looked up"
	}
	if e, ok := errors.AsType[*tls.CertificateVerificationError](err); ok {
		return "the certificate is not trusted: " + certificate(e.Err)
	}
	if e, ok := errors.AsType[syscall.Errno](err); ok {
		return e.Error()
	}
	if e, ok := errors.AsType[net.Error](err); ok && e.Timeout() {
		return "the time was up"
	}
	return "the connection failed"
}

func certificate(err error) string {
	if _, ok := errors.AsType[x509.UnknownAuthorityError](err); ok {
		return "unknown authority"
	}
	if _, ok := errors.AsType[x509.HostnameError](err); ok {
		return "issued for another host"
	}
	if e, ok := errors.AsType[x509.CertificateInvalidError](err); ok && e.Reason == x509.Expired {
		return "expired or not yet valid"
	}
	return "invalid"
}
