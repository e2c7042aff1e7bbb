// Copyright The conversations-operator Authors
// SPDX-License-Identifier: Apache-2.0

package simulator

import (
	"bytes"
	"encoding/json"
	"time"
)

// conversationAnswer is the JSON of a conversation in the API.
type conversationAnswer struct {
	SID                 string          `json:"sid"`
	AccountSID          string          `json:"account_sid"`
	ServiceSID          string          `json:"chat_service_sid"`
	MessagingServiceSID *string         `json:"messaging_service_sid"`
	FriendlyName        *string         `json:"friendly_name"`
	UniqueName          *string         `json:"unique_name"`
	Attributes          string          `json:"attributes"`
	State               string          `json:"state"`
	DateCreated         string          `json:"date_created"`
	DateUpdated         *string         `json:"date_updated"`
	Timers              timersAnswer    `json:"timers"`
	Bindings            *bindingsAnswer `json:"bindings,omitempty"`
	URL                 string          `json:"url"`
	Links               linksAnswer     `json:"links"`
}

type linksAnswer struct {
	Participants string `json:"participants"`
	Messages     string `json:"messages"`
	Webhooks     string `json:"webhooks"`
	Export       string `json:"export,omitempty"`
}

type timersAnswer struct {
	DateInactive string `json:"date_inactive,omitempty"`
	DateClosed   string `json:"date_closed,omitempty"`
}

type bindingsAnswer struct {
	Email *emailAnswer `json:"email,omitempty"`
}

type emailAnswer struct {
	ProjectedAddress string `json:"projected_address,omitempty"`
	Name             string `json:"name,omitempty"`
}

// errorAnswer is the JSON of an error in the API. Twilio sometimes leaves out the code.
type errorAnswer struct {
	Code     int    `json:"code,omitempty"`
	Message  string `json:"message"`
	MoreInfo string `json:"more_info,omitempty"`
	Status   int    `json:"status"`
}

// view renders a conversation. base is the URL of the collection that the client requested, account-wide or of a
// service.
func (q Quirks) view(c *Conversation, base string) conversationAnswer {
	url := base + "/" + c.SID
	a := conversationAnswer{
		SID: c.SID, AccountSID: c.AccountSID, ServiceSID: c.ServiceSID,
		MessagingServiceSID: orNull(c.MessagingServiceSID), FriendlyName: orNull(c.FriendlyName),
		UniqueName: orNull(c.UniqueName), Attributes: c.Attributes, State: c.State,
		DateCreated: second(c.DateCreated), DateUpdated: q.updated(c.DateCreated, c.DateUpdated),
		Timers: timersAnswer{
			DateInactive: second(c.Timers.Inactive.Deadline),
			DateClosed:   second(c.Timers.Closed.Deadline),
		},
		URL:   url,
		Links: linksAnswer{Participants: url + "/Participants", Messages: url + "/Messages", Webhooks: url + "/Webhooks"},
	}
	if q.SparseAnswers {
		return a
	}
	a.Links.Export = url + "/Export"
	a.Bindings = &bindingsAnswer{}
	if c.Email != (Email{}) {
		a.Bindings.Email = &emailAnswer{ProjectedAddress: c.Email.Address, Name: c.Email.Name}
	}
	return a
}

// updated renders date_updated.
func (q Quirks) updated(created, updated time.Time) *string {
	if q.SparseAnswers && updated.Equal(created) {
		return nil
	}
	return new(second(updated))
}

// second formats a time as the API does: whole seconds in UTC. It returns "" for the zero time.
func second(t time.Time) string {
	if t.IsZero() {
		return ""
	}
	return t.UTC().Format("2006-01-02T15:04:05Z")
}

func orNull(s string) *string {
	if s == "" {
		return nil
	}
	return &s
}

// encode renders JSON without escaping HTML characters, as Twilio does.
func encode(v any) []byte {
	var b bytes.Buffer
	enc := json.NewEncoder(&b)
	enc.SetEscapeHTML(false)
	// Every answer is a struct of strings, numbers and maps of them, so encoding cannot fail.
	_ = enc.Encode(v)
	return bytes.TrimSuffix(b.Bytes(), []byte("\n"))
}
