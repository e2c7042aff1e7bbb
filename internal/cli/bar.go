// Copyright The conversations-operator Authors
// SPDX-License-Identifier: Apache-2.0

package cli

import (
	"fmt"
	"time"

	"github.com/conversations-operator/conversations-operator/internal/export"
)

// bar shows how far an export is, on a terminal. How much there is, Twilio does not tell.
type bar struct {
	*session
	begun time.Time
	first int
	shown bool
}

func (s *session) newBar() *bar { return &bar{session: s, begun: time.Now(), first: -1} }

func (b *bar) show(p export.Progress) {
	if !terminal(b.ErrOut) {
		return
	}
	if b.first < 0 {
		b.first = p.Conversations
	}
	rate := float64(p.Conversations-b.first) / max(time.Since(b.begun).Seconds(), 1)
	_, _ = fmt.Fprintf(b.ErrOut, "\r\x1b[K%d conversations, %d pages, %.0f a second", p.Conversations, p.Pages, rate)
	b.shown = true
}

func (b *bar) end() {
	if b.shown {
		_, _ = fmt.Fprint(b.ErrOut, "\r\x1b[K")
	}
}
