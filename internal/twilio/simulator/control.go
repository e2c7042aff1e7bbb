// Copyright The conversations-operator Authors
// SPDX-License-Identifier: Apache-2.0

package simulator

import (
	"errors"
	"fmt"
	"io"
	"net/http"
	"strings"
	"time"
)

// controlRoute is a request that the control port accepts.
type controlRoute struct {
	pattern, usage string
	serve          func(s *Simulator, body []byte, r *http.Request) (any, error)
}

// missingError is the name of the missing object.
type missingError string

func (e missingError) Error() string { return "no " + string(e) }

// firstAccount stands for the first account in paths, because a path cannot have an empty segment.
const firstAccount = "default"

// ControlUsage returns the help text of the control port, with a line for each request.
func ControlUsage() string {
	var b strings.Builder
	for _, r := range controlRoutes {
		fmt.Fprintf(&b, "%-42s %s\n", r.pattern, r.usage)
	}
	b.WriteString("Bodies are JSON, durations text such as \"1m30s\"; the account \"" + firstAccount + "\" is the first one.\n")
	return b.String()
}

func (s *Simulator) controlHandler() http.Handler {
	mux := http.NewServeMux()
	for _, route := range controlRoutes {
		mux.HandleFunc(route.pattern, func(w http.ResponseWriter, r *http.Request) {
			body, err := io.ReadAll(http.MaxBytesReader(w, r.Body, bodyMax))
			var v any
			if err == nil {
				v, err = route.serve(s, body, r)
			}
			writeControl(w, v, err)
		})
	}
	mux.HandleFunc("GET /{$}", func(w http.ResponseWriter, _ *http.Request) {
		_, _ = io.WriteString(w, ControlUsage())
	})
	return mux
}

func writeControl(w http.ResponseWriter, v any, err error) {
	status := http.StatusOK
	if err != nil {
		status = http.StatusBadRequest
		if _, ok := errors.AsType[missingError](err); ok {
			status = http.StatusNotFound
		}
		v = map[string]string{"error": err.Error()}
	}
	if v == nil {
		w.WriteHeader(http.StatusNoContent)
		return
	}
	w.Header().Set("Content-Type", "application/json")
	w.WriteHeader(status)
	_, _ = w.Write(append(encode(v), '\n'))
}

