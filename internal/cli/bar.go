// Copyright The conversations-operator Authors
// SPDX-License-Identifier: Apache-2.0

package cli

import (
	"fmt"
	"slices"
	"time"

	"github.com/schollz/progressbar/v3"

	"github.com/conversations-operator/conversations-operator/internal/escape"
	"github.com/conversations-operator/conversations-operator/internal/export"
)

const (
	// unknown is the total where Twilio does not tell how much there is.
	unknown = -1
	// braille is the spinner of dots.
	braille = 14
	// frame is how long a picture stays at least.
	frame = 100 * time.Millisecond
)

// bar shows how far a command is, on a terminal, and nothing elsewhere.
type bar struct {
	shown *progressbar.ProgressBar
	done  int
}

// newBar begins a bar of so many conversations, or a counter if the total is unknown.
func (s *session) newBar(total int) *bar {
	return s.draw(total, progressbar.OptionShowCount(), progressbar.OptionShowTotalBytes(total != unknown))
}

// newPages begins a counter of pages, which tells itself how many conversations there were.
func (s *session) newPages() *bar { return s.draw(unknown) }

func (s *session) draw(total int, more ...progressbar.Option) *bar {
	if total == 0 || !terminal(s.ErrOut) {
		return &bar{}
	}
	options := slices.Concat(more, []progressbar.Option{
		progressbar.OptionSetWriter(s.ErrOut), progressbar.OptionSpinnerType(braille), progressbar.OptionThrottle(frame),
		progressbar.OptionShowIts(), progressbar.OptionSetItsString("conversations"), progressbar.OptionSetPredictTime(total != unknown),
		progressbar.OptionClearOnFinish(), progressbar.OptionUseANSICodes(true), progressbar.OptionSetRenderBlankState(true),
	})
	return &bar{shown: progressbar.NewOptions(total, options...)}
}

// add counts conversations.
func (b *bar) add(n int) { b.reach(b.done + n) }

// reach counts up to n conversations, if it has not come further yet.
func (b *bar) reach(n int) {
	if b.shown == nil || n <= b.done {
		return
	}
	// What cannot be drawn is not worth an error.
	_ = b.shown.Add(n - b.done)
	b.done = n
}

// exported counts the conversations of a page. What an export that is resumed had before says nothing of how fast it is.
func (b *bar) exported(p export.Progress) {
	if b.shown == nil {
		return
	}
	b.shown.Describe(fmt.Sprintf("%d conversations, %d pages", p.Conversations, p.Pages))
	if b.done == 0 {
		b.done = p.Conversations
	}
	b.reach(p.Conversations)
}

// retrying tells why nothing moves.
func (b *bar) retrying(err error) {
	if b.shown != nil {
		b.shown.Describe(escape.Line(err.Error()) + "; trying again")
	}
}

// clear makes room for a line; the bar comes back with the next conversation.
func (b *bar) clear() {
	if b.shown != nil {
		_ = b.shown.Clear()
	}
}

func (b *bar) end() {
	if b.shown != nil {
		_ = b.shown.Finish()
	}
}
