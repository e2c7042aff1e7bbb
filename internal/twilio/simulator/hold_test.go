// Copyright The conversations-operator Authors
// SPDX-License-Identifier: Apache-2.0

package simulator_test

import (
	"context"
	"net/http"
	"net/http/httptest"
	"strings"
	"testing"
	"testing/synctest"
	"time"

	"github.com/conversations-operator/conversations-operator/internal/twilio/simulator"
)

// abandon sends a create and cancels the request once the simulator holds the request.
func abandon(a api, s *simulator.Server) {
	a.t.Helper()
	ctx, cancel := context.WithCancel(a.t.Context())
	defer cancel()
	done := make(chan error, 1)
	go func() {
		r, err := http.NewRequestWithContext(ctx, http.MethodPost, a.base+conversations, strings.NewReader("UniqueName=x"))
		if err != nil {
			done <- err
			return
		}
		r.Header.Set("Content-Type", "application/x-www-form-urlencoded")
		r.SetBasicAuth(a.user, a.password)
		got, err := a.client.Do(r)
		if err == nil {
			_ = got.Body.Close()
		}
		done <- err
	}()
	eventually(a.t, "the request to be kept", func() bool { return s.Held() == 1 })
	cancel()
	if err := <-done; err == nil {
		a.t.Error("an abandoned request was answered")
	}
}

func TestHeldCreateCommitsLate(t *testing.T) {
	s := start(t)
	a := connect(t, s)
	id := rule(t, s, simulator.Match{Operation: "create"}, simulator.Effect{Hold: true})
	abandon(a, s)
	a.get(conversations+"/x").want(t, http.StatusNotFound, 20404)
	must(t, s.ReleaseRule(id))
	eventually(t, "the create to commit", func() bool { return len(s.Conversations("")) == 1 })
	a.get(conversations+"/x").want(t, http.StatusOK, 0)
}

func TestHungCreateIsForgottenWithItsClient(t *testing.T) {
	s := start(t)
	a := connect(t, s)
	rule(t, s, simulator.Match{Operation: "create"}, simulator.Effect{Hang: true})
	abandon(a, s)
	eventually(t, "the request to be forgotten", func() bool { return s.Held() == 0 && len(s.Requests()) == 1 })
	if got := s.Requests()[0]; got.Status != 0 || len(s.Conversations("")) != 0 {
		t.Errorf("logged %+v, %d conversations", got, len(s.Conversations("")))
	}
}

func TestHungCreateAfterItsEffectLosesOnlyTheAnswer(t *testing.T) {
	s := start(t)
	a := connect(t, s)
	rule(t, s, simulator.Match{Operation: "create"}, simulator.Effect{Hang: true, AfterEffect: true})
	abandon(a, s)
	a.get(conversations+"/x").want(t, http.StatusOK, 0)
}

func TestReleasedRequestsGoOn(t *testing.T) {
	s := start(t)
	a := connect(t, s)
	for _, release := range []func(id string) error{s.ReleaseRule, s.RemoveRule, func(string) error {
		s.ClearRules()
		return nil
	}} {
		id := rule(t, s, simulator.Match{Operation: "list"}, simulator.Effect{Hang: true})
		status := make(chan int, 1)
		go func() { status <- a.get(conversations).status }()
		eventually(t, "the request to be kept", func() bool { return s.Held() == 1 })
		must(t, release(id))
		if got := <-status; got != http.StatusOK {
			t.Errorf("a released request was answered with %d", got)
		}
		s.ClearRules()
	}
}

// The request needs no network, so that the test decides when the delay is over.
func TestDelayedCreateTakesEffectWithoutItsClient(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		s := simulator.New(simulator.Options{})
		defer s.Close()
		_, err := s.AddRule(simulator.Rule{Match: simulator.Match{Operation: "create"}, Effect: simulator.Effect{Delay: time.Second}})
		must(t, err)
		ctx, cancel := context.WithCancel(t.Context())
		r := httptest.NewRequestWithContext(ctx, http.MethodPost, conversations, strings.NewReader("UniqueName=x"))
		r.Header.Set("Content-Type", "application/x-www-form-urlencoded")
		r.SetBasicAuth(account, token)
		go s.ServeHTTP(httptest.NewRecorder(), r)
		synctest.Wait()
		cancel()
		for _, want := range []int{0, 1} {
			synctest.Wait()
			if got := len(s.Conversations("")); got != want {
				t.Errorf("%d conversations, want %d", got, want)
			}
			<-time.After(time.Second)
		}
	})
}

func TestClosingBreaksWhatIsKept(t *testing.T) {
	s := start(t)
	a := connect(t, s)
	rule(t, s, simulator.Match{}, simulator.Effect{Hold: true})
	failed := make(chan error, 1)
	go func() {
		_, err := a.try(http.MethodGet, conversations, nil)
		failed <- err
	}()
	eventually(t, "the request to be kept", func() bool { return s.Held() == 1 })
	s.Close()
	if err := <-failed; err == nil {
		t.Error("a request was answered by a closed simulator")
	}
}

func TestLatencyIsAddedToEveryRequest(t *testing.T) {
	s := start(t, func(o *simulator.Options) { o.Latency = 30 * time.Millisecond })
	began := time.Now()
	connect(t, s).get(conversations).want(t, http.StatusOK, 0)
	if took := time.Since(began); took < 30*time.Millisecond {
		t.Errorf("a request took %s", took)
	}
}
