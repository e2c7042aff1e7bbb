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
	// unknown is the total of a bar if the number of conversations is not known beforehand.
	unknown = -1
	// braille is the number of progressbar's spinner made of Braille dots.
	braille = 14
	// frame is the shortest time between two updates of the terminal.
	frame = 100 * time.Millisecond
)

// bar shows the progress of a command on a terminal. Without a terminal, bar shows no progress.
type bar struct {
	shown *progressbar.ProgressBar
	done  int
}

// newBar starts a bar for a number of conversations, or a counter if the total is unknown.
func (s *session) newBar(total int) *bar {
	return s.draw(total, progressbar.OptionShowCount(), progressbar.OptionShowTotalBytes(total != unknown))
}

// newPages starts a bar for an export, whose description counts conversations and pages.
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

// add counts n more conversations.
func (b *bar) add(n int) { b.reach(b.done + n) }

// reach raises the count to n conversations. A count above n stays.
func (b *bar) reach(n int) {
	if b.shown == nil || n <= b.done {
		return
	}
	// A failure to draw the bar must not fail the command.
	_ = b.shown.Add(n - b.done)
	b.done = n
}

// exported shows the progress of an export after a page. The first call sets the start of the count, so the conversations of
// an interrupted export do not distort the speed.
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

// retrying shows the error which delays the export.
func (b *bar) retrying(err error) {
	if b.shown != nil {
		b.shown.Describe(escape.Line(err.Error()) + "; trying again")
	}
}

// clear removes the bar to make room for a line of output. The next conversation draws the bar again.
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
