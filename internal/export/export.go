// Copyright The conversations-operator Authors
// SPDX-License-Identifier: Apache-2.0

// Package export writes the conversations of a Twilio account as manifests. The object of a manifest adopts its conversation
// unchanged. An export holds a single page in memory, saves its progress after each page, and can continue from the saved
// progress.
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
	// tries is the number of requests for a page before the export fails. The output keeps the earlier pages.
	tries = 5
)

// Export describes the conversations to export, and the output.
type Export struct {
	Client *twilio.Client
	// Services are the Conversation Services to read; "" is the account's default service.
	Services []string
	List     twilio.ListOptions
	// Limit is the largest number of conversations to export; zero: no limit.
	Limit int
	// Keep reports whether to export a conversation; nil: export all conversations.
	Keep func(*twilio.Conversation) (bool, error)
	// Choice identifies the export beside the other fields, such as the account and the settings of Keep: a resumed export
	// must have the same Choice as the interrupted export.
	Choice string
	Head   Head
	Output *Output
	// Report is called after each page; nil: no reports.
	Report func(Progress)
	// Retry is called with the error of a page before the export waits and requests the page again; nil: no reports.
	Retry func(error)
}

var (
	// ErrOther says that the interrupted export had other flags or another account.
	ErrOther = errors.New("the interrupted export had other flags or another account")
	// ErrShort says that the output lost bytes which the interrupted export had written.
	ErrShort = errors.New("is shorter than the interrupted export left it")
)

// request returns a text which identifies the export.
func (e *Export) request() string {
	text, _ := json.Marshal(map[string]any{ // such a map always encodes
		"services": e.Services, "state": e.List.State, "start": e.List.StartDate, "end": e.List.EndDate,
		"pageSize": e.List.PageSize, "limit": e.Limit, "choice": e.Choice, "head": e.Head,
	})
	return string(text)
}

// Run exports all conversations, or with resume the conversations after the saved progress. After an error the saved
// progress stays; Run removes the saved progress at the end of a successful export.
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

// ended returns the error of the export, else the error of ending the output. After a failed write, the end fails with the
// same error again, so ended does not join both errors.
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

// pages exports the remaining pages of a service, and retries a failed page.
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

// read exports page after page until the service or the limit ends the list, or an error occurs.
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

// Named exports the conversations with the given sids or unique names, each from the first service which has the
// conversation. done is called with the result for each name: a failed fetch does not stop the export. A conversation named
// twice is written once.
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

// rest waits before the next try, and returns false if the context ends during the wait.
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
