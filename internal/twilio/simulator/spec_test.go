// Copyright The conversations-operator Authors
// SPDX-License-Identifier: Apache-2.0

package simulator_test

import (
	"bytes"
	"encoding/json"
	"io"
	"net/http"
	"os"
	"path/filepath"
	"regexp"
	"strconv"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/getkin/kin-openapi/openapi3"

	"github.com/conversations-operator/conversations-operator/internal/twilio/simulator"
)

// specificationFile is Twilio's own OpenAPI document, which the project does not hold a copy of.
var specificationFile = filepath.Join("..", "..", "..", "..", "shared", "twilio", "twilio_conversations_v1.json")

var loadSpecification = sync.OnceValues(func() (*openapi3.T, error) {
	if _, err := os.Stat(specificationFile); err != nil {
		return nil, nil
	}
	return openapi3.NewLoader().LoadFromFile(specificationFile)
})

// specification is nil where the document is absent.
func specification(t testing.TB) *openapi3.T {
	t.Helper()
	doc, err := loadSpecification()
	if err != nil {
		t.Fatalf("reading Twilio's specification: %v", err)
	}
	return doc
}

// checked validates the bodies of successful answers.
type checked struct {
	t    testing.TB
	next http.RoundTripper
	spec *openapi3.T
}

// RoundTrip fails the test if an answer violates Twilio's specification.
func (c checked) RoundTrip(r *http.Request) (*http.Response, error) {
	got, err := c.next.RoundTrip(r)
	if err != nil || c.spec == nil || got.StatusCode/100 != 2 || got.Header.Get("Twilio-Request-Id") == "" {
		return got, err
	}
	body, err := io.ReadAll(got.Body)
	_ = got.Body.Close()
	got.Body = io.NopCloser(bytes.NewReader(body))
	if err != nil {
		got.Body = io.NopCloser(io.MultiReader(bytes.NewReader(body), broken{err}))
		return got, nil
	}
	c.validate(r.Method, r.URL.Path, got.StatusCode, body)
	return got, nil
}

type broken struct{ err error }

// Read fails as the connection did.
func (b broken) Read([]byte) (int, error) { return 0, b.err }

// templates turn a path into the specification's.
var templates = []struct {
	path     *regexp.Regexp
	template string
}{
	{regexp.MustCompile(`/Services/[^/]+/Conversations/.+`), "/v1/Services/{ChatServiceSid}/Conversations/{Sid}"},
	{regexp.MustCompile(`/Services/[^/]+/Conversations$`), "/v1/Services/{ChatServiceSid}/Conversations"},
	{regexp.MustCompile(`/Services/[^/]+/ConversationWithParticipants$`),
		"/v1/Services/{ChatServiceSid}/ConversationWithParticipants"},
	{regexp.MustCompile(`/Services/[^/]+$`), "/v1/Services/{Sid}"},
	{regexp.MustCompile(`/Services/[^/]+/Configuration$`), "/v1/Services/{ChatServiceSid}/Configuration"},
	{regexp.MustCompile(`/Services/[^/]+/Configuration/Webhooks$`), "/v1/Services/{ChatServiceSid}/Configuration/Webhooks"},
	{regexp.MustCompile(`/Services/[^/]+/Configuration/Notifications$`), "/v1/Services/{ChatServiceSid}/Configuration/Notifications"},
	{regexp.MustCompile(`/Configuration/Addresses/.+`), "/v1/Configuration/Addresses/{Sid}"},
	{regexp.MustCompile(`/Conversations/.+`), "/v1/Conversations/{Sid}"},
	{regexp.MustCompile(`.*`), ""},
}

func (c checked) validate(method, path string, status int, body []byte) {
	c.t.Helper()
	template := path
	for _, p := range templates {
		if p.path.MatchString(path) {
			if p.template != "" {
				template = p.template
			}
			break
		}
	}
	item := c.spec.Paths.Value(template)
	if item == nil || item.GetOperation(method) == nil {
		c.t.Errorf("%s %s was answered with %d, but is not in Twilio's specification", method, path, status)
		return
	}
	want := item.GetOperation(method).Responses.Value(strconv.Itoa(status))
	if want == nil {
		c.t.Errorf("%s %s was answered with %d, which Twilio does not specify", method, path, status)
		return
	}
	media := want.Value.Content.Get("application/json")
	if media == nil {
		if len(body) > 0 {
			c.t.Errorf("%s %s was answered with a body: %s", method, path, body)
		}
		return
	}
	var v any
	if err := json.Unmarshal(body, &v); err != nil {
		c.t.Errorf("%s %s was not answered with JSON: %v", method, path, err)
		return
	}
	c.properties(media.Schema.Value, v.(map[string]any), method+" "+path)
	if strings.HasSuffix(path, "/Configuration/Webhooks") {
		// The schema knows neither the null of Twilio's own example nor the case in which a client sent the method.
		if sent, ok := v.(map[string]any)["method"].(string); ok {
			v.(map[string]any)["method"] = strings.ToUpper(sent)
		} else {
			delete(v.(map[string]any), "method")
		}
	}
	if err := media.Schema.Value.VisitJSON(v, openapi3.VisitAsResponse(), openapi3.EnableFormatValidation()); err != nil {
		c.t.Errorf("%s %s: %v", method, path, err)
	}
}

