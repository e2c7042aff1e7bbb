// Copyright The conversations-operator Authors
// SPDX-License-Identifier: Apache-2.0

package cli

import (
	"errors"
	"fmt"
	"strings"
	"time"

	"github.com/spf13/cobra"
)

// start is earlier than any conversation. Twilio sorts a list with dates by creation, and the order is stable while a client
// reads the pages. Twilio sorts a list without dates by activity, and the order changes meanwhile.
var start = time.Unix(0, 0).UTC()

// dateFlags are the flags of dates.
var dateFlags = []string{"created-after", "created-before", "start-date", "end-date"}

// dates bounds the time of a conversation's creation. Of each bound the user gives at most one flag: an exact time, or a
// whole day of UTC as Twilio's own parameters take.
type dates struct {
	after, before      string
	startDate, endDate string

	// from is the first moment, and to the moment after the last one; zero: no bound.
	from, to time.Time
}

func (d *dates) addFlags(cmd *cobra.Command) {
	flags := cmd.Flags()
	flags.StringVar(&d.after, "created-after", "", "only conversations created at this time or later: 2026-01-31 or 2026-01-31T12:00:00Z")
	flags.StringVar(&d.before, "created-before", "", "only conversations created before this time")
	flags.StringVar(&d.startDate, "start-date", "", "only conversations created on this day of UTC or later, as Twilio's StartDate: 2026-01-31")
	flags.StringVar(&d.endDate, "end-date", "", "only conversations created on this day of UTC or earlier, as Twilio's EndDate: 2026-01-31")
	cmd.MarkFlagsMutuallyExclusive("created-after", "start-date")
	cmd.MarkFlagsMutuallyExclusive("created-before", "end-date")
}

// complete parses the flags.
func (d *dates) complete() (err error) {
	if d.from, err = moment("created-after", d.after); err != nil {
		return err
	}
	if d.to, err = moment("created-before", d.before); err != nil {
		return err
	}
	begin, end := "created-after", "created-before"
	if d.startDate != "" {
		begin = "start-date"
		if d.from, err = day(begin, d.startDate, "T00:00:00Z"); err != nil {
			return err
		}
	}
	if d.endDate != "" {
		end = "end-date"
		if d.to, err = day(end, d.endDate, "T23:59:59Z"); err != nil {
			return err
		}
		d.to = d.to.AddDate(0, 0, 1)
	}
	if !d.from.IsZero() && !d.to.IsZero() && !d.to.After(d.from) {
		if end == "end-date" {
			return fmt.Errorf("--end-date must not be earlier than --%s", begin)
		}
		return fmt.Errorf("--%s must be later than --%s", end, begin)
	}
	return nil
}

// days returns the days of the list request to Twilio, which has whole days only. A list has always a first day: with dates
// its order is stable.
func (d *dates) days() (from, to time.Time) {
	from = start
	if !d.from.IsZero() {
		from = d.from
	}
	if !d.to.IsZero() {
		to = d.to.Add(-time.Nanosecond)
	}
	return from, to
}

// contain reports whether a time of creation is within the bounds. A time that Twilio does not tell is.
func (d *dates) contain(at *time.Time) bool {
	return at == nil || !at.Before(d.from) && (d.to.IsZero() || at.Before(d.to))
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

// day parses a day. Twilio's parameters take no other time of the day than the given one.
func day(flag, value, timeOfDay string) (time.Time, error) {
	t, err := time.Parse(time.DateOnly, strings.TrimSuffix(value, timeOfDay))
	if err != nil {
		return t, fmt.Errorf("--%s %q is not a day: give a day of UTC such as 2026-01-31, or an exact time with --created-after and --created-before", flag, value)
	}
	return t, nil
}

// none refuses dates: with any of them, Twilio sorts by creation.
func (d *dates) none() error {
	if d.after+d.before+d.startDate+d.endDate == "" {
		return nil
	}
	return errors.New("--by-activity cannot be combined with dates: with a date, Twilio sorts the conversations by their creation")
}
