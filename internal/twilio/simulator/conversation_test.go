// Copyright The conversations-operator Authors
// SPDX-License-Identifier: Apache-2.0

package simulator_test

import (
	"net/http"
	"net/url"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"github.com/conversations-operator/conversations-operator/internal/twilio/simulator"
)

var (
	sidLike  = "CH" + strings.Repeat("0aF1", 8)
	attrs16K = `"` + strings.Repeat("x", 16<<10-2) + `"`
)

// values are parameters with Twilio's verdict, which is the same on create and on update.
var values = []struct {
	name, key, value string
	quirks           simulator.Quirks
	code             int // 0 is accepted
}{
	{"a friendly name of 256 characters", "FriendlyName", strings.Repeat("é", 256), simulator.Quirks{}, 0},
	{"a friendly name of 257 characters", "FriendlyName", strings.Repeat("é", 257), simulator.Quirks{}, 50003},
	{"an empty friendly name", "FriendlyName", "", simulator.Quirks{}, 0},
	{"a unique name of 256 characters", "UniqueName", strings.Repeat("é", 256), simulator.Quirks{}, 0},
	{"a unique name of 257 characters", "UniqueName", strings.Repeat("é", 257), simulator.Quirks{}, 50004},
	{"a unique name of 65 characters, if so chosen", "UniqueName", strings.Repeat("x", 65),
		simulator.Quirks{UniqueNameMax: 64}, 50004},
	{"a unique name that starts with CH", "UniqueName", "CHat", simulator.Quirks{}, 0},
	{"a unique name of the shape of a SID", "UniqueName", sidLike, simulator.Quirks{}, 50390},
	{"a unique name with a slash", "UniqueName", "a/b", simulator.Quirks{}, 0},
	{"attributes of 16 KiB", "Attributes", attrs16K, simulator.Quirks{}, 0},
	{"attributes of a byte more", "Attributes", attrs16K + " ", simulator.Quirks{}, 50303},
	{"attributes of 16 KiB in characters, if so chosen", "Attributes", `"` + strings.Repeat("é", 10_000) + `"`,
		simulator.Quirks{CountAttributesInCharacters: true}, 0},
	{"attributes that are a list", "Attributes", `[1]`, simulator.Quirks{}, 0},
	{"attributes that are a list, if so chosen", "Attributes", `[1]`, simulator.Quirks{RefuseScalarAttributes: true}, 50304},
	{"attributes that are not JSON", "Attributes", `{a:1}`, simulator.Quirks{}, 50304},
	{"empty attributes", "Attributes", "", simulator.Quirks{}, 50304},
	{"the active state", "State", "active", simulator.Quirks{}, 0},
	{"the inactive state", "State", "inactive", simulator.Quirks{}, 0},
	{"an empty state", "State", "", simulator.Quirks{}, 50374},
	{"a state that Twilio sets itself", "State", "initializing", simulator.Quirks{}, 50378},
	{"an unknown state", "State", "Active", simulator.Quirks{}, 50378},
	{"an inactive timer of a minute", "Timers.Inactive", "PT1M", simulator.Quirks{}, 0},
	{"an inactive timer of 59 seconds", "Timers.Inactive", "PT59S", simulator.Quirks{}, 50375},
	{"an inactive timer in days", "Timers.Inactive", "P1D", simulator.Quirks{}, 0},
	{"an inactive timer that is removed", "Timers.Inactive", "PT0S", simulator.Quirks{}, 0},
	{"an inactive timer that is removed, if that is refused", "Timers.Inactive", "PT0S",
		simulator.Quirks{RefuseZeroTimers: true}, 50375},
	{"an empty inactive timer", "Timers.Inactive", "", simulator.Quirks{}, 50379},
	{"an inactive timer that is no duration", "Timers.Inactive", "1m", simulator.Quirks{}, 50379},
	{"an inactive timer without a number", "Timers.Inactive", "PT", simulator.Quirks{}, 50379},
	{"a negative inactive timer", "Timers.Inactive", "-PT5M", simulator.Quirks{}, 50379},
	{"an inactive timer with a unit twice", "Timers.Inactive", "PT1M1M", simulator.Quirks{}, 50379},
	{"an inactive timer with units out of order", "Timers.Inactive", "PT1S1M", simulator.Quirks{}, 50379},
	{"an inactive timer that stops at the T", "Timers.Inactive", "P1DT", simulator.Quirks{}, 50379},
	{"an inactive timer of a thousand years", "Timers.Inactive", "P365000D", simulator.Quirks{}, 0},
	{"a closed timer of ten minutes", "Timers.Closed", "PT10M", simulator.Quirks{}, 0},
	{"a closed timer of 9:59", "Timers.Closed", "PT9M59S", simulator.Quirks{}, 50376},
	{"a closed timer that is removed", "Timers.Closed", "PT0S", simulator.Quirks{}, 0},
	{"a closed timer that is removed, if that is refused", "Timers.Closed", "PT0S",
		simulator.Quirks{RefuseZeroTimers: true}, 50376},
	{"a closed timer that is no duration", "Timers.Closed", "600", simulator.Quirks{}, 50380},
	{"a closed timer of as many days as fit", "Timers.Closed", "P999999999D", simulator.Quirks{}, 0},
	{"a date of creation", "DateCreated", "2015-12-16T22:18:37Z", simulator.Quirks{}, 0},
	{"a malformed date of creation", "DateCreated", "2015-12-16", simulator.Quirks{}, 50308},
	{"a date of update", "DateUpdated", "2015-12-16T23:18:37+01:00", simulator.Quirks{}, 0},
	{"a malformed date of update", "DateUpdated", "now", simulator.Quirks{}, 50309},
	{"a messaging service", "MessagingServiceSid", "MG" + strings.Repeat("1", 32), simulator.Quirks{}, 0},
	{"a messaging service of another kind", "MessagingServiceSid", service, simulator.Quirks{}, 50341},
	{"an empty messaging service", "MessagingServiceSid", "", simulator.Quirks{}, 50341},
	{"a parameter that Twilio does not know", "Topic", "x", simulator.Quirks{AcceptEmptyUpdates: true}, 0},
}

