// Copyright The conversations-operator Authors
// SPDX-License-Identifier: Apache-2.0

package plan

import (
	"regexp"
	"testing"

	"github.com/conversations-operator/conversations-operator/api/v1alpha1"
)

func TestSameTimer(t *testing.T) {
	cases := []struct {
		name, a, b string
		same       bool
	}{
		{"Sixty minutes are an hour", "PT60M", "PT1H", true},
		{"A day is twenty-four hours", "P1D", "PT24H", true},
		{"Parts add up", "P1DT1H1M1S", "PT90061S", true},
		{"Leading zeros do not count", "PT01M", "PT1M", true},
		{"Parts of zero do not count", "P0DT1M", "PT1M", true},
		{"A second more is another", "PT61S", "PT1M", false},
		{"The longest durations are exact", "P999999999DT999999999S", "P999999999DT999999998S", false},
		{"No timer is no timer however written", "PT0S", "P0D", true},
		{"No duration is not no timer", "", "PT0S", false},
		{"No duration is no duration", "", "", true},
		{"A month is no minute", "P1M", "PT1M", false},
		{"What is no duration is the same as itself", "P1W", "P1W", true},
		{"A week is the same as nothing else", "P1W", "P7D", false},
		{"A week is not no timer", "P1W", "PT0S", false},
		{"A month is not no timer", "P1M", "PT0S", false},
		{"A year is not no timer", "P1Y", "PT0S", false},
		{"A negative duration is none", "-PT1M", "PT1M", false},
		{"Text is no duration", "soon", "PT0S", false},
	}
	for _, c := range cases {
		t.Run(c.name, func(t *testing.T) {
			if got := sameTimer(c.a, c.b); got != c.same {
				t.Errorf("sameTimer(%q, %q) = %t", c.a, c.b, got)
			}
			if got := sameTimer(c.b, c.a); got != c.same {
				t.Errorf("sameTimer(%q, %q) = %t", c.b, c.a, got)
			}
		})
	}
}

func TestSameTime(t *testing.T) {
	cases := []struct {
		name, a, b string
		same       bool
	}{
		{"Zones do not count", "2020-01-01T01:00:00+01:00", "2020-01-01T00:00:00Z", true},
		{"Fractions of a second do not count", "2020-01-01T00:00:00.999Z", "2020-01-01T00:00:00Z", true},
		{"A second does", "2020-01-01T00:00:01Z", "2020-01-01T00:00:00Z", false},
		{"No date is not a date", "", "2020-01-01T00:00:00Z", false},
	}
	for _, c := range cases {
		t.Run(c.name, func(t *testing.T) {
			if got := sameTime(c.a, c.b); got != c.same {
				t.Errorf("sameTime(%q, %q) = %t", c.a, c.b, got)
			}
		})
	}
}

// FuzzTimers holds the durations that admission lets through against the comparison: each is one, and is kept and sent
// as it is written.
func FuzzTimers(f *testing.F) {
	for _, seed := range []string{
		"PT0S", "PT1M", "PT10M", "P1D", "PT36H", "P1DT1H1M1S", "P999999999D", "PT999999999H999999999M999999999S", "P0DT0H0M60S", "PT060M",
		"", "P", "PT", "P1W", "P1M", "P1Y", "PT1.5M", "-PT1M", "PT1M ", "P1DT", "PT1S1M", "pt1m",
	} {
		f.Add(seed)
	}
	shape := regexp.MustCompile(`^P([0-9]{1,9}D)?(T([0-9]{1,9}H)?([0-9]{1,9}M)?([0-9]{1,9}S)?)?$`)
	f.Fuzz(func(t *testing.T, text string) {
		seconds, ok := v1alpha1.TimerSeconds(text)
		if ok && seconds < 0 {
			t.Errorf("%q is %d seconds long", text, seconds)
		}
		object := given(timers(text, text))
		if text == "" || len(object.Object.Spec.Validate()) > 0 {
			return
		}
		if !ok || !shape.MatchString(text) {
			t.Fatalf("admission lets %q through, and it is no duration", text)
		}
		step := mustNotPanic(t, object)
		if step.Verb != Create || *step.Params.TimersInactive != text || *step.Params.TimersClosed != text {
			t.Errorf("%q is not sent as it is written: %+v", text, step)
		}
		object.Created(conversation(object))
		if a := object.Object.Status.LastApplied; a.TimersInactive != text || a.TimersClosed != text {
			t.Errorf("%q is recorded as %q and %q", text, a.TimersInactive, a.TimersClosed)
		}
		minute := v1alpha1.TimersSpec{Inactive: "PT1M"}
		object.Object.Spec.Timers = &minute
		if edits := Compare(object).Edits; len(edits) == 0 == !sameTimer(text, minute.Inactive) {
			t.Errorf("from %q to a minute: %+v", text, edits)
		}
	})
}
