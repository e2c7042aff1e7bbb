// Copyright The conversations-operator Authors
// SPDX-License-Identifier: Apache-2.0

package export

import (
	"context"
	"testing"

	"github.com/conversations-operator/conversations-operator/internal/twilio"
)

func TestAnInterruptEndsTheWait(t *testing.T) {
	ctx, cancel := context.WithCancel(t.Context())
	cancel()
	if rest(ctx, &twilio.Error{Status: 503}, 5) {
		t.Error("another try follows an interrupt")
	}
}
