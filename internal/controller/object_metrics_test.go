// Copyright The conversations-operator Authors
// SPDX-License-Identifier: Apache-2.0

package controller

import (
	"os"
	"regexp"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"
	"github.com/prometheus/client_golang/prometheus"
	"github.com/prometheus/client_golang/prometheus/testutil"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"

	"github.com/conversations-operator/conversations-operator/api/v1alpha1"
)

// counting collects what is shown of some objects, as [objectCollector] does of those in the cache.
type counting func(chan<- prometheus.Metric)

func (c counting) Describe(to chan<- *prometheus.Desc) { objectMetrics.Describe(to) }

func (c counting) Collect(to chan<- prometheus.Metric) { c(to) }

func TestObjectsAreCountedByStateAndCondition(t *testing.T) {
	active := func(conv *v1alpha1.Conversation) { conv.Status.State = v1alpha1.StateActive }
	acct := &v1alpha1.ClusterTwilioAccount{ObjectMeta: metav1.ObjectMeta{Name: "default"}}
	acct.Status.Conversations = new(int32(3))
	acct.Status.LastDriftCheck = &v1alpha1.DriftCheck{CompletionTime: new(metav1.NewTime(time.Unix(1000, 0)))}
	setReady(&acct.Status.Conditions, 1, v1alpha1.ReasonAuthenticated, "Twilio took the credentials.")
	c := counting(func(to chan<- prometheus.Metric) {
		countConversations(to, []v1alpha1.Conversation{
			*conversation(v1alpha1.ReasonSynced, active), *conversation(v1alpha1.ReasonSynced, active, drifted), *conversation(v1alpha1.ReasonRejected),
		})
		showAccount(to, acct)
	})
	want := strings.ReplaceAll(`
# HELP conversations_operator_account_conditions 1 for each condition that an account has, by its status and reason.
# TYPE conversations_operator_account_conditions gauge
conversations_operator_account_conditions{ACCOUNT,condition="Ready",reason="Authenticated",status="True"} 1
# HELP conversations_operator_account_conversations Conversation objects of an account that need it, as its status says.
# TYPE conversations_operator_account_conversations gauge
conversations_operator_account_conversations{ACCOUNT} 3
# HELP conversations_operator_conversation_conditions Conversation objects that have a condition, by its status and reason.
# TYPE conversations_operator_conversation_conditions gauge
conversations_operator_conversation_conditions{condition="Drifted",reason="DriftDetected",status="True"} 1
conversations_operator_conversation_conditions{condition="Ready",reason="Rejected",status="False"} 1
conversations_operator_conversation_conditions{condition="Ready",reason="Synced",status="True"} 2
conversations_operator_conversation_conditions{condition="Stalled",reason="Rejected",status="True"} 1
# HELP conversations_operator_conversations Conversation objects, by the state of what they have at Twilio.
# TYPE conversations_operator_conversations gauge
conversations_operator_conversations{state="active"} 2
conversations_operator_conversations{state="none"} 1
# HELP conversations_operator_drift_check_interval_seconds How often an account is checked for drift; 0 is never.
# TYPE conversations_operator_drift_check_interval_seconds gauge
conversations_operator_drift_check_interval_seconds{ACCOUNT} 600
# HELP conversations_operator_drift_check_timestamp_seconds When the last drift check of an account was completed, in seconds since 1970.
# TYPE conversations_operator_drift_check_timestamp_seconds gauge
conversations_operator_drift_check_timestamp_seconds{ACCOUNT} 1000
`, "ACCOUNT", `account_kind="ClusterTwilioAccount",account_name="default",account_namespace=""`)
	if err := testutil.CollectAndCompare(c, strings.NewReader(want)); err != nil {
		t.Error(err)
	}
	problems, err := testutil.CollectAndLint(c)
	if err != nil {
		t.Fatal(err)
	}
	for _, p := range problems {
		t.Errorf("%s: %s", p.Metric, p.Text)
	}
}

// described are the names of the operator's metrics with their labels, sorted, as `name: label, label`.
func described() []string {
	descs := make(chan *prometheus.Desc)
	go func() {
		defer close(descs)
		for _, c := range registered {
			c.Describe(descs)
		}
	}()
	format := regexp.MustCompile(`fqName: "([^"]*)".*variableLabels: \{([^}]*)\}`)
	var out []string
	for d := range descs {
		match := format.FindStringSubmatch(d.String())
		labels := strings.Split(match[2], ",")
		slices.Sort(labels)
		out = append(out, match[1]+": "+strings.Join(labels, ", "))
	}
	slices.Sort(out)
	return out
}

func TestEveryMetricIsDocumentedAndNoOther(t *testing.T) {
	text, err := os.ReadFile("../../docs/metrics.md")
	if err != nil {
		t.Fatal(err)
	}
	var told []string
	for _, row := range regexp.MustCompile("(?m)^\\| `([a-z_]+)` \\| [a-z]+ \\|([^|]*)\\|").FindAllStringSubmatch(string(text), -1) {
		cell := strings.ReplaceAll(row[2], "the account's", "`account_kind`, `account_namespace`, `account_name`")
		var labels []string
		for _, label := range regexp.MustCompile("`([a-z_]+)`").FindAllStringSubmatch(cell, -1) {
			labels = append(labels, label[1])
		}
		slices.Sort(labels)
		told = append(told, metricPrefix+row[1]+": "+strings.Join(labels, ", "))
	}
	slices.Sort(told)
	if diff := cmp.Diff(described(), told); diff != "" {
		t.Errorf("the metrics are not those of docs/metrics.md (-code +page):\n%s", diff)
	}
}
