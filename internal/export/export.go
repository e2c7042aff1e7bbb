// Copyright The conversations-operator Authors
// SPDX-License-Identifier: Apache-2.0

// Package export writes the conversations of a Twilio account as manifests that adopt them as they are. It reads page by
// page and holds one page at a time, saves how far it came after each, and can be continued there.
package export

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"time"

	"github.com/conversations-operator/conversations-operator/internal/retry"
	"github.com/conversations-operator/conversations-operator/internal/twilio"
)

const (
	// tries is how often a page is asked for before the export is given up; what was written by then is kept.
	tries = 5
)

// Export is what to export, and where to.
type Export struct {
	Client *twilio.Client
	// Services are the Conversation Services to read; "" is the account's default one.
	Services []string
	List     twilio.ListOptions
	// Limit ends the export after so many conversations; zero: no limit.
	Limit int
	// Keep chooses among the conversations; nil: all.
	Keep func(*twilio.Conversation) (bool, error)
	// Choice is what else tells exports apart, what Keep depends on among it, so that another one is not taken for the same.
	Choice string
	Head   Head
	Output *Output
	// Report is called after each page; nil: nobody is told.
	Report func(Progress)
	// Retry is called when a page failed and is asked for again after a while; nil: nobody is told.
	Retry func(error)
}

var (
	// ErrOther says that what was interrupted was another export.
	ErrOther = errors.New("what was interrupted there was another export, with other flags or of another account")
	// ErrShort says that something of what was written before the interruption is gone.
	ErrShort = errors.New("is shorter than the interrupted export left it")
)

// request tells exports apart.
func (e *Export) request() string {
	text, _ := json.Marshal(map[string]any{ // it always encodes
		"services": e.Services, "state": e.List.State, "start": e.List.StartDate, "end": e.List.EndDate,
		"pageSize": e.List.PageSize, "limit": e.Limit, "choice": e.Choice, "head": e.Head,
	})
	return string(text)
}

// Run exports everything, or what is left if it is to resume. The progress is saved when it ends with an error, and
// removed when it ends well.
func (e *Export) Run(ctx context.Context, resume bool) (p Progress, err error) {
	p.Request = e.request()
	if resume {
		if p, err = e.saved(); err != nil {
			return p, err
		}
	}
	if err := e.Output.begin(p.Size); err != nil {
		return p, fmt.Errorf("writing: %w", err)
	}
	defer func() { err = ended(err, e.Output.end()) }()
	for p.Service < len(e.Services) && !e.full(&p) {
		if err := e.pages(ctx, &p); err != nil {
			return p, err
		}
	}
	return p, e.Output.forget()
}

// ended is what is wrong after an end: what could not be written fails there once more.
func ended(err, end error) error {
	if err != nil {
		return err
	}
	return end
}

func (e *Export) saved() (Progress, error) {
	p := Progress{Request: e.request()}
	if e.Output.progress() == "" {
		return p, errors.New("a stream cannot be continued: export to a file or a folder")
	}
	was, err := load(e.Output.progress())
	switch {
	case err != nil:
		return p, err
	case was == nil:
		return p, nil
	case was.Request != p.Request:
		return p, ErrOther
	}
	return *was, nil
}

func (e *Export) full(p *Progress) bool { return e.Limit > 0 && p.Conversations >= e.Limit }

// pages exports what is left of one service.
func (e *Export) pages(ctx context.Context, p *Progress) error {
	for try := 1; ; try++ {
		pages := p.Pages
		err := e.read(ctx, p)
		if err == nil {
			return nil
		}
		if p.Pages > pages {
			try = 1
		}
		if try >= tries || !retry.KindOf(err).Passes() || p.Pages == 0 && unsent(err) || ctx.Err() != nil {
			return err
		}
		if e.Retry != nil {
			e.Retry(err)
		}
		if !rest(ctx, err, try) {
			return err
		}
	}
}

// read exports page after page until the service ends, or something fails.
func (e *Export) read(ctx context.Context, p *Progress) error {
	o := e.List
	o.PageURL = p.NextPageURL
	for page, err := range e.Client.Conversations(e.Services[p.Service]).Pages(ctx, o) {
		if err != nil {
			return err
		}
		if err := e.write(page, p); err != nil {
			return err
		}
		if p.NextPageURL == "" || e.full(p) {
			return nil
		}
	}
	return nil
}

func (e *Export) keep(conv *twilio.Conversation) (bool, error) {
	if e.Keep == nil {
		return true, nil
	}
	return e.Keep(conv)
}

func (e *Export) write(page *twilio.Page, p *Progress) error {
	for _, conv := range page.Conversations {
		if e.full(p) {
			break
		}
		if keep, err := e.keep(conv); err != nil {
			return err
		} else if !keep {
			continue
		}
		if err := e.add(conv); err != nil {
			return fmt.Errorf("writing: %w", err)
		}
		p.Conversations++
	}
	p.Pages++
	if p.NextPageURL = page.NextPageURL; p.NextPageURL == "" {
		p.Service++
	}
	var err error
	if p.Size, err = e.Output.settle(); err != nil {
		return fmt.Errorf("writing: %w", err)
	}
	if path := e.Output.progress(); path != "" {
		if err := p.save(path); err != nil {
			return err
		}
	}
	if e.Report != nil {
		e.Report(*p)
	}
	return nil
}

// Named exports the conversations that have these sids or unique names, each from the first of the services that has it.
// What became of each is told: one that cannot be had does not keep the others. One that is named twice is written once.
func (e *Export) Named(ctx context.Context, names []string, done func(name string, err error)) (err error) {
	if err := e.Output.begin(0); err != nil {
		return fmt.Errorf("writing: %w", err)
	}
	defer func() { err = ended(err, e.Output.end()) }()
	if err := e.Output.forget(); err != nil {
		return err
	}
	written := map[string]bool{}
	for _, name := range names {
		conv, err := e.fetch(ctx, name)
		if ctx.Err() != nil {
			return ctx.Err()
		}
		if err == nil && !written[conv.SID] {
			if err := e.add(conv); err != nil {
				return fmt.Errorf("writing: %w", err)
			}
			written[conv.SID] = true
		}
		done(name, err)
	}
	return nil
}

func (e *Export) fetch(ctx context.Context, name string) (conv *twilio.Conversation, err error) {
	for _, service := range e.Services {
		if conv, err = e.Client.Conversations(service).Fetch(ctx, name); !errors.Is(err, twilio.ErrNotFound) {
			return conv, err
		}
	}
	return nil, err
}

func (e *Export) add(conv *twilio.Conversation) error {
	manifest, err := e.Head.Manifest(conv)
	if err != nil {
		return err
	}
	return e.Output.add(Name(conv), manifest)
}

// unsent tells whether Twilio was not reached at all: from the start, that is for the user to put right.
func unsent(err error) bool {
	e, ok := errors.AsType[*twilio.Error](err)
	return ok && !e.Sent()
}

// rest waits before another try; false if there is to be none.
func rest(ctx context.Context, err error, try int) bool {
	wait := retry.Page.Doubled(try)
	if asked := retry.Asked(err, 0); asked > 0 {
		wait = asked
	}
	t := time.NewTimer(wait)
	defer t.Stop()
	select {
	case <-ctx.Done():
		return false
	case <-t.C:
		return true
	}
}
