// Copyright The conversations-operator Authors
// SPDX-License-Identifier: Apache-2.0

package main

import (
	"fmt"
	"io"
	"os"
	"strings"
	"sync"
	"time"
)

const (
	// framePeriod is how often a terminal's line is written anew.
	framePeriod = 100 * time.Millisecond
	// linePeriod is how often a line is added where lines can't be written anew.
	linePeriod = 10 * time.Second
)

// meter shows how far something is: in a terminal as one line that moves, elsewhere as a line every linePeriod.
type meter struct {
	out      io.Writer
	terminal bool

	mu    sync.Mutex
	last  time.Time
	width int // of the line that moves, 0 if there is none
}

// newMeter answers a meter that writes to a file.
func newMeter(file *os.File) *meter {
	info, err := file.Stat()
	return &meter{out: file, terminal: err == nil && info.Mode()&os.ModeCharDevice != 0}
}

// show shows how far it is, unless it did so a moment ago.
func (m *meter) show(format string, args ...any) {
	m.mu.Lock()
	defer m.mu.Unlock()
	period := linePeriod
	if m.terminal {
		period = framePeriod
	}
	if time.Since(m.last) < period {
		return
	}
	m.last = time.Now()
	text := fmt.Sprintf(format, args...)
	if !m.terminal {
		_, _ = fmt.Fprintln(m.out, text)
		return
	}
	_, _ = fmt.Fprint(m.out, "\r", text, strings.Repeat(" ", max(0, m.width-len(text))))
	m.width = len(text)
}

// follow shows what look answers, again and again until it is stopped.
func (m *meter) follow(look func() string) (stop func()) {
	ticker, done, ended := time.NewTicker(framePeriod), make(chan struct{}), make(chan struct{})
	go func() {
		defer close(ended)
		for {
			select {
			case <-done:
				return
			case <-ticker.C:
				m.show("%s", look())
			}
		}
	}()
	return func() {
		ticker.Stop()
		close(done)
		<-ended
	}
}

// say writes a line that stays.
func (m *meter) say(format string, args ...any) {
	m.mu.Lock()
	defer m.mu.Unlock()
	if m.width > 0 {
		_, _ = fmt.Fprint(m.out, "\r", strings.Repeat(" ", m.width), "\r")
		m.width = 0
	}
	_, _ = fmt.Fprintf(m.out, format+"\n", args...)
	m.last = time.Time{}
}
