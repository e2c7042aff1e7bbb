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

// selection holds the flags which choose conversations at Twilio.
type selection struct {
	state, after, before string
	services             []string
	limit, pageSize      int
	managed, unmanaged   bool

	from, to time.Time
	// look reads the objects; nil: neither --managed nor --unmanaged is given.
	look func() (map[string]string, error)
	// objects maps a sid to the object which manages the conversation. seen is the service for whose pages keep has read the
	// objects.
	objects map[string]string
	seen    string
}

// start is earlier than any conversation. Twilio sorts a list with dates by creation, and the order is stable while a client
// reads the pages. Twilio sorts a list without dates by activity, and the order changes meanwhile.
var start = time.Unix(0, 0).UTC()

func (c *selection) addFlags(cmd *cobra.Command) {
	flags := cmd.Flags()
	flags.StringVar(&c.state, "state", "", "only conversations in this state: active, inactive or closed")
	flags.StringVar(&c.after, "created-after", "", "only conversations created at this time or later: 2026-01-31 or 2026-01-31T12:00:00Z")
	flags.StringVar(&c.before, "created-before", "", "only conversations created before this time")
	flags.StringArrayVar(&c.services, "service", nil, "the Conversation Service, IS…; may be repeated; left out, the account's default one")
	flags.IntVar(&c.limit, "limit", 0, "the largest number of conversations; 0: all")
	flags.IntVar(&c.pageSize, "page-size", twilio.MaxPageSize, "the number of conversations per request, 1 to 100")
	flags.BoolVar(&c.managed, "managed", false, "only conversations that an object of the cluster manages")
	flags.BoolVar(&c.unmanaged, "unmanaged", false, "only conversations that no object of the cluster manages")
	cmd.MarkFlagsMutuallyExclusive("managed", "unmanaged")
	complete(cmd, "state", []string{"active", "inactive", "closed"})
}

// filtered returns the first given flag which filters conversations; empty: no such flag is given.
func filtered(cmd *cobra.Command) string {
	flags := []string{"state", "created-after", "created-before", "limit", "managed", "unmanaged"}
	if i := slices.IndexFunc(flags, cmd.Flags().Changed); i >= 0 {
		return flags[i]
	}
	return ""
}

// complete checks and parses the flags, and reads the objects of the cluster for --managed and --unmanaged.
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
		return fmt.Errorf("--state %q is not a state: give active, inactive or closed", c.state)
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

// distinct checks the services of --service, and returns each service once.
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
	return fmt.Errorf("--service %q is not the sid of a Conversation Service: give IS and 32 hexadecimal digits", value)
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
	return time.Time{}, fmt.Errorf("--%s %q is not a date: give a date such as 2026-01-31 or 2026-01-31T12:00:00Z", flag, value)
}

// list returns the options of the list request to Twilio.
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

// keep reports whether the selection contains a listed conversation. Twilio's filter by date knows whole days only, so keep
// compares the exact times.
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

// see reads the objects again after the first page of each service. A list begins with the latest conversation, so every
// listed conversation is older than this second read of the objects. A conversation which is created later, with its object,
// is on no page, and cannot appear as unmanaged.
func (c *selection) see(service string) (err error) {
	if c.look == nil || c.seen == service {
		return nil
	}
	c.objects, err = c.look()
	c.seen = service
	return err
}

// choice returns a text which differs between selections with different dates, --managed or --unmanaged.
func (c *selection) choice() string {
	return fmt.Sprintf("%s %s %t %t", c.from.Format(time.RFC3339), c.to.Format(time.RFC3339), c.managed, c.unmanaged)
}
