// Copyright The conversations-operator Authors
// SPDX-License-Identifier: Apache-2.0

package simulator

import (
	"encoding/json"
	"errors"
	"net/http"
	"strconv"
	"time"
)

// settings can be changed while the simulator runs.
type settings struct {
	Latency span    `json:"latency"`
	Limits  Limits  `json:"limits"`
	Listing Listing `json:"listing"`
	Quirks  Quirks  `json:"quirks"`
}

func (s *Simulator) settings() settings {
	defer s.enter()()
	return settings{span(s.latency), s.limits, s.listing, s.quirks}
}

func (s *Simulator) controlSettings(body []byte, _ *http.Request) (any, error) {
	v := s.settings()
	before := v.Listing
	if err := decode(body, &v); err != nil {
		return nil, err
	}
	s.SetLatency(time.Duration(v.Latency))
	s.SetLimits(v.Limits)
	s.SetQuirks(v.Quirks)
	if v.Listing != before {
		s.SetListing(v.Listing)
	}
	return v, nil
}

func (s *Simulator) controlClock(body []byte, _ *http.Request) (any, error) {
	var v struct {
		Advance span      `json:"advance"`
		Time    time.Time `json:"time"`
	}
	if err := decode(body, &v); err != nil {
		return nil, err
	}
	if !v.Time.IsZero() {
		s.SetTime(v.Time)
	}
	s.Advance(time.Duration(v.Advance))
	return map[string]time.Time{"time": s.Now()}, nil
}

func (s *Simulator) controlAddAccount(body []byte, _ *http.Request) (any, error) {
	var v struct {
		SID       string   `json:"sid"`
		AuthToken string   `json:"authToken"`
		APIKeys   []APIKey `json:"apiKeys"`
	}
	if err := decode(body, &v); err != nil {
		return nil, err
	}
	if err := s.AddAccount(v.SID, v.AuthToken, v.APIKeys...); err != nil {
		return nil, err
	}
	return s.Configuration(v.SID)
}

func (s *Simulator) controlAddService(body []byte, r *http.Request) (any, error) {
	var v struct {
		SID string `json:"sid"`
	}
	if err := decode(body, &v); err != nil {
		return nil, err
	}
	return nil, s.AddService(pathAccount(r), v.SID)
}

func (s *Simulator) controlAuthToken(body []byte, r *http.Request) (any, error) {
	var v struct {
		AuthToken string `json:"authToken"`
	}
	if err := decode(body, &v); err != nil {
		return nil, err
	}
	return nil, s.SetAuthToken(pathAccount(r), v.AuthToken)
}

func (s *Simulator) controlSecondaryAuthToken(body []byte, r *http.Request) (any, error) {
	var v struct {
		AuthToken string `json:"authToken"`
	}
	if err := decode(body, &v); err != nil {
		return nil, err
	}
	return nil, s.SetSecondaryAuthToken(pathAccount(r), v.AuthToken)
}

func (s *Simulator) controlAddAPIKey(body []byte, r *http.Request) (any, error) {
	var v APIKey
	if err := decode(body, &v); err != nil {
		return nil, err
	}
	return nil, s.AddAPIKey(pathAccount(r), v)
}

func (s *Simulator) controlAddOAuthApp(body []byte, r *http.Request) (any, error) {
	var v struct {
		ClientID     string `json:"clientId"`
		ClientSecret string `json:"clientSecret"`
		TokenLife    span   `json:"tokenLife"`
	}
	if err := decode(body, &v); err != nil {
		return nil, err
	}
	return nil, s.AddOAuthApp(pathAccount(r), OAuthApp{v.ClientID, v.ClientSecret, time.Duration(v.TokenLife)})
}

func (s *Simulator) controlSuspended(body []byte, r *http.Request) (any, error) {
	var v struct {
		Suspended bool `json:"suspended"`
	}
	if err := decode(body, &v); err != nil {
		return nil, err
	}
	return nil, s.SetSuspended(pathAccount(r), v.Suspended)
}

func (s *Simulator) controlConfiguration(body []byte, r *http.Request) (any, error) {
	v, err := s.Configuration(pathAccount(r))
	if err != nil {
		return nil, err
	}
	if err := decode(body, &v); err != nil {
		return nil, err
	}
	return v, s.SetConfiguration(pathAccount(r), v)
}

func (s *Simulator) controlAddresses(_ []byte, r *http.Request) (any, error) {
	if _, err := s.Configuration(pathAccount(r)); err != nil {
		return nil, err
	}
	return s.Addresses(pathAccount(r)), nil
}

func (s *Simulator) controlServices(_ []byte, r *http.Request) (any, error) {
	if _, err := s.Configuration(pathAccount(r)); err != nil {
		return nil, err
	}
	return s.Services(pathAccount(r)), nil
}

func (s *Simulator) controlEditAddress(body []byte, r *http.Request) (any, error) {
	var edited Address
	err := s.editAddress(pathAccount(r), r.PathValue("key"), func(a *Address) error {
		if err := decode(body, a); err != nil {
			return err
		}
		edited = *a.clone()
		return nil
	})
	return edited, err
}

func (s *Simulator) controlConversations(_ []byte, r *http.Request) (any, error) {
	account := r.URL.Query().Get("account")
	if _, err := s.Configuration(account); err != nil {
		return nil, err
	}
	return append([]Conversation{}, s.Conversations(account)...), nil
}

func (s *Simulator) controlSeed(body []byte, _ *http.Request) (any, error) {
	v := struct {
		Account          string          `json:"account"`
		Count            int             `json:"count"`
		UniqueNamePrefix string          `json:"uniqueNamePrefix"`
		Conversation     json.RawMessage `json:"conversation"`
	}{Count: 1, Conversation: json.RawMessage("{}")}
	if err := decode(body, &v); err != nil {
		return nil, err
	}
	if v.Count < 0 {
		return nil, errors.New("count must not be negative")
	}
	if err := decode(v.Conversation, &Conversation{}); err != nil {
		return nil, err
	}
	return s.Seed(v.Account, v.Count, func(i int, c *Conversation) {
		// The same text was decoded a moment ago.
		_ = decode(v.Conversation, c)
		if v.UniqueNamePrefix != "" {
			c.UniqueName = v.UniqueNamePrefix + strconv.Itoa(i)
		}
	})
}

// get returns Find's result for the control port.
func (s *Simulator) get(sid string) (any, error) {
	if c, ok := s.Find(sid); ok {
		return c, nil
	}
	return nil, noConversation(sid)
}

func (s *Simulator) controlEdit(body []byte, r *http.Request) (any, error) {
	sid := r.PathValue("sid")
	if err := s.edit(sid, func(c *Conversation) error { return decode(body, c) }); err != nil {
		return nil, err
	}
	return s.get(sid)
}

func (s *Simulator) controlAddRule(body []byte, _ *http.Request) (any, error) {
	var v Rule
	if err := decode(body, &v); err != nil {
		return nil, err
	}
	id, err := s.AddRule(v)
	return map[string]string{"id": id}, err
}
