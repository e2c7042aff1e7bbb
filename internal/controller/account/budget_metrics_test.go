// Copyright The conversations-operator Authors
// SPDX-License-Identifier: Apache-2.0

package account

import (
	"net/http"
	"net/http/httptest"
	"strings"
	"testing"

	"github.com/prometheus/client_golang/prometheus/testutil"
	"k8s.io/apimachinery/pkg/types"

	"github.com/conversations-operator/conversations-operator/api/v1alpha1"
	"github.com/conversations-operator/conversations-operator/internal/tenancy"
	"github.com/conversations-operator/conversations-operator/internal/twilio"
	"github.com/conversations-operator/conversations-operator/internal/twilio/budget"
)

// connected is an account object of the test, which leads to a budget and may have so many requests under way.
func connected(a *Registry, name string, b *budget.Budget, most int) tenancy.Key {
	key := tenancy.Key{Kind: v1alpha1.TwilioAccountKind, NamespacedName: types.NamespacedName{Namespace: "shop", Name: name}}
	a.set(key, &Live{Budget: b, most: most})
	return key
}

func TestABudgetIsShownOnceUnderItsFirstName(t *testing.T) {
	all := NewRegistry(func(string) {})
	one := budget.New(budget.Options{Wake: func(string) {}})
	connected(all, "b", one, 0)
	connected(all, "a", one, 0)
	collector := &budgetCollector{}
	collector.accounts.Store(all)
	for _, key := range []string{"under way", "under way, too", "waits"} {
		one.Acquire(budget.Request{Key: key, PriorityLevel: budget.Edit})
	}
	one.Acquire(budget.Request{Key: "waits behind", PriorityLevel: budget.Backlog})
	want := `
# HELP conversations_operator_twilio_waiting How many objects wait for their turn to send a request, by class.
# TYPE conversations_operator_twilio_waiting gauge
conversations_operator_twilio_waiting{account_kind="TwilioAccount",account_name="a",account_namespace="shop",class="backlog"} 1
conversations_operator_twilio_waiting{account_kind="TwilioAccount",account_name="a",account_namespace="shop",class="delete"} 0
conversations_operator_twilio_waiting{account_kind="TwilioAccount",account_name="a",account_namespace="shop",class="drift"} 0
conversations_operator_twilio_waiting{account_kind="TwilioAccount",account_name="a",account_namespace="shop",class="edit"} 1
`
	if err := testutil.CollectAndCompare(collector, strings.NewReader(want), "conversations_operator_twilio_waiting"); err != nil {
		t.Error(err)
	}
	problems, err := testutil.CollectAndLint(collector)
	if err != nil {
		t.Fatal(err)
	}
	for _, p := range problems {
		t.Errorf("%s: %s", p.Metric, p.Text)
	}
}

func TestRequestsAreCountedByWhatCameOfThem(t *testing.T) {
	for status, want := range map[int]string{
		http.StatusCreated: resultOK, http.StatusNoContent: resultOK, http.StatusNotFound: resultNotFound,
		http.StatusUnauthorized: resultDenied, http.StatusForbidden: resultDenied, http.StatusBadRequest: resultRefused,
		http.StatusConflict: resultRefused, http.StatusTooManyRequests: resultThrottled, http.StatusBadGateway: resultUnavailable,
	} {
		t.Run(http.StatusText(status), func(t *testing.T) {
			key := tenancy.Key{Kind: v1alpha1.TwilioAccountKind, NamespacedName: types.NamespacedName{Namespace: t.Name(), Name: "default"}}
			t.Cleanup(func() { ForgetMetrics(key) })
			server := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, _ *http.Request) { w.WriteHeader(status) }))
			defer server.Close()
			one := budget.New(budget.Options{Wake: func(string) {}})
			client, err := twilio.NewClient(twilio.Config{
				Username: "SK0123456789abcdef0123456789abcdef", Password: "secret", BaseURL: server.URL,
				Transport: one.Transport(counted{key, http.DefaultTransport}),
			})
			if err != nil {
				t.Fatal(err)
			}
			seat := one.Acquire(budget.Request{Key: "a", PriorityLevel: budget.Edit})
			defer seat.Release()
			_, _ = client.Conversations("").Fetch(budget.WithSeat(t.Context(), seat), "some")
			_, _ = client.Conversations("").Fetch(t.Context(), "some")
			for _, class := range []string{"edit", "check"} {
				if got := testutil.ToFloat64(requestsTotal.WithLabelValues(LabelsOf(key, "FetchConversation", class, want)...)); got != 1 {
					t.Errorf("%v requests of class %s were counted as %s", got, class, want)
				}
			}
		})
	}
	if problems, err := testutil.CollectAndLint(requestDuration); err != nil || len(problems) > 0 {
		t.Error(problems, err)
	}
}
