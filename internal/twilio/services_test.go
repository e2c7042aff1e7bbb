// Copyright The conversations-operator Authors
// SPDX-License-Identifier: Apache-2.0

package twilio_test

import (
	"errors"
	"fmt"
	"net/http"
	"slices"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/conversations-operator/conversations-operator/internal/twilio"
	"github.com/conversations-operator/conversations-operator/internal/twilio/simulator"
)

// listServices reads the list of services to its end: the SIDs, and the error that the list ends with.
func listServices(t *testing.T, c *twilio.Client) (sids []string, last error) {
	t.Helper()
	for service, err := range c.Services(t.Context()) {
		if err != nil {
			return sids, err
		}
		sids = append(sids, service.SID)
	}
	return sids, nil
}

func TestEveryServiceOfTheAccountIsListed(t *testing.T) {
	var want []string
	for i := range 120 {
		want = append(want, fmt.Sprintf("IS%032x", i))
	}
	sim, err := simulator.Start(simulator.Options{DefaultServiceSID: want[0], Services: want[1:]})
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(sim.Close)
	client := newClient(t, sim.URL, func(c *twilio.Config) { c.Password = simulator.DefaultAuthToken })
	got, err := listServices(t, client)
	if diff := cmp.Diff(want, slices.Sorted(slices.Values(got))); diff != "" || err != nil {
		t.Errorf("%v (-want +got):\n%s", err, diff)
	}
	if n := sim.Counts().Total(); n != 2 {
		t.Errorf("%d requests for 120 services", n)
	}
}

func TestAListOfServicesEndsWithItsFirstError(t *testing.T) {
	const sid = "ISaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa"
	page := func(next string) string {
		return `{"services":[{"sid":"` + sid + `","account_sid":null}],"meta":{"next_page_url":` + next + `}}`
	}
	const firstPage = "/v1/Services?PageSize=100"
	for name, tt := range map[string]struct {
		pages map[string]string
		want  []string
		class error
		says  string
	}{
		"a page after the first that is not there": {
			map[string]string{firstPage: page(`"{host}/v1/Services?PageToken=x"`)}, []string{sid}, twilio.ErrUnavailable, "not a Twilio error"},
		"a page on another host": {
			map[string]string{firstPage: page(`"https://evil.example/v1/Services"`)}, []string{sid}, twilio.ErrUnavailable, "another host"},
		"a page that was there before": {
			map[string]string{firstPage: page(`"{host}` + firstPage + `"`)}, []string{sid}, twilio.ErrUnavailable, "circle"},
		"a list of something else": {
			map[string]string{firstPage: `{"conversations":[],"meta":{}}`}, nil, twilio.ErrUnavailable, "not a list of Conversation Services"},
		"a service that is none": {
			map[string]string{firstPage: `{"services":[{"sid":"CH1"}],"meta":{}}`}, nil, twilio.ErrUnavailable, "not a list of Conversation Services"},
		"the last page": {map[string]string{firstPage: page("null")}, []string{sid}, nil, ""},
	} {
		t.Run(name, func(t *testing.T) {
			h := newList(t, tt.pages)
			got, err := listServices(t, newClient(t, h.URL))
			if !slices.Equal(got, tt.want) || !errors.Is(err, tt.class) || err != nil && !strings.Contains(err.Error(), tt.says) {
				t.Errorf("%v, then %v", got, err)
			}
		})
	}
}

func TestWhoMayNotListServicesIsTold(t *testing.T) {
	h := newHost(t, answering(http.StatusForbidden, refused(403, 20403)))
	if _, err := listServices(t, newClient(t, h.URL)); !errors.Is(err, twilio.ErrDenied) {
		t.Errorf("got %v", err)
	}
}
