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
	"sigs.k8s.io/controller-runtime/pkg/metrics"

	"github.com/conversations-operator/conversations-operator/api/v1alpha1"
	"github.com/conversations-operator/conversations-operator/internal/condition"
	"github.com/conversations-operator/conversations-operator/internal/kube"
)

// counting collects what is shown of some objects, as [objectCollector] does of those in the cache.
type counting func(chan<- prometheus.Metric)

func (c counting) Describe(to chan<- *prometheus.Desc) { objectMetrics.Describe(to) }

func (c counting) Collect(to chan<- prometheus.Metric) { c(to) }

func TestObjectsAreCountedByStateAndCondition(t *testing.T) {
	counted := func(reason string, state v1alpha1.ConversationState, more ...metav1.Condition) v1alpha1.Conversation {
		conv := v1alpha1.Conversation{Status: v1alpha1.ConversationStatus{State: state, Conditions: more}}
		condition.SetReady(&conv.Status.Conditions, 1, reason, "As it is.")
		return conv
	}
	drifted := metav1.Condition{Type: v1alpha1.ConditionDrifted, Status: metav1.ConditionTrue, Reason: v1alpha1.ReasonDriftDetected}
	acct := &v1alpha1.ClusterTwilioAccount{ObjectMeta: metav1.ObjectMeta{Name: "default"}}
	acct.Status.Conversations = new(int32(3))
	acct.Status.LastDriftCheck = &v1alpha1.DriftCheck{CompletionTime: new(metav1.NewTime(time.Unix(1000, 0)))}
	condition.SetReady(&acct.Status.Conditions, 1, v1alpha1.ReasonAuthenticated, "Twilio took the credentials.")
	c := counting(func(to chan<- prometheus.Metric) {
		countConversations(to, []v1alpha1.Conversation{
			counted(v1alpha1.ReasonSynced, v1alpha1.StateActive), counted(v1alpha1.ReasonSynced, v1alpha1.StateActive, drifted),
			counted(v1alpha1.ReasonRejected, ""),
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

// format reads a description of a metric.
var format = regexp.MustCompile(`fqName: "([^"]*)".*variableLabels: \{([^}]*)\}`)

// labelsIn are the labels of the only metric of a collector.
func labelsIn(c prometheus.Collector) []string {
	descs := make(chan *prometheus.Desc, 1)
	c.Describe(descs)
	return strings.Split(format.FindStringSubmatch((<-descs).String())[2], ",")
}

// described are the names of the operator's metrics with their labels, sorted, as `name: label, label`.
func described() []string {
	descs := make(chan *prometheus.Desc)
	go func() {
		defer close(descs)
		for _, c := range kube.Registered {
			c.Describe(descs)
		}
	}()
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
		told = append(told, kube.MetricPrefix+row[1]+": "+strings.Join(labels, ", "))
	}
	slices.Sort(told)
	if diff := cmp.Diff(described(), told); diff != "" {
		t.Errorf("the metrics are not those of docs/metrics.md (-code +page):\n%s", diff)
	}
}

// TestMetricsAreNamedAsPrometheusAdvises lints all metrics that the operator registers, each with one series at least.
func TestMetricsAreNamedAsPrometheusAdvises(t *testing.T) {
	for _, c := range kube.Registered {
		if counter, ok := c.(*prometheus.CounterVec); ok {
			labels := prometheus.Labels{}
			for _, name := range labelsIn(counter) {
				labels[name] = t.Name()
			}
			counter.With(labels).Inc()
			t.Cleanup(func() { counter.Delete(labels) })
		}
	}
	problems, err := testutil.GatherAndLint(metrics.Registry)
	if err != nil {
		t.Fatal(err)
	}
	for _, p := range problems {
		if strings.HasPrefix(p.Metric, kube.MetricPrefix) {
			t.Errorf("%s: %s", p.Metric, p.Text)
		}
	}
}
