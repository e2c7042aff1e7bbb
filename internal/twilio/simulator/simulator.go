// Copyright The conversations-operator Authors
// SPDX-License-Identifier: Apache-2.0

// Package simulator is a stateful stand-in for conversations.twilio.com.
package simulator

import (
	"net/http"
	"time"
)

// Simulator is a stand-in for Twilio's Conversations API. It is safe for concurrent use.
type Simulator struct{}

// New makes a simulator; Close it after use.
func New(Options) *Simulator { return &Simulator{} }

// ServeHTTP answers a request to the API.
func (s *Simulator) ServeHTTP(http.ResponseWriter, *http.Request) {}

// ControlHandler serves what the methods of Simulator do as JSON over HTTP.
func (s *Simulator) ControlHandler() http.Handler { return nil }

// Close ends what the simulator does by itself and releases every request that it holds.
func (s *Simulator) Close() {}

// Server is a simulator that listens.
type Server struct {
	*Simulator
	// URL of the API and ControlURL of the control port, without a slash at the end.
	URL, ControlURL string
}

// Start makes a simulator and serves it.
func Start(Options) (*Server, error) { return nil, nil }

// Close ends the server at once, and with it the simulator.
func (s *Server) Close() {}

// APIKey opens an account beside its auth token.
type APIKey struct{ SID, Secret string }

// Configuration of an account.
type Configuration struct {
	DefaultServiceSID          string `json:"defaultChatServiceSid"`
	DefaultMessagingServiceSID string `json:"defaultMessagingServiceSid"`
	DefaultInactiveTimer       string `json:"defaultInactiveTimer"`
	DefaultClosedTimer         string `json:"defaultClosedTimer"`
	WebhookURL                 string `json:"webhookUrl"`
}

// In every method an empty account means the first one (Options.AccountSID).

func (s *Simulator) AddAccount(sid, token string, keys ...APIKey) error     { return nil }
func (s *Simulator) AddService(account, sid string) error                   { return nil }
func (s *Simulator) SetAuthToken(account, token string) error               { return nil }
func (s *Simulator) SetSuspended(account string, suspended bool) error      { return nil }
func (s *Simulator) Configuration(account string) (Configuration, error)    { return Configuration{}, nil }
func (s *Simulator) SetConfiguration(account string, c Configuration) error { return nil }
func (s *Simulator) Conversations(account string) []Conversation            { return nil }
func (s *Simulator) Find(sid string) (Conversation, bool)                   { return Conversation{}, false }
func (s *Simulator) Seed(account string, n int, each func(i int, c *Conversation)) ([]string, error) {
	return nil, nil
}
func (s *Simulator) Edit(sid string, change func(*Conversation)) error { return nil }
func (s *Simulator) Remove(sid string) error                           { return nil }
func (s *Simulator) Message(sid string) error                          { return nil }
func (s *Simulator) Now() time.Time                                    { return time.Time{} }
func (s *Simulator) Advance(d time.Duration)                           {}
func (s *Simulator) SetTime(t time.Time)                               {}
func (s *Simulator) Requests() []Request                               { return nil }
func (s *Simulator) Counts() Counts                                    { return nil }
func (s *Simulator) ResetRequests()                                    {}
func (s *Simulator) AddRule(r Rule) (string, error)                    { return "", nil }
func (s *Simulator) RemoveRule(id string) error                        { return nil }
func (s *Simulator) ReleaseRule(id string) error                       { return nil }
func (s *Simulator) ClearRules()                                       {}
func (s *Simulator) Rules() []Rule                                     { return nil }
func (s *Simulator) Held() int                                         { return 0 }
func (s *Simulator) SetLimits(l Limits)                                {}
func (s *Simulator) SetListing(l Listing)                              {}
func (s *Simulator) SetQuirks(q Quirks)                                {}
func (s *Simulator) SetLatency(d time.Duration)                        {}
