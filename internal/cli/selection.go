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
	"github.com/conversations-operator/conversations-operator/internal/twilio/chatservice"
)

// selection holds the flags which choose conversations at Twilio.
type selection struct {
	state              string
	dates              dates
	services           []string
	allServices        bool
	limit, pageSize    int
	managed, unmanaged bool
	// byActivity leaves the order to Twilio: the latest activity first.
	byActivity bool

	// look reads the objects; nil: neither --managed nor --unmanaged is given.
	look func() (map[string]string, error)
	// objects maps a sid to the object which manages the conversation. seen is the service for whose pages keep has read the
	// objects.
	objects map[string]string
	seen    string
}

func (c *selection) addFlags(cmd *cobra.Command) {
	flags := cmd.Flags()
	flags.StringVar(&c.state, "state", "", "only conversations in this state: active, inactive or closed")
	c.dates.addFlags(cmd)
	flags.StringArrayVar(&c.services, "service", nil, "the Conversation Service, IS…; may be repeated; left out, the account's default one")
	flags.BoolVar(&c.allServices, "all-services", false, "every Conversation Service of the account")
	flags.IntVar(&c.limit, "limit", 0, "the largest number of conversations; 0: all")
	flags.IntVar(&c.pageSize, "page-size", twilio.MaxPageSize, "the number of conversations per request, 1 to 100")
	flags.BoolVar(&c.managed, "managed", false, "only conversations that an object of the cluster manages")
	flags.BoolVar(&c.unmanaged, "unmanaged", false, "only conversations that no object of the cluster manages")
	cmd.MarkFlagsMutuallyExclusive("managed", "unmanaged")
	cmd.MarkFlagsMutuallyExclusive("service", "all-services")
	complete(cmd, "state", []string{"active", "inactive", "closed"})
}

// filtered returns the first given flag which filters conversations; empty: no such flag is given.
func filtered(cmd *cobra.Command) string {
	flags := append([]string{"state", "limit", "managed", "unmanaged"}, dateFlags...)
	if i := slices.IndexFunc(flags, cmd.Flags().Changed); i >= 0 {
		return flags[i]
	}
	return ""
}

// complete checks and parses the flags, and reads the objects of the cluster for --managed and --unmanaged.
func (c *selection) complete(ctx context.Context, s *session) error {
	err := c.dates.complete()
	if err != nil {
		return err
	}
	if c.byActivity {
		if err := c.dates.none(); err != nil {
			return err
		}
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

// reach replaces the services of --all-services by those which the account has, in the order of their sids: an export that
// is resumed counts them.
func (c *selection) reach(ctx context.Context, account *access) error {
	if !c.allServices {
		return nil
	}
	c.services = nil
	for service, err := range chatservice.Of(account.Client).List(ctx, twilio.PageOptions{}) {
		if errors.Is(err, twilio.ErrDenied) {
			return fmt.Errorf("the credentials may not list the Conversation Services: name the services with --service: %w", err)
		}
		if err != nil {
			return err
		}
		c.services = append(c.services, service.SID)
	}
	slices.Sort(c.services)
	return nil
}

// list returns the options of the list request to Twilio.
func (c *selection) list() twilio.ListOptions {
	o := twilio.ListOptions{State: twilio.State(c.state), PageSize: c.pageSize}
	if !c.byActivity {
		o.StartDate, o.EndDate = c.dates.days()
	}
	// How many conversations --managed and --unmanaged leave out is unknown. Otherwise a page of the limit is enough.
	if c.limit > 0 && !c.managed && !c.unmanaged {
		o.PageSize = min(c.pageSize, c.limit)
	}
	return o
}

// keep reports whether the selection contains a listed conversation. Twilio's filter by date knows whole days only, so keep
// compares the exact times.
func (c *selection) keep(conv *twilio.Conversation) (bool, error) {
	if !c.dates.contain(conv.DateCreated) {
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
	from, to := c.dates.from.Format(time.RFC3339), c.dates.to.Format(time.RFC3339)
	return fmt.Sprintf("%s %s %t %t", from, to, c.managed, c.unmanaged)
}