func TestValuesAreValidated(t *testing.T) {
	for _, c := range values {
		t.Run(c.name, func(t *testing.T) {
			s := start(t, func(o *simulator.Options) { o.Quirks = c.quirks })
			a := connect(t, s)
			sid := a.create(conversations)
			created, updated, left := http.StatusCreated, http.StatusOK, 2
			if c.code != 0 {
				created, updated, left = http.StatusBadRequest, http.StatusBadRequest, 1
			}
			// The update comes first: a unique name would be taken after the create.
			a.post(conversations+"/"+sid, c.key, c.value).want(t, updated, c.code)
			if c.key == "UniqueName" && c.code == 0 {
				must(t, s.Edit(sid, func(c *simulator.Conversation) { c.UniqueName = "" }))
			}
			a.post(conversations, c.key, c.value).want(t, created, c.code)
			if got := len(s.Conversations(account)); got != left {
				t.Errorf("%d conversations are there, want %d", got, left)
			}
		})
	}
}

func TestCreateAnswersWithTwiliosDefaults(t *testing.T) {
	s := start(t)
	s.Advance(700 * time.Millisecond)
	got := connect(t, s).post(conversations).want(t, http.StatusCreated, 0)
	sid := got.field("sid")
	self := s.URL + conversations + "/" + sid
	want := map[string]any{
		"sid": sid, "account_sid": account, "chat_service_sid": service,
		"messaging_service_sid": simulator.DefaultMessagingServiceSID, "friendly_name": nil, "unique_name": nil,
		"attributes": "{}", "state": "active", "date_created": "2026-03-01T12:00:00Z",
		"date_updated": "2026-03-01T12:00:00Z", "timers": map[string]any{}, "bindings": map[string]any{}, "url": self,
		"links": map[string]any{
			"participants": self + "/Participants", "messages": self + "/Messages", "webhooks": self + "/Webhooks",
			"export": self + "/Export",
		},
	}
	if diff := cmp.Diff(want, got.body); diff != "" {
		t.Errorf("answer (-want +got):\n%s", diff)
	}
}

func TestAnswersMayLackWhatOldRecordingsLack(t *testing.T) {
	s := start(t, func(o *simulator.Options) { o.Quirks.SparseAnswers = true })
	a := connect(t, s)
	a.client = &http.Client{Transport: &http.Transport{DisableKeepAlives: true}}
	got := a.post(conversations).want(t, http.StatusCreated, 0)
	_, bindings := got.body["bindings"]
	if updated, ok := got.body["date_updated"]; !ok || updated != nil || bindings || got.inner("links", "export") != "" {
		t.Errorf("answered %s", got.text)
	}
}

