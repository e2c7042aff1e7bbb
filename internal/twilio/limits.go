// Copyright The conversations-operator Authors
// SPDX-License-Identifier: Apache-2.0

package twilio

import "time"

const (
	// DefaultTimeout bounds one request, its answer's body included. Twilio
	// answers in well under a second; a pre-event webhook may hold a write for
	// five (https://www.twilio.com/docs/conversations/conversations-webhooks).
	DefaultTimeout = 10 * time.Second

	// MaxPageSize is Twilio's upper limit for conversations, or services, on one page, and the default page size.
	MaxPageSize = 100

	// maxBody bounds the body of an answer about one conversation, in bytes. 16 KiB of attributes are 96 KiB when every
	// byte is escaped.
	maxBody = 1 << 20

	// maxPageBody bounds the body of one page, in bytes: MaxPageSize times the
	// longest conversation, rounded up.
	maxPageBody = 16 << 20

	// maxMessage bounds the kept part of Twilio's error message, in bytes, so that the message fits into the status of an
	// object and into a log line.
	maxMessage = 1024

	// MaxRetryAfter bounds how long a single answer may keep us waiting: its writer may be mistaken, or gone by now.
	MaxRetryAfter = 5 * time.Minute

	// minErrorCode is below every code in Twilio's error dictionary (https://www.twilio.com/docs/api/errors) and above the
	// codes of other software in the same place: HTTP statuses, gRPC codes.
	minErrorCode = 10000
)
