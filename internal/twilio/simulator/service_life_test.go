// Copyright The conversations-operator Authors
// SPDX-License-Identifier: Apache-2.0

package simulator_test

import (
	"net/http"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"github.com/conversations-operator/conversations-operator/internal/twilio/simulator"
)

const services = "/v1/Services"

// quirky starts a simulator with the quirks of services, and makes a service in it.
func quirky(t *testing.T, q simulator.ServiceQuirks) (*simulator.Server, api, string) {
	t.Helper()
	s := start(t, func(o *simulator.Options) { o.Quirks.Services = q })
	a := connect(t, s)
	return s, a, services + "/" + a.create(services, "FriendlyName", "Helpline")
}

func TestServicesOfOneNameAreTwo(t *testing.T) {
	a := connect(t, start(t))
	first, second := a.create(services, "FriendlyName", "Twin"), a.create(services, "FriendlyName", "Twin")
	if first == second {
		t.Errorf("both are %s", first)
	}
	if got := a.get(services+"/"+first).want(t, http.StatusOK, 0); got.field("friendly_name") != "Twin" {
		t.Errorf("answered %s", got.text)
	}
}

func TestTheNameOfAServiceIsChecked(t *testing.T) {
	a := connect(t, start(t))
	a.post(services).want(t, http.StatusBadRequest, 50000)
	a.post(services, "FriendlyName", strings.Repeat("ä", 257)).want(t, http.StatusBadRequest, 50003)
	for _, name := range []string{"x", strings.Repeat("ä", 256)} {
		a.create(services, "FriendlyName", name, "Colour", "red")
	}
}

func TestAServiceHasNoUpdate(t *testing.T) {
	_, a, path := quirky(t, simulator.ServiceQuirks{})
	a.post(path, "FriendlyName", "New").want(t, http.StatusMethodNotAllowed, 20004)
	for _, singleton := range []string{"/Configuration", "/Configuration/Webhooks", "/Configuration/Notifications"} {
		a.do(http.MethodDelete, path+singleton, nil).want(t, http.StatusMethodNotAllowed, 20004)
	}
}

func TestADeletedServiceTakesAllAlong(t *testing.T) {
	s, a, path := quirky(t, simulator.ServiceQuirks{})
	sid := a.create(path+"/Conversations", "UniqueName", "vip", "Timers.Closed", "PT10M")
	kept := a.create(conversations)
	if got := a.do(http.MethodDelete, path, nil).want(t, http.StatusNoContent, 0); got.text != "" {
		t.Errorf("answered %s", got.text)
	}
	for _, gone := range []string{
		"", "/Conversations", "/Conversations/" + sid, "/Configuration", "/Configuration/Webhooks", "/Configuration/Notifications",
	} {
		a.get(path+gone).want(t, http.StatusNotFound, 20404)
	}
	a.do(http.MethodDelete, path, nil).want(t, http.StatusNotFound, 20404)
	s.Advance(time.Hour)
	if left := s.Conversations(""); len(left) != 1 || left[0].SID != kept {
		t.Errorf("%v is left", left)
	}
	if got := servicesOf(a.get(services)); !slices.Equal(got, []string{service2, service}) {
		t.Errorf("the services are %v", got)
	}
}

func TestAServiceIsBornWithFourRoles(t *testing.T) {
	s, a, path := quirky(t, simulator.ServiceQuirks{})
	types := map[string]string{}
	for _, v := range s.Services("") {
		if strings.HasSuffix(path, v.SID) {
			for _, role := range v.Roles {
				types[role.SID] = role.Type
			}
		}
	}
	got := a.get(path+"/Configuration").want(t, http.StatusOK, 0)
	for field, kind := range map[string]string{
		"default_conversation_creator_role_sid": "conversation", "default_conversation_role_sid": "conversation",
		"default_chat_service_role_sid": "service",
	} {
		if types[got.field(field)] != kind {
			t.Errorf("%s is %q, of type %q", field, got.field(field), types[got.field(field)])
		}
	}
	if len(types) != 4 || got.body["reachability_enabled"] != false {
		t.Errorf("%d roles, and %s", len(types), got.text)
	}
	if !strings.HasSuffix(got.field("url"), path+"/Configuration") || !strings.HasSuffix(got.inner("links", "webhooks"), path+"/Configuration/Webhooks") {
		t.Errorf("the addresses are in %s", got.text)
	}
}

func TestTheConfigurationOfAServiceMerges(t *testing.T) {
	_, a, path := quirky(t, simulator.ServiceQuirks{})
	first := a.get(path + "/Configuration")
	if same := a.post(path+"/Configuration", "Colour", "red").want(t, http.StatusOK, 0); same.text != first.text {
		t.Errorf("an unknown parameter made it %s", same.text)
	}
	for _, want := range []string{"true", "false"} {
		got := a.post(path+"/Configuration", "ReachabilityEnabled", want).want(t, http.StatusOK, 0)
		if got.body["reachability_enabled"] != (want == "true") ||
			got.field("default_conversation_role_sid") != first.field("default_conversation_role_sid") {
			t.Errorf("reachability %s: %s", want, got.text)
		}
	}
	creator := first.field("default_conversation_creator_role_sid")
	if got := a.post(path+"/Configuration", "DefaultConversationRoleSid", creator); got.field("default_conversation_role_sid") != creator {
		t.Errorf("the role is %s", got.text)
	}
	a.post(path+"/Configuration", "ReachabilityEnabled", "yes").want(t, http.StatusBadRequest, 20001)
}

