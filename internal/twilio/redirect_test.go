// Copyright The conversations-operator Authors
// SPDX-License-Identifier: Apache-2.0

package twilio_test

import (
	"net/http"
	"testing"

	"github.com/conversations-operator/conversations-operator/internal/twilio"
)

func TestRedirectsAreNotFollowed(t *testing.T) {
	elsewhere := newHost(t, answering(http.StatusOK, minimal))
	for _, status := range []int{301, 302, 303, 307, 308} {
		for name, to := range map[string]string{"another host": elsewhere.URL, "the same host": ""} {
			h := newHost(t, func(w http.ResponseWriter, r *http.Request) { http.Redirect(w, r, to+r.URL.Path, status) })
			s := newClient(t, h.URL).Conversations("")
			_, fetched := s.Fetch(t.Context(), sidOf(1))
			_, created := s.Create(t.Context(), twilio.Params{UniqueName: new("vip")})
			_, deleted := s.Delete(t.Context(), sidOf(1), nil)
			for _, err := range []error{fetched, created, deleted} {
				if classesOf(err) != "unavailable" {
					t.Errorf("%d to %s: %v", status, name, err)
				}
			}
			if n := len(h.seen()); n != 3 {
				t.Errorf("%d to %s: %d requests", status, name, n)
			}
		}
	}
	if n := len(elsewhere.seen()); n != 0 {
		t.Errorf("%d requests went elsewhere", n)
	}
}
