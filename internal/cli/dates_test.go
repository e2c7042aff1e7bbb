// Copyright The conversations-operator Authors
// SPDX-License-Identifier: Apache-2.0

package cli

import (
	"testing"
	"time"
)

func TestDatesBoundWhatIsAskedForAndWhatIsKept(t *testing.T) {
	for name, c := range map[string]struct {
		dates
		// first and last are the days that Twilio is asked for, empty: no last one.
		first, last string
		in, out     []string
	}{
		"no dates at all": {first: "1970-01-01", in: []string{"2026-01-31T23:59:59Z"}},
		"the day that both bounds name": {dates: dates{startDate: "2026-01-31", endDate: "2026-01-31"}, first: "2026-01-31", last: "2026-01-31",
			in:  []string{"2026-01-31T00:00:00Z", "2026-01-31T23:59:59Z"},
			out: []string{"2026-01-30T23:59:59Z", "2026-02-01T00:00:00Z"}},
		"days as Twilio's API writes them": {dates: dates{startDate: "2026-01-01T00:00:00Z", endDate: "2026-01-31T23:59:59Z"},
			first: "2026-01-01", last: "2026-01-31", in: []string{"2026-01-31T23:59:59Z"}, out: []string{"2026-02-01T00:00:00Z"}},
		"exact times": {dates: dates{after: "2026-01-31T12:00:00Z", before: "2026-02-01T12:00:00Z"}, first: "2026-01-31", last: "2026-02-01",
			in:  []string{"2026-01-31T12:00:00Z", "2026-02-01T11:59:59Z"},
			out: []string{"2026-01-31T11:59:59Z", "2026-02-01T12:00:00Z"}},
		"before the beginning of a day is the day before": {dates: dates{before: "2026-02-01"}, first: "1970-01-01", last: "2026-01-31",
			in: []string{"2026-01-31T23:59:59Z"}, out: []string{"2026-02-01T00:00:00Z"}},
		"a day and an exact time": {dates: dates{startDate: "2026-01-31", before: "2026-01-31T12:00:00Z"}, first: "2026-01-31", last: "2026-01-31",
			in: []string{"2026-01-31T11:59:59Z"}, out: []string{"2026-01-31T12:00:00Z"}},
	} {
		t.Run(name, func(t *testing.T) {
			d := c.dates
			if err := d.complete(); err != nil {
				t.Fatal(err)
			}
			from, to := d.days()
			last := ""
			if !to.IsZero() {
				last = to.Format(time.DateOnly)
			}
			if got := from.Format(time.DateOnly); got != c.first || last != c.last {
				t.Errorf("Twilio is asked for %s to %s, want %s to %s", got, last, c.first, c.last)
			}
			d.check(t, c.in, true)
			d.check(t, c.out, false)
			if !d.contain(nil) {
				t.Error("a conversation without a date is out")
			}
		})
	}
}

// check compares whether the dates contain each of the times.
func (d *dates) check(t *testing.T, times []string, want bool) {
	t.Helper()
	for _, text := range times {
		at, err := time.Parse(time.RFC3339, text)
		if err != nil {
			t.Fatal(err)
		}
		if d.contain(&at) != want {
			t.Errorf("the dates contain %s: %t", text, !want)
		}
	}
}

func TestDatesThatCannotBeAreRefused(t *testing.T) {
	for want, d := range map[string]dates{
		`--start-date "2026-01-31T12:00:00Z" is not a day: give a day of UTC such as 2026-01-31, or an exact time with --created-after and --created-before`: {
			startDate: "2026-01-31T12:00:00Z"},
		`--end-date "tomorrow" is not a day: give a day of UTC such as 2026-01-31, or an exact time with --created-after and --created-before`: {
			endDate: "tomorrow"},
		"--end-date must not be earlier than --start-date":    {startDate: "2026-02-01", endDate: "2026-01-31"},
		"--end-date must not be earlier than --created-after": {after: "2026-02-01T00:00:00Z", endDate: "2026-01-31"},
		"--created-before must be later than --start-date":    {startDate: "2026-02-01", before: "2026-02-01"},
		"--created-before must be later than --created-after": {after: "2026-02-01", before: "2026-01-01"},
	} {
		if err := d.complete(); err == nil || err.Error() != want {
			t.Errorf("%+v: %v, want %s", d, err, want)
		}
	}
}
