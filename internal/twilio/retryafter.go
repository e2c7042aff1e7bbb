// Copyright The conversations-operator Authors
// SPDX-License-Identifier: Apache-2.0

package twilio

import (
	"net/http"
	"strconv"
	"strings"
	"time"
)

// RetryAfter is how long an answer asks to wait, by the clock of the answering server: between zero and MaxRetryAfter.
func RetryAfter(header http.Header) time.Duration {
	return retryAfter(header.Get("Retry-After"), serverTime(header))
}

// retryAfter reads the header Retry-After (RFC 9110, 10.2.3): seconds, or a date. A date is compared with the clock of
// the server which wrote the date, if its time is known. The result is between zero and MaxRetryAfter; zero also for an
// unreadable text.
func retryAfter(header string, serverTime time.Time) time.Duration {
	header = strings.TrimSpace(header)
	if header == "" {
		return 0
	}
	if strings.Trim(header, "0123456789") == "" {
		seconds, err := strconv.Atoi(header)
		if err != nil || seconds > int(MaxRetryAfter/time.Second) {
			return MaxRetryAfter
		}
		return time.Duration(seconds) * time.Second
	}
	at, err := http.ParseTime(header)
	if err != nil {
		return 0
	}
	if serverTime.IsZero() {
		serverTime = time.Now()
	}
	return min(max(at.Sub(serverTime), 0), MaxRetryAfter)
}