// properties checks that an answer has exactly the specified properties.
func (c checked) properties(schema *openapi3.Schema, v map[string]any, where string) {
	c.t.Helper()
	for name := range v {
		if schema.Properties[name] == nil {
			c.t.Errorf("%s: Twilio does not specify %q", where, name)
		}
	}
	for name, property := range schema.Properties {
		inner, ok := v[name]
		if !ok {
			c.t.Errorf("%s: %q is missing", where, name)
			continue
		}
		entries, _ := inner.([]any)
		for _, entry := range entries {
			if object, ok := entry.(map[string]any); ok {
				c.properties(property.Value.Items.Value, object, where+" "+name)
			}
		}
	}
}

func TestEveryAnswerIsAsTwilioSpecifies(t *testing.T) {
	if specification(t) == nil {
		t.Skip("Twilio's specification is not at " + specificationFile)
	}
	s := start(t, func(o *simulator.Options) { o.DefaultInactiveTimer = "PT1H" })
	a := connect(t, s)
	full := []string{
		"UniqueName", "full", "FriendlyName", "Full", "Attributes", `{ "topic": "feedback" }`, "State", "inactive",
		"Timers.Inactive", "PT1M", "Timers.Closed", "PT10M", "Bindings.Email.Address", "a@example.com",
		"Bindings.Email.Name", "A", "DateCreated", "2015-12-16T22:18:37Z",
	}
	for _, path := range []string{conversations, conversations2} {
		a.create(path)
		sid := a.create(path, full...)
		a.get(path+"/"+sid).want(t, http.StatusOK, 0)
		a.get(path+"/full").want(t, http.StatusOK, 0)
		a.post(path+"/"+sid, "FriendlyName", "changed").want(t, http.StatusOK, 0)
		first := a.get(path+"?PageSize=1").want(t, http.StatusOK, 0)
		a.get(first.inner("meta", "next_page_url")).want(t, http.StatusOK, 0)
		a.get(path+"?StartDate=2015-01-01T00:00:00Z").want(t, http.StatusOK, 0)
		s.Advance(10 * time.Minute)
		a.get(path+"/"+sid).want(t, http.StatusOK, 0)
		a.do(http.MethodDelete, path+"/"+sid, nil).want(t, http.StatusNoContent, 0)
		with := regexp.MustCompile("Conversations$").ReplaceAllString(path, "ConversationWithParticipants")
		a.post(with, "FriendlyName", "with").want(t, http.StatusAccepted, 0)
	}
	made := "/v1/Services/" + a.create("/v1/Services", "FriendlyName", "Helpline")
	for _, singleton := range []string{"/Configuration", "/Configuration/Webhooks", "/Configuration/Notifications"} {
		a.get(made+singleton).want(t, http.StatusOK, 0)
	}
	a.post(made+"/Configuration", "ReachabilityEnabled", "true").want(t, http.StatusOK, 0)
	a.post(made+"/Configuration/Notifications", "NewMessage.Enabled", "true").want(t, http.StatusOK, 0)
	a.post(made+"/Configuration/Webhooks", "PostWebhookUrl", "https://localhost/", "Method", "POST", "Filters", "onMessageAdded").want(t, http.StatusOK, 0)
	a.do(http.MethodDelete, made, nil).want(t, http.StatusNoContent, 0)
	a.create(addresses, "Type", "sms", "Address", number)
	a.get(addressPath(number)).want(t, http.StatusOK, 0)
	a.post(addressPath(number), "AutoCreation.Type", "studio").want(t, http.StatusOK, 0)
	a.get(addresses).want(t, http.StatusOK, 0)
	a.do(http.MethodDelete, addressPath(number), nil).want(t, http.StatusNoContent, 0)
	a.get("/v1/Configuration").want(t, http.StatusOK, 0)
	first := a.get("/v1/Services?PageSize=1").want(t, http.StatusOK, 0)
	a.get(first.inner("meta", "next_page_url")).want(t, http.StatusOK, 0)
	a.get("/v1/Services/"+service).want(t, http.StatusOK, 0)
}
