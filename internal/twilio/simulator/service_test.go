// Copyright The conversations-operator Authors
// SPDX-License-Identifier: Apache-2.0

package simulator_test

import (
	"fmt"
	"net/http"
	"slices"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
	sdk "github.com/twilio/twilio-go/rest/conversations/v1"

	"github.com/conversations-operator/conversations-operator/internal/twilio/simulator"
)

// servicesOf is a page of services by SID.
func servicesOf(page answer) (sids []string) {
	for _, one := range page.body["services"].([]any) {
		sids = append(sids, one.(map[string]any)["sid"].(string))
	}
	return sids
}

func manyServices(n int) (sids []string) {
	for i := range n {
		sids = append(sids, fmt.Sprintf("IS%032x", i))
	}
	return sids
}

func TestServicesAreListedPageByPage(t *testing.T) {
	sids := manyServices(120)
	s := start(t, func(o *simulator.Options) { o.Services = sids[1:]; o.DefaultServiceSID = sids[0] })
	a := connect(t, s)
	for _, tt := range []struct {
		name, query string
		requests    int
	}{
		{"fifty a page unless asked otherwise", "", 3},
		{"a hundred a page at most", "?PageSize=1000", 2},
		{"as many a page as asked for", "?PageSize=40", 3},
		{"pages that end with the list", "?PageSize=60", 2},
	} {
		t.Run(tt.name, func(t *testing.T) {
			var got []string
			requests := 0
			for path := "/v1/Services" + tt.query; path != ""; requests++ {
				page := a.get(path).want(t, http.StatusOK, 0)
				got = append(got, servicesOf(page)...)
				path = page.inner("meta", "next_page_url")
			}
			if diff := cmp.Diff(sids, got); diff != "" || requests != tt.requests {
				t.Errorf("%d requests (-want +got):\n%s", requests, diff)
			}
		})
	}
}

func TestAPageOfServicesLeadsBack(t *testing.T) {
	sids := manyServices(5)
	s := start(t, func(o *simulator.Options) { o.Services = sids[1:]; o.DefaultServiceSID = sids[0] })
	a := connect(t, s)
	second := a.get(a.get("/v1/Services?PageSize=2").inner("meta", "next_page_url")).want(t, http.StatusOK, 0)
	if got := servicesOf(second); !slices.Equal(got, sids[2:4]) {
		t.Fatalf("the second page is %v", got)
	}
	first := a.get(second.inner("meta", "previous_page_url")).want(t, http.StatusOK, 0)
	if got := servicesOf(first); !slices.Equal(got, sids[:2]) {
		t.Errorf("the page before it is %v", got)
	}
	if got := servicesOf(a.get(first.inner("meta", "next_page_url"))); !slices.Equal(got, sids[2:4]) {
		t.Errorf("the page after that is %v", got)
	}
}

func TestAPageOfServicesThatIsNoneIsRefused(t *testing.T) {
	a := connect(t, start(t))
	for query, code := range map[string]int{
		"PageSize=0": 20001, "PageSize=x": 20001, "Page=-1": 20001, "PageToken=PTactive": 20001, "PageToken=P": 20001, "PageToken=PTe30=": 20001, "Page=1": 0,
	} {
		a.get("/v1/Services?"+query).want(t, http.StatusBadRequest, code)
	}
}

func TestThePageTokenOfServicesIsJSONInBase64(t *testing.T) {
	next := connect(t, start(t)).get("/v1/Services?PageSize=1").want(t, http.StatusOK, 0).inner("meta", "next_page_url")
	if !strings.Contains(next, "PageToken=PTeyJ") {
		t.Errorf("the next page is %s", next)
	}
}

func TestTheSDKListsEveryService(t *testing.T) {
	sids := manyServices(120)
	s := start(t, func(o *simulator.Options) { o.Services = sids[1:]; o.DefaultServiceSID = sids[0] })
	all, err := newSDK(t, s.URL).ListService(&sdk.ListServiceParams{PageSize: new(100)})
	must(t, err)
	var got []string
	for _, one := range all {
		got = append(got, *one.Sid)
	}
	if diff := cmp.Diff(sids, got); diff != "" {
		t.Errorf("(-want +got):\n%s", diff)
	}
}
