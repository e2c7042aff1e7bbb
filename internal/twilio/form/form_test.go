// Copyright The conversations-operator Authors
// SPDX-License-Identifier: Apache-2.0

package form

import (
	"net/url"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"
)

type word string

type params struct {
	Text  *string    `form:"Text"`
	Word  *word      `form:"Word"`
	Flag  *bool      `form:"Some.Flag"`
	Count *int       `form:"Count"`
	List  *[]string  `form:"List"`
	Time  *time.Time `form:"Time"`
	Other *bool
}

func TestWhatIsSetIsSent(t *testing.T) {
	at := time.Date(2026, 1, 2, 4, 4, 5, 600, time.FixedZone("CET", 3600))
	for name, tt := range map[string]struct {
		params params
		want   url.Values
	}{
		"nothing":          {params{}, url.Values{}},
		"what has no name": {params{Other: new(true)}, url.Values{}},
		"empty values":     {params{Text: new(""), List: new([]string{})}, url.Values{"Text": {""}, "List": {""}}},
		"values": {params{new("a b"), new(word("x")), new(false), new(0), new([]string{"b", "a"}), &at, nil}, url.Values{
			"Text": {"a b"}, "Word": {"x"}, "Some.Flag": {"false"}, "Count": {"0"}, "List": {"b", "a"}, "Time": {"2026-01-02T03:04:05Z"},
		}},
	} {
		t.Run(name, func(t *testing.T) {
			if diff := cmp.Diff(tt.want, Encode(tt.params)); diff != "" {
				t.Errorf("(-want +got):\n%s", diff)
			}
		})
	}
	if diff := cmp.Diff([]string{"Count", "Text"}, Fields(params{Text: new(""), Count: new(1)})); diff != "" {
		t.Errorf("fields (-want +got):\n%s", diff)
	}
}