func TestUpdateChangesOnlyWhatItCarries(t *testing.T) {
	s := start(t)
	a := connect(t, s)
	sid := a.create(conversations, "FriendlyName", "Old", "UniqueName", "name", "Attributes", `{ "a":  1 }`,
		"Bindings.Email.Address", "a@example.com", "Bindings.Email.Name", "A")
	path := conversations + "/" + sid
	for _, c := range []struct {
		name, key, value, field, want string
	}{
		{"a friendly name is replaced", "FriendlyName", "New", "friendly_name", "New"},
		{"a friendly name cannot be cleared", "FriendlyName", "", "friendly_name", "New"},
		{"a unique name is replaced", "UniqueName", "other", "unique_name", "other"},
		{"a unique name may stay as it is", "UniqueName", "other", "unique_name", "other"},
		{"a unique name is cleared by an empty one", "UniqueName", "", "unique_name", ""},
		{"attributes are answered verbatim", "Attributes", ` {"b": 1.0} `, "attributes", ` {"b": 1.0} `},
		{"date_updated may be given", "DateUpdated", "2015-12-16T22:18:37Z", "date_updated", "2015-12-16T22:18:37Z"},
		{"date_updated is now otherwise", "State", "active", "date_updated", "2026-03-01T12:00:00Z"},
		{"date_created may be given", "DateCreated", "2014-12-16T22:18:37Z", "date_created", "2014-12-16T22:18:37Z"},
	} {
		t.Run(c.name, func(t *testing.T) {
			if got := a.post(path, c.key, c.value).want(t, http.StatusOK, 0).field(c.field); got != c.want {
				t.Errorf("%s is %q, want %q", c.field, got, c.want)
			}
		})
	}
	got := a.post(path, "Bindings.Email.Name", "").want(t, http.StatusOK, 0).body["bindings"]
	if diff := cmp.Diff(any(map[string]any{"email": map[string]any{"projected_address": "a@example.com"}}), got); diff != "" {
		t.Errorf("bindings (-want +got):\n%s", diff)
	}
	s.SetQuirks(simulator.Quirks{KeepBindings: true, NormalizeAttributes: true})
	last := a.post(path, "Bindings.Email.Address", "", "Attributes", `{"b": 12345678901234567890, "a": 1.0}`)
	if last.field("attributes") != `{"a":1.0,"b":12345678901234567890}` || !strings.Contains(last.text, "a@example.com") {
		t.Errorf("answered %s", last.text)
	}
}

func TestTheStatusOfRefusalsMayBeAnother(t *testing.T) {
	s := start(t)
	a := connect(t, s)
	sid := a.create(conversations)
	s.SetQuirks(simulator.Quirks{RefusalStatus: http.StatusConflict})
	a.post(conversations, "State", "closed").want(t, http.StatusConflict, 50384)
	a.post(conversations, "UniqueName", sidLike).want(t, http.StatusConflict, 50390)
	got := a.post(conversations+"/"+sid, "Timers.Closed", "PT1M").want(t, http.StatusConflict, 50376)
	if got.body["status"] != 409.0 {
		t.Errorf("answered %s", got.text)
	}
	a.get(conversations+"?State=open").want(t, http.StatusConflict, 50378)
	a.post(conversations, "Attributes", "{").want(t, http.StatusBadRequest, 50304)
	a.post(conversations+"/"+sid, "State", "closed").want(t, http.StatusOK, 0)
	a.post(conversations+"/"+sid, "State", "active").want(t, http.StatusBadRequest, 50377)
}

