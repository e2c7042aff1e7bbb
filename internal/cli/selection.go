// Copyright The conversations-operator Authors
// SPDX-License-Identifier: Apache-2.0

package cli

import (
	"context"
	"errors"
	"fmt"
	"slices"
	"time"

	"github.com/spf13/cobra"

	"github.com/conversations-operator/conversations-operator/internal/twilio"
)

// selection chooses conversations at Twilio.
type selection struct {
	state, after, before string
	services             []string
	limit, pageSize      int
	managed, unmanaged   bool

	from, to time.Time
	// look reads the objects; nil where they do not matter.
	look func() (map[string]string, error)
	// objects are the names of objects by the sid of their conversation, and seen is the service whose pages they go with.
	objects map[string]string
	seen    string
}

// start is before any conversation. A list with dates is sorted by creation and stands still while it is read; one
// without is sorted by activity and does not.
var start = time.Unix(0, 0).UTC()

func (c *selection) addFlags(cmd *cobra.Command) {
	flags := cmd.Flags()
	flags.StringVar(&c.state, "state", "", "only those in this state: active, inactive or closed")
	flags.StringVar(&c.after, "created-after", "", "only those created at this time or later: 2026-01-31 or 2026-01-31T12:00:00Z")
	flags.StringVar(&c.before, "created-before", "", "only those created before this time")
	flags.StringArrayVar(&c.services, "service", nil, "the Conversation Service, IS…; may be repeated; left out, the account's default one")
	flags.IntVar(&c.limit, "limit", 0, "at most so many; 0 is all")
	flags.IntVar(&c.pageSize, "page-size", twilio.MaxPageSize, "how many one request asks for, 1 to 100")
	flags.BoolVar(&c.managed, "managed", false, "only those that an object of the cluster manages")
	flags.BoolVar(&c.unmanaged, "unmanaged", false, "only those that no object of the cluster manages")
	cmd.MarkFlagsMutuallyExclusive("managed", "unmanaged")
	complete(cmd, "state", []string{"active", "inactive", "closed"})
}

// filtered is a flag that was given and chooses among all conversations; empty: none was.
func filtered(cmd *cobra.Command) string {
	flags := []string{"state", "created-after", "created-before", "limit", "managed", "unmanaged"}
	if i := slices.IndexFunc(flags, cmd.Flags().Changed); i >= 0 {
		return flags[i]
	}
	return ""
}

// complete reads what the flags say, and asks the cluster where they need it.
func (c *selection) complete(ctx context.Context, s *session) error {
	var err error
	if c.from, err = moment("created-after", c.after); err != nil {
		return err
	}
	if c.to, err = moment("created-before", c.before); err != nil {
		return err
	}
	if !c.from.IsZero() && !c.to.IsZero() && !c.to.After(c.from) {
		return errors.New("--created-before must be later than --created-after")
	}
	switch c.state {
	case "", "active", "inactive", "closed":
	default:
		return fmt.Errorf("--state %q is none of active, inactive and closed", c.state)
	}
	if c.pageSize < 1 || c.pageSize > twilio.MaxPageSize {
		return fmt.Errorf("--page-size must be 1 to %d", twilio.MaxPageSize)
	}
	if c.limit < 0 {
		return errors.New("--limit must not be negative")
	}
	if c.services, err = distinct(c.services); err != nil {
		return err
	}
	if len(c.services) == 0 {
		c.services = []string{""}
	}
	if !c.managed && !c.unmanaged {
		return nil
	}
	k, err := s.cluster()
	if err != nil {
		return err
	}
	c.look = func() (map[string]string, error) { return k.managed(ctx) }
	c.objects, err = c.look()
	return err
}

// distinct are the services of --service, each once.
func distinct(services []string) (out []string, err error) {
	for _, sid := range services {
		if !twilio.ValidSID("IS", sid) {
			return nil, noService(sid)
		}
		if !slices.Contains(out, sid) {
			out = append(out, sid)
		}
	}
	return out, nil
}

func noService(value string) error {
	return fmt.Errorf("--service %q is no Conversation Service: IS and 32 hexadecimal digits", value)
}

func moment(flag, value string) (time.Time, error) {
	if value == "" {
		return time.Time{}, nil
	}
	for _, layout := range []string{time.RFC3339, time.DateOnly} {
		if t, err := time.Parse(layout, value); err == nil {
			return t.UTC(), nil
		}
	}
	return time.Time{}, fmt.Errorf("--%s %q is no date: 2026-01-31 or 2026-01-31T12:00:00Z", flag, value)
}

// list is what Twilio is asked for.
func (c *selection) list() twilio.ListOptions {
	o := twilio.ListOptions{StartDate: start, State: twilio.State(c.state), PageSize: c.pageSize}
	if !c.from.IsZero() {
		o.StartDate = c.from
	}
	if !c.to.IsZero() {
		o.EndDate = c.to
	}
	return o
}

// keep chooses among what Twilio answers, which knows whole days only.
func (c *selection) keep(conv *twilio.Conversation) (bool, error) {
	if at := conv.DateCreated; at != nil && (at.Before(c.from) || !c.to.IsZero() && !at.Before(c.to)) {
		return false, nil
	}
	if err := c.see(conv.ChatServiceSID); err != nil {
		return false, err
	}
	_, managed := c.objects[conv.SID]
	return (!c.managed || managed) && (!c.unmanaged || !managed), nil
}

// see reads the objects again when the first page of a service is there: the latest conversations come first, so that one which
// is made meanwhile, with its object, is not on a page, and does not look like nobody's.
func (c *selection) see(service string) (err error) {
	if c.look == nil || c.seen == service {
		return nil
	}
	c.objects, err = c.look()
	c.seen = service
	return err
}

// choice tells selections apart.
func (c *selection) choice() string {
	return fmt.Sprintf("%s %s %t %t", c.from.Format(time.RFC3339), c.to.Format(time.RFC3339), c.managed, c.unmanaged)
}