// controlRoutes offer the methods of Simulator over HTTP.
var controlRoutes = []controlRoute{
	{"GET /clock", "the time of the simulator", func(s *Simulator, _ []byte, _ *http.Request) (any, error) {
		return map[string]time.Time{"time": s.Now()}, nil
	}},
	{"POST /clock", `{"advance":"1h"} or {"time":"2026-01-02T03:04:05Z"}`, (*Simulator).controlClock},
	{"GET /accounts", "the SIDs of all accounts", func(s *Simulator, _ []byte, _ *http.Request) (any, error) {
		return s.Accounts(), nil
	}},
	{"POST /accounts", `{"sid":"AC…","authToken":"…","apiKeys":[{"sid":"SK…","secret":"…"}]}`,
		(*Simulator).controlAddAccount},
	{"POST /accounts/{account}/services", `{"sid":"IS…"}`, (*Simulator).controlAddService},
	{"GET /accounts/{account}/services", "its Conversation Services, with roles and configuration", (*Simulator).controlServices},
	{"PUT /accounts/{account}/auth-token", `{"authToken":"…"}: rotate it`, (*Simulator).controlAuthToken},
	{"PUT /accounts/{account}/secondary-auth-token", `{"authToken":"…"}: taken beside it`, (*Simulator).controlSecondaryAuthToken},
	{"POST /accounts/{account}/api-keys", `{"sid":"SK…","secret":"…"}`, (*Simulator).controlAddAPIKey},
	{"DELETE /accounts/{account}/api-keys/{sid}", "revoke it", func(s *Simulator, _ []byte, r *http.Request) (any, error) {
		return nil, s.RevokeAPIKey(pathAccount(r), r.PathValue("sid"))
	}},
	{"POST /accounts/{account}/oauth-apps", `{"clientId":"…","clientSecret":"…","tokenLife":"1m"}`, (*Simulator).controlAddOAuthApp},
	{"DELETE /accounts/{account}/oauth-apps/{id}", "revoke it", func(s *Simulator, _ []byte, r *http.Request) (any, error) {
		return nil, s.RevokeOAuthApp(pathAccount(r), r.PathValue("id"))
	}},
	{"DELETE /accounts/{account}/oauth-apps/{id}/tokens", "revoke its tokens", func(s *Simulator, _ []byte, r *http.Request) (any, error) {
		return nil, s.RevokeTokens(pathAccount(r), r.PathValue("id"))
	}},
	{"PUT /accounts/{account}/suspended", `{"suspended":true}`, (*Simulator).controlSuspended},
	{"GET /accounts/{account}/configuration", "defaults and webhook of the account",
		func(s *Simulator, _ []byte, r *http.Request) (any, error) { return s.Configuration(pathAccount(r)) }},
	{"PATCH /accounts/{account}/configuration", "the fields to change", (*Simulator).controlConfiguration},
	{"GET /accounts/{account}/addresses", "the address configurations of the account", (*Simulator).controlAddresses},
	{"PATCH /accounts/{account}/addresses/{key}", "the fields to change, by SID or address", (*Simulator).controlEditAddress},
	{"DELETE /accounts/{account}/addresses/{key}", "remove it, as when its number is released",
		func(s *Simulator, _ []byte, r *http.Request) (any, error) {
			return nil, s.RemoveAddress(pathAccount(r), r.PathValue("key"))
		}},
	{"GET /conversations", "all conversations of an account (?account=AC…)", (*Simulator).controlConversations},
	{"POST /conversations", `{"account":"AC…","count":2,"uniqueNamePrefix":"demo-","conversation":{…}}: seed`,
		(*Simulator).controlSeed},
	{"GET /conversations/{sid}", "one conversation", func(s *Simulator, _ []byte, r *http.Request) (any, error) {
		return s.get(r.PathValue("sid"))
	}},
	{"PATCH /conversations/{sid}", "the fields to change, without a request to the API", (*Simulator).controlEdit},
	{"DELETE /conversations/{sid}", "delete it, without a request to the API",
		func(s *Simulator, _ []byte, r *http.Request) (any, error) { return nil, s.Remove(r.PathValue("sid")) }},
	{"POST /conversations/{sid}/messages", "a new message: restarts timers, reactivates",
		func(s *Simulator, _ []byte, r *http.Request) (any, error) { return nil, s.Message(r.PathValue("sid")) }},
	{"GET /requests", "the log of requests", func(s *Simulator, _ []byte, _ *http.Request) (any, error) {
		return s.Requests(), nil
	}},
	{"DELETE /requests", "empty the log and the counts", func(s *Simulator, _ []byte, _ *http.Request) (any, error) {
		s.ResetRequests()
		return nil, nil
	}},
	{"GET /counts", "exact counts of requests", func(s *Simulator, _ []byte, _ *http.Request) (any, error) {
		return s.Counts(), nil
	}},
	{"GET /rules", "the faults, with their counts", func(s *Simulator, _ []byte, _ *http.Request) (any, error) {
		return s.Rules(), nil
	}},
	{"POST /rules", `{"match":{"operation":"create","count":1},"effect":{"dropAfter":true}}: add a fault`,
		(*Simulator).controlAddRule},
	{"DELETE /rules", "remove all faults", func(s *Simulator, _ []byte, _ *http.Request) (any, error) {
		s.ClearRules()
		return nil, nil
	}},
	{"DELETE /rules/{id}", "remove a fault", func(s *Simulator, _ []byte, r *http.Request) (any, error) {
		return nil, s.RemoveRule(r.PathValue("id"))
	}},
	{"POST /rules/{id}/release", "let the requests that the rule holds continue",
		func(s *Simulator, _ []byte, r *http.Request) (any, error) {
			return nil, s.ReleaseRule(r.PathValue("id"))
		}},
	{"GET /held", "the number of requests that rules hold", func(s *Simulator, _ []byte, _ *http.Request) (any, error) {
		return map[string]int{"held": s.Held()}, nil
	}},
	{"GET /settings", "latency, limits, listing, quirks", func(s *Simulator, _ []byte, _ *http.Request) (any, error) {
		return s.settings(), nil
	}},
	{"PATCH /settings", `{"latency":"50ms","limits":{"createDelete":30}}: change them`, (*Simulator).controlSettings},
	{"GET /webhooks", "how many webhooks were delivered, failed or dropped", func(s *Simulator, _ []byte, _ *http.Request) (any, error) {
		return s.Webhooks(), nil
	}},
}

func pathAccount(r *http.Request) string {
	if a := r.PathValue("account"); a != firstAccount {
		return a
	}
	return ""
}