func TestARoleOfTheWrongKindIsRefused(t *testing.T) {
	for _, tt := range []struct {
		quirks       simulator.ServiceQuirks
		status, code int
	}{
		{simulator.ServiceQuirks{}, 400, 50109},
		{simulator.ServiceQuirks{RoleCode: 50100}, 400, 50100},
		{simulator.ServiceQuirks{RoleStatus: 404, RoleCode: 20404}, 404, 20404},
	} {
		_, a, path := quirky(t, tt.quirks)
		first := a.get(path + "/Configuration")
		for _, role := range []string{first.field("default_conversation_role_sid"), "RL" + strings.Repeat("0", 32), ""} {
			a.post(path+"/Configuration", "DefaultChatServiceRoleSid", role).want(t, tt.status, tt.code)
		}
		if got := a.get(path + "/Configuration"); got.text != first.text {
			t.Errorf("it became %s", got.text)
		}
	}
}

func TestTheDeletionOfAServiceMayTakeTime(t *testing.T) {
	for gone, status := range map[bool]int{false: http.StatusOK, true: http.StatusNotFound} {
		s, a, path := quirky(t, simulator.ServiceQuirks{DeletionTakes: time.Minute, DeletingIsGone: gone})
		sid := a.create(path + "/Conversations")
		a.do(http.MethodDelete, path, nil).want(t, http.StatusNoContent, 0)
		for _, read := range []string{"", "/Configuration", "/Conversations/" + sid} {
			a.get(path+read).want(t, status, 20404)
		}
		a.do(http.MethodDelete, path, nil).want(t, http.StatusConflict, 50002)
		a.post(path+"/Configuration").want(t, http.StatusConflict, 50002)
		a.post(path+"/Conversations").want(t, http.StatusConflict, 50002)
		s.Advance(time.Minute)
		a.get(path).want(t, http.StatusNotFound, 20404)
		if left := s.Conversations(""); len(left) != 0 {
			t.Errorf("%v is left", left)
		}
	}
}

func TestTheDefaultServiceMayBeDeletable(t *testing.T) {
	a := connect(t, start(t))
	a.do(http.MethodDelete, services+"/"+service, nil).want(t, http.StatusNoContent, 0)
	a.get(conversations).want(t, http.StatusNotFound, 20404)
	for _, status := range []int{400, 403} {
		_, a, path := quirky(t, simulator.ServiceQuirks{RefuseDeletingDefault: status})
		a.do(http.MethodDelete, services+"/"+service, nil).want(t, status, 20001)
		a.do(http.MethodDelete, path, nil).want(t, http.StatusNoContent, 0)
	}
}

func TestTheShortPathIsTheDefaultService(t *testing.T) {
	s, a, path := quirky(t, simulator.ServiceQuirks{})
	old := a.create(conversations, "UniqueName", "old")
	a.get(services+"/"+service+"/Conversations/"+old).want(t, http.StatusOK, 0)
	c, err := s.Configuration("")
	must(t, err)
	c.DefaultServiceSID = strings.TrimPrefix(path, services+"/")
	must(t, s.SetConfiguration("", c))
	a.get(conversations+"/old").want(t, http.StatusNotFound, 20404)
	a.get(path+"/Conversations/"+a.create(conversations)).want(t, http.StatusOK, 0)
}

func TestAnAccountMayHaveTooManyServices(t *testing.T) {
	a := connect(t, start(t, func(o *simulator.Options) { o.Quirks.Services.Most = 3 }))
	a.create(services, "FriendlyName", "Third")
	a.post(services, "FriendlyName", "Fourth").want(t, http.StatusForbidden, 20403)
}

func TestAnAddressOfADeletedService(t *testing.T) {
	for name, tt := range map[string]struct {
		quirks simulator.ServiceQuirks
		want   []string
	}{
		"keeps its SID": {simulator.ServiceQuirks{}, []string{service2}},
		"loses it":      {simulator.ServiceQuirks{DeletionClearsAddresses: true}, []string{""}},
		"goes with it":  {simulator.ServiceQuirks{DeletionRemovesAddresses: true}, nil},
	} {
		t.Run(name, func(t *testing.T) {
			s, a, _ := quirky(t, tt.quirks)
			a.create(addresses, toWebhook()...)
			a.do(http.MethodDelete, services+"/"+service2, nil).want(t, http.StatusNoContent, 0)
			var got []string
			for _, address := range s.Addresses("") {
				got = append(got, address.AutoCreation.ServiceSID)
			}
			if diff := cmp.Diff(tt.want, got); diff != "" {
				t.Errorf("(-want +got):\n%s", diff)
			}
		})
	}
}

func TestAListOfServicesMayLag(t *testing.T) {
	s := start(t, func(o *simulator.Options) { o.Listing.Lag = patience })
	a := connect(t, s)
	sid := a.create(services, "FriendlyName", "New")
	a.get(services+"/"+sid).want(t, http.StatusOK, 0)
	if got := servicesOf(a.get(services)); slices.Contains(got, sid) {
		t.Errorf("the list is ahead: %v", got)
	}
	s.Advance(patience)
	if got := servicesOf(a.get(services)); !slices.Contains(got, sid) {
		t.Errorf("the list has %v", got)
	}
}