func TestUniqueNames(t *testing.T) {
	s := start(t)
	a := connect(t, s)
	sid := a.create(conversations, "UniqueName", "vip")
	second := a.create(conversations)
	a.post(conversations, "UniqueName", "vip").want(t, http.StatusConflict, 50353)
	a.post(conversations+"/"+second, "UniqueName", "vip").want(t, http.StatusConflict, 50353)
	a.create(conversations2, "UniqueName", "vip")

	a.post(conversations+"/"+sid, "State", "closed").want(t, http.StatusOK, 0)
	a.post(conversations, "UniqueName", "vip").want(t, http.StatusConflict, 50353)
	s.SetQuirks(simulator.Quirks{ClosedFreesUniqueName: true, NameHeldAfterDelete: time.Second})
	third := a.create(conversations, "UniqueName", "vip")
	must(t, s.Remove(sid))
	if got := a.get(conversations + "/vip").field("sid"); got != third {
		t.Errorf("the name leads to %s, want the one that took it, %s", got, third)
	}

	a.do(http.MethodDelete, conversations+"/vip", nil).want(t, http.StatusNoContent, 0)
	a.post(conversations, "UniqueName", "vip").want(t, http.StatusConflict, 50391)
	s.Advance(time.Second)
	a.create(conversations, "UniqueName", "vip")
}

func TestAddressing(t *testing.T) {
	s := start(t)
	a := connect(t, s)
	for _, name := range []string{"a b", "a?b#c", "a%2Fb", "Ünïcode", "a+b", "k8s.x-1", "CHat", "a&b=c"} {
		sid := a.create(conversations, "UniqueName", name)
		if got := a.get(conversations+"/"+url.PathEscape(name)).want(t, http.StatusOK, 0).field("sid"); got != sid {
			t.Errorf("%q leads to %s, want %s", name, got, sid)
		}
	}
	sid := a.create(conversations, "UniqueName", "a/b")
	upper := "CH" + strings.ToUpper(sid[2:])
	for _, c := range []struct{ name, path, resource string }{
		{"a slash is not addressable", conversations + "/a%2Fb", "/Conversations/a/b"},
		{"a SID is not a unique name", conversations + "/" + sidLike, "/Conversations/" + sidLike},
		{"a SID is looked up as it is", conversations + "/" + upper, "/Conversations/" + upper},
		{"a service has its own conversations", conversations2 + "/" + sid,
			"/Services/" + service2 + "/Conversations/" + sid},
		{"an unknown service", "/v1/Services/IS" + strings.Repeat("9", 32) + "/Conversations",
			"/Services/IS" + strings.Repeat("9", 32) + "/Conversations"},
		{"a resource that is not simulated", conversations + "/" + sid + "/Messages",
			"/Conversations/" + sid + "/Messages"},
		{"a name of dots", conversations + "/%2E%2E", "/Conversations/.."},
	} {
		t.Run(c.name, func(t *testing.T) {
			got := a.get(c.path).want(t, http.StatusNotFound, 20404)
			want := map[string]any{
				"code": 20404.0, "message": "The requested resource " + c.resource + " was not found",
				"more_info": "https://www.twilio.com/docs/errors/20404", "status": 404.0,
			}
			if diff := cmp.Diff(want, got.body); diff != "" {
				t.Errorf("answer (-want +got):\n%s", diff)
			}
		})
	}
	s.SetQuirks(simulator.Quirks{ServiceNotFoundCode: 50050})
	a.get("/v1/Services/IS"+strings.Repeat("9", 32)+"/Conversations").want(t, http.StatusNotFound, 50050)
	a.do(http.MethodPut, conversations+"/"+sid, nil).want(t, http.StatusMethodNotAllowed, 20004)
	a.do(http.MethodDelete, conversations, nil).want(t, http.StatusMethodNotAllowed, 20004)
	a.do(http.MethodPost, conversations, formOf("FriendlyName", "x"), "Content-Type", "application/json").
		want(t, http.StatusBadRequest, 20001)
	if got := len(s.Conversations(account)); got != 9 {
		t.Errorf("%d conversations are there, want 9", got)
	}
}

func TestMessagingServicesOfTheAccount(t *testing.T) {
	s := start(t)
	a := connect(t, s)
	ours, theirs := "MG"+strings.Repeat("1", 32), "MG"+strings.Repeat("2", 32)
	cfg, err := s.Configuration("")
	must(t, err)
	cfg.MessagingServices = []string{ours}
	must(t, s.SetConfiguration("", cfg))
	sid := a.create(conversations, "MessagingServiceSid", ours)
	a.post(conversations+"/"+sid, "MessagingServiceSid", theirs).want(t, http.StatusBadRequest, 50342)
	if got := a.get(conversations + "/" + sid).field("messaging_service_sid"); got != ours {
		t.Errorf("the messaging service is %s, want %s", got, ours)
	}
}
