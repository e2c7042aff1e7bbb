// Copyright The conversations-operator Authors
// SPDX-License-Identifier: Apache-2.0

package controller

import (
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/conversations-operator/conversations-operator/internal/twilio"
)

func TestTheLeastThatObjectsOfAnAccountAllowHolds(t *testing.T) {
	all := newAccounts(func(string) {}, 100)
	budget := twilio.NewBudget(0, func(string) {})
	a := connected(all, "a", budget, 0)
	want := func(what string, most int) {
		t.Helper()
		if got := budget.Stats().Most; got != most {
			t.Errorf("%s: %d may be under way, want %d", what, got, most)
		}
	}
	want("one object that does not say", twilio.DefaultMaxConcurrent)
	b := connected(all, "b", budget, 7)
	want("another that says 7", 7)
	connected(all, "c", budget, 1000)
	want("a third that says 1000", 7)
	all.drop(b)
	want("the one that said 7 is gone", twilio.DefaultMaxConcurrent)
	all.drop(a)
	want("only the one that says 1000 is left, and an account has its share of the workers", 50)
	connected(all, "c", twilio.NewBudget(0, func(string) {}), 3)
	want("nobody is left", 50)
}

func TestWhoAwaitsAnAccountIsWokenWhenItIsConnected(t *testing.T) {
	var woken []string
	all := newAccounts(func(key string) { woken = append(woken, key) }, 100)
	budget := twilio.NewBudget(0, func(string) {})
	key := accountKey{}
	for range 2 {
		if !all.await(key, nil, "one") {
			t.Fatal("it is connected already")
		}
	}
	all.set(key, &liveAccount{budget: budget})
	if diff := cmp.Diff([]string{"one"}, woken); diff != "" {
		t.Error(diff)
	}
	if all.await(key, nil, "two") {
		t.Error("who saw it disconnected waits although it is connected now")
	}
	live := all.lookup(key)
	if !all.await(key, live, "three") {
		t.Error("who has it, and suspects it, does not wait")
	}
	all.drop(key)
	if diff := cmp.Diff([]string{"one", "three"}, woken); diff != "" {
		t.Error(diff)
	}
	if len(all.waiting) > 0 {
		t.Errorf("%v still wait", all.waiting)
	}
}
