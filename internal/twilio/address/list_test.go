// Copyright The conversations-operator Authors
// SPDX-License-Identifier: Apache-2.0

package address_test

import (
	"fmt"
	"testing"

	"github.com/conversations-operator/conversations-operator/internal/twilio"
	"github.com/conversations-operator/conversations-operator/internal/twilio/address"
	"github.com/conversations-operator/conversations-operator/internal/twilio/simulator"
)

func TestEveryAddressIsListed(t *testing.T) {
	sim, all := simulated(t)
	for i := range 120 {
		_, err := all.Create(t.Context(), address.Params{Type: new("sms"), Address: new(fmt.Sprintf("+1555%04d", i))})
		is(t, "created", err, nil)
	}
	_, err := all.Create(t.Context(), address.Params{Type: new("email"), Address: new("help@example.com")})
	is(t, "created", err, nil)
	for name, tt := range map[string]struct {
		options        twilio.PageOptions
		found, request int
	}{
		"all":             {twilio.PageOptions{}, 121, 3},
		"those of a type": {twilio.PageOptions{Filter: address.OfType("SMS")}, 120, 3},
		"the first":       {twilio.PageOptions{Limit: 60}, 60, 2},
		"small pages":     {twilio.PageOptions{PageSize: 30, Filter: address.OfType("sms")}, 120, 4},
	} {
		t.Run(name, func(t *testing.T) {
			sim.ResetRequests()
			found := 0
			for one, err := range all.List(t.Context(), tt.options) {
				is(t, "listed", err, nil)
				if found++; one.ServerTime.IsZero() {
					t.Errorf("%s was listed without a time", one.SID)
				}
			}
			if n := sim.Counts().Operation(simulator.OperationListAddresses); found != tt.found || n != tt.request {
				t.Errorf("found %d with %d requests", found, n)
			}
		})
	}
}

func TestAListGoesOnWhereItEnded(t *testing.T) {
	_, all := simulated(t)
	for i := range 3 {
		_, err := all.Create(t.Context(), address.Params{Type: new("sms"), Address: new(fmt.Sprintf("+1555%04d", i))})
		is(t, "created", err, nil)
	}
	var next string
	for page, err := range all.Pages(t.Context(), twilio.PageOptions{PageSize: 2}) {
		is(t, "listed", err, nil)
		next = page.NextPageURL
		break
	}
	var rest []string
	for one, err := range all.List(t.Context(), twilio.PageOptions{PageURL: next}) {
		is(t, "listed", err, nil)
		rest = append(rest, one.Address)
	}
	if len(rest) != 1 {
		t.Errorf("the rest is %v", rest)
	}
}
