// Copyright The conversations-operator Authors
// SPDX-License-Identifier: Apache-2.0

package alerts

import "testing"

const (
	shop     = `account_kind="TwilioAccount", account_namespace="shop", account_name="default"`
	operator = "conversations_operator_"
)

// until is 1 until that minute, and 0 from then on.
func until(end int) func(int) float64 {
	return func(minute int) float64 {
		if minute < end {
			return 1
		}
		return 0
	}
}

func TestAlertsFireWhenTheyShould(t *testing.T) {
	leader := func(name string) string { return `leader_election_master_status{name="` + name + `"}` }
	shard := leader("0123abcd.conversations-operator.twilio-operator.dev")
	lease := leader("conversations-operator.twilio-operator.dev")
	stalled := operator + `conversation_conditions{condition="Stalled", status="True", reason="Rejected"}`
	ready := func(pod, status string) string {
		return operator + `conversation_conditions{condition="Ready", status="` + status + `", reason="R", namespace="n", pod="` + pod + `"}`
	}
	few := world{
		ready("a", "True"): always(95), ready("a", "Unknown"): always(5), ready("b", "True"): always(95), ready("b", "Unknown"): always(5),
	}
	vanished := operator + `account_conditions{condition="ConversationsVanished", status="True", reason="RecreationHalted", ` + shop + `}`
	throttled := operator + `account_conditions{condition="Throttled", status="True", reason="Throttled", ` + shop + `}`
	overdue := operator + `account_conditions{condition="DriftCheckOverdue", status="True", reason="DriftCheckOverdue", ` + shop + `}`
	account := func(status string) string {
		return operator + `account_conditions{condition="Ready", status="` + status + `", reason="R", ` + shop + `}`
	}
	requests := func(result string) string {
		return operator + `twilio_requests_total{result="` + result + `", ` + shop + `}`
	}
	wait := func(le string) string { return operator + `turn_wait_seconds_bucket{class="edit", le="` + le + `"}` }
	checked, interval := operator+`drift_check_timestamp_seconds{`+shop+`}`, operator+`drift_check_interval_seconds{`+shop+`}`
	unwatched := operator + `watch_refused{watched_namespace="b", resource="secrets"}`
	corrected := operator + `drift_corrected_total{field="state", ` + shop + `}`
	for name, tt := range map[string]struct {
		alert   string
		world   world
		minutes int
		fires   bool
	}{
		"nobody leads":                          {"ConversationsOperatorNobodyLeads", world{lease: always(0)}, 10, true},
		"nobody is there":                       {"ConversationsOperatorNobodyLeads", world{}, 10, true},
		"somebody leads, and another waits":     {"ConversationsOperatorNobodyLeads", world{lease: always(1)}, 10, false},
		"one of two shards is not led":          {"ConversationsOperatorNobodyLeads", world{shard: always(0), lease: always(1)}, 10, true},
		"a shard is led":                        {"ConversationsOperatorNobodyLeads", world{shard: always(1)}, 10, false},
		"somebody leads another operator":       {"ConversationsOperatorNobodyLeads", world{leader("other"): always(1)}, 10, true},
		"the leader went a moment ago":          {"ConversationsOperatorNobodyLeads", world{lease: until(8)}, 10, false},
		"conversations vanished":                {"ConversationsVanished", world{vanished: always(1)}, 0, true},
		"none vanished":                         {"ConversationsVanished", world{account("True"): always(1)}, 0, false},
		"an account is not ready":               {"TwilioAccountNotReady", world{account("False"): always(1)}, 15, true},
		"an account is not known to be ready":   {"TwilioAccountNotReady", world{account("Unknown"): always(1)}, 15, true},
		"an account is ready":                   {"TwilioAccountNotReady", world{account("True"): always(1)}, 15, false},
		"an account is held":                    {"TwilioAccountThrottled", world{throttled: always(1)}, 15, true},
		"an account was held for a moment":      {"TwilioAccountThrottled", world{throttled: until(8)}, 15, false},
		"an object is stalled":                  {"ConversationsStalled", world{stalled: always(1)}, 20, true},
		"an object was stalled":                 {"ConversationsStalled", world{stalled: until(15)}, 20, false},
		"a fifth is not ready":                  {"ConversationsNotReady", world{ready("a", "True"): always(80), ready("a", "Unknown"): always(20)}, 20, true},
		"a twentieth is not ready, seen by two": {"ConversationsNotReady", few, 20, false},
		"Kubernetes refuses again and again":    {"KubernetesRefuses", world{operator + `kubernetes_refusals_total{kind="Secret"}`: rate(1)}, 25, true},
		"Kubernetes refused once":               {"KubernetesRefuses", world{operator + `kubernetes_refusals_total{kind="Secret"}`: always(3)}, 25, false},
		"a namespace may not be watched":        {"NamespaceNotServed", world{unwatched: always(1)}, 10, true},
		"a namespace may be watched again":      {"NamespaceNotServed", world{unwatched: until(8)}, 10, false},
		"Twilio is out of order":                {"TwilioOutage", world{operator + `twilio_breaker_open{` + shop + `}`: always(1)}, 10, true},
		"Twilio was out of order":               {"TwilioOutage", world{operator + `twilio_breaker_open{` + shop + `}`: until(7)}, 10, false},
		"Twilio throttles":                      {"TwilioThrottles", world{requests("ok"): rate(90), requests("throttled"): rate(10)}, 40, true},
		"Twilio throttles now and then":         {"TwilioThrottles", world{requests("ok"): rate(99), requests("throttled"): rate(1)}, 40, false},
		"edits wait":                            {"ConversationEditsWait", world{wait("60"): rate(1), wait("300"): rate(10), wait("+Inf"): rate(10)}, 40, true},
		"edits do not wait":                     {"ConversationEditsWait", world{wait("60"): rate(10), wait("300"): rate(10), wait("+Inf"): rate(10)}, 40, false},
		"drift is not looked for":               {"DriftChecksMissing", world{checked: always(0), interval: always(600)}, 60, true},
		"drift is looked for":                   {"DriftChecksMissing", world{checked: rate(60), interval: always(600)}, 60, false},
		"no drift check ever ended":             {"DriftChecksMissing", world{overdue: always(1), interval: always(600)}, 60, true},
		"drift is not to be looked for":         {"DriftChecksMissing", world{checked: always(0), interval: always(0)}, 60, false},
		"drift is put right again and again":    {"DriftKeepsComingBack", world{corrected: rate(2)}, 130, true},
		"drift is put right once":               {"DriftKeepsComingBack", world{corrected: always(7)}, 130, false},
	} {
		t.Run(name, func(t *testing.T) {
			rule, ok := alerts(t)[tt.alert]
			if !ok {
				t.Fatalf("there is no alert %s", tt.alert)
			}
			if got := rule.fires(t, tt.world, tt.minutes); got != tt.fires {
				t.Errorf("%s fires: %v, want %v", tt.alert, got, tt.fires)
			}
		})
	}
}
