// Copyright The conversations-operator Authors
// SPDX-License-Identifier: Apache-2.0

package account

import (
	"fmt"
	"runtime"
	"testing"
	"testing/synctest"
	"time"

	"github.com/google/go-cmp/cmp"
	corev1 "k8s.io/api/core/v1"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"

	"github.com/conversations-operator/conversations-operator/api/v1alpha1"
	"github.com/conversations-operator/conversations-operator/internal/retry"
	"github.com/conversations-operator/conversations-operator/internal/tenancy"
	"github.com/conversations-operator/conversations-operator/internal/twilio/budget"
)

func TestTheLeastThatObjectsOfAnAccountAllowHolds(t *testing.T) {
	all := NewRegistry(func(string) {})
	one := budget.New(budget.Options{Wake: func(string) {}})
	a := connected(all, "a", one, 0)
	want := func(what string, most int) {
		t.Helper()
		if got := one.Stats().MaxConcurrent; got != most {
			t.Errorf("%s: %d may be under way, want %d", what, got, most)
		}
	}
	want("one object that does not say", budget.DefaultMaxConcurrent)
	b := connected(all, "b", one, 7)
	want("another that says 7", 7)
	connected(all, "c", one, 1000)
	want("a third that says 1000", 7)
	all.drop(b)
	want("the one that said 7 is gone", budget.DefaultMaxConcurrent)
	all.drop(a)
	want("only the one that says 1000 is left", 1000)
	connected(all, "c", budget.New(budget.Options{Wake: func(string) {}}), 3)
	want("nobody is left", budget.DefaultMaxConcurrent)
}

func TestWhoAwaitsAnAccountIsWokenWhenItIsConnected(t *testing.T) {
	var woken []string
	all := NewRegistry(func(key string) { woken = append(woken, key) })
	one := budget.New(budget.Options{Wake: func(string) {}})
	key := tenancy.Key{}
	for range 2 {
		if !all.Await(key, nil, "one") {
			t.Fatal("it is connected already")
		}
	}
	all.set(key, &Live{Budget: one})
	if diff := cmp.Diff([]string{"one"}, woken); diff != "" {
		t.Error(diff)
	}
	if all.Await(key, nil, "two") {
		t.Error("who saw it disconnected waits although it is connected now")
	}
	live := all.Lookup(key)
	if !all.Await(key, live, "three") {
		t.Error("who has it, and suspects it, does not wait")
	}
	all.drop(key)
	if diff := cmp.Diff([]string{"one", "three"}, woken); diff != "" {
		t.Error(diff)
	}
	if len(all.recall(key).waiting) > 0 {
		t.Errorf("%v still wait", all.recall(key).waiting)
	}
}

func TestARejectionStands(t *testing.T) {
	asked := Version{Region: "us1"}
	for _, c := range []struct {
		name   string
		change func(all *Registry, key tenancy.Key, acct *v1alpha1.TwilioAccount, version *Version)
		want   bool
	}{
		{"while nothing changes", func(*Registry, tenancy.Key, *v1alpha1.TwilioAccount, *Version) {}, true},
		{"until the credentials change", func(_ *Registry, _ tenancy.Key, _ *v1alpha1.TwilioAccount, version *Version) {
			version.secret.SecretResourceVersion = "2"
		}, false},
		{"until the account changes", func(_ *Registry, _ tenancy.Key, acct *v1alpha1.TwilioAccount, _ *Version) {
			acct.Generation++
		}, false},
		{"until the account goes", func(all *Registry, key tenancy.Key, _ *v1alpha1.TwilioAccount, _ *Version) {
			all.drop(key)
		}, false},
		{"until it is time to ask again", func(*Registry, tenancy.Key, *v1alpha1.TwilioAccount, *Version) {
			<-time.After(retry.Denied.Most)
		}, false},
	} {
		t.Run(c.name, func(t *testing.T) {
			synctest.Test(t, func(t *testing.T) {
				all := NewRegistry(func(string) {})
				key, acct, version := tenancy.Key{}, &v1alpha1.TwilioAccount{}, asked
				all.rememberCheck(key, acct, version, finding{reason: v1alpha1.ReasonCredentialsRejected, after: retry.Denied.Most}, 1)
				<-time.After(time.Minute)
				c.change(all, key, acct, &version)
				found, stands := all.lastCheck(key, acct, version)
				if stands != c.want {
					t.Fatalf("it stands: %v, want %v", stands, c.want)
				}
				if stands && found.after != retry.Denied.Most-time.Minute {
					t.Errorf("it is asked again after %s", found.after)
				}
			})
		})
	}
}

func TestTheContentOfASecretCounts(t *testing.T) {
	secret := func(version string, data ...string) *corev1.Secret {
		s := &corev1.Secret{ObjectMeta: metav1.ObjectMeta{UID: "u", ResourceVersion: version}, Data: map[string][]byte{}}
		for i := 0; i < len(data); i += 2 {
			s.Data[data[i]] = []byte(data[i+1])
		}
		return s
	}
	first := secret("1", "a", "b", "c", "d")
	for _, c := range []struct {
		name   string
		secret *corev1.Secret
		anew   bool
		want   string
	}{
		{"a write that changes none of it", secret("2", "a", "b", "c", "d"), false, "1"},
		{"one that somebody asks to look at", secret("2", "a", "b", "c", "d"), true, "2"},
		{"another value", secret("2", "a", "b", "c", "e"), false, "2"},
		{"a key more", secret("2", "a", "b", "c", "d", "e", ""), false, "2"},
		{"the same letters in other places", secret("2", "a", "bc", "d", ""), false, "2"},
		{"another Secret of the same name", &corev1.Secret{ObjectMeta: metav1.ObjectMeta{UID: "v", ResourceVersion: "2"}, Data: first.Data}, false, "2"},
	} {
		t.Run(c.name, func(t *testing.T) {
			all, acct := NewRegistry(func(string) {}), &v1alpha1.TwilioAccount{}
			all.seen(tenancy.KeyOf(acct), versionOf(acct, first), false)
			if got := all.seen(tenancy.KeyOf(acct), versionOf(acct, c.secret), c.anew).secret.SecretResourceVersion; got != c.want {
				t.Errorf("it is known as version %s, want %s", got, c.want)
			}
		})
	}
}

func TestManagersThatShareAnAccountHaveAPartOfItEach(t *testing.T) {
	all := NewBudgets(func(string) {}, 4, func(*budget.Budget) {})
	if most := all.get("AC1").Stats().MaxConcurrent; most != budget.DefaultMaxConcurrent/4 {
		t.Errorf("one of four managers may have %d requests under way", most)
	}
	first, again, other := all.get("AC1"), all.get("AC1"), all.get("AC2")
	if first != again || first == other {
		t.Error("an account has not exactly one budget")
	}
}

func TestTheBudgetOfAnAccountThatIsGoneGoesToo(t *testing.T) {
	all := NewBudgets(func(string) {}, 1, func(*budget.Budget) {})
	for i := range 1000 {
		all.get(fmt.Sprintf("AC%d", i))
	}
	kept := all.get("kept")
	runtime.GC()
	added := all.get("added")
	if n := len(all.byAccount); n != 2 {
		t.Errorf("%d budgets are remembered, want the two in use", n)
	}
	if all.get("kept") != kept || all.get("added") != added {
		t.Error("an account has not the budget that it had")
	}
}
