// Copyright The conversations-operator Authors
// SPDX-License-Identifier: Apache-2.0

package controller

import (
	"cmp"
	"context"
	"sync/atomic"
	"time"

	"github.com/prometheus/client_golang/prometheus"
	"sigs.k8s.io/controller-runtime/pkg/client"

	"github.com/conversations-operator/conversations-operator/api/v1alpha1"
	"github.com/conversations-operator/conversations-operator/internal/controller/account"
	"github.com/conversations-operator/conversations-operator/internal/controller/drift"
	"github.com/conversations-operator/conversations-operator/internal/kube"
	"github.com/conversations-operator/conversations-operator/internal/tenancy"
)

// Labels of the metrics of objects. The state is none while the object has no conversation.
const (
	labelState     = "state"
	labelCondition = "condition"
	labelStatus    = "status"
	labelReason    = "reason"
	noState        = "none"
)

// countTimeout bounds a look into a cache which is not filled yet.
const countTimeout = time.Second

// objectCollector counts the objects in the cache. A manager which does not lead has the objects in its cache too.
type objectCollector struct {
	reader atomic.Pointer[tenancy.Resolver]
}

var (
	objectMetrics = &objectCollector{}

	objectStates = prometheus.NewDesc(kube.MetricPrefix+"conversations",
		"Conversation objects, by the state of what they have at Twilio.", []string{labelState}, nil)
	objectConditions = prometheus.NewDesc(kube.MetricPrefix+"conversation_conditions", "Conversation objects that have a condition, by its status and reason.",
		[]string{labelCondition, labelStatus, labelReason}, nil)
	accountConditions = account.NewDesc("account_conditions", "1 for each condition that an account has, by its status and reason.",
		labelCondition, labelStatus, labelReason)
	accountObjects  = account.NewDesc("account_conversations", "Conversation objects of an account that need it, as its status says.")
	accountInterval = account.NewDesc("drift_check_interval_seconds", "How often an account is checked for drift; 0 is never.")
	accountChecked  = account.NewDesc("drift_check_timestamp_seconds", "When the last drift check of an account was completed, in seconds since 1970.")
)

func init() {
	kube.Register(objectMetrics)
}

// Describe names the metrics.
func (c *objectCollector) Describe(to chan<- *prometheus.Desc) {
	for _, d := range []*prometheus.Desc{objectStates, objectConditions, accountConditions, accountObjects, accountInterval, accountChecked} {
		to <- d
	}
}

// Collect counts. A kind which cannot be read is left out.
func (c *objectCollector) Collect(to chan<- prometheus.Metric) {
	reader := c.reader.Load()
	if reader == nil {
		return
	}
	ctx, cancel := context.WithTimeout(context.Background(), countTimeout)
	defer cancel()
	var convs v1alpha1.ConversationList
	if reader.List(ctx, &convs, client.UnsafeDisableDeepCopy) == nil {
		countConversations(to, convs.Items)
	}
	var accounts v1alpha1.TwilioAccountList
	if reader.List(ctx, &accounts, client.UnsafeDisableDeepCopy) == nil {
		for i := range accounts.Items {
			showAccount(to, &accounts.Items[i])
		}
	}
	if !reader.Serves(tenancy.Key{Kind: v1alpha1.ClusterTwilioAccountKind}) {
		return
	}
	var shared v1alpha1.ClusterTwilioAccountList
	if reader.List(ctx, &shared, client.UnsafeDisableDeepCopy) == nil {
		for i := range shared.Items {
			showAccount(to, &shared.Items[i])
		}
	}
}

func countConversations(to chan<- prometheus.Metric, all []v1alpha1.Conversation) {
	states, conditions := map[string]int{}, map[[3]string]int{}
	for i := range all {
		states[cmp.Or(string(all[i].Status.State), noState)]++
		for _, c := range all[i].Status.Conditions {
			conditions[[3]string{c.Type, string(c.Status), c.Reason}]++
		}
	}
	for state, n := range states {
		to <- prometheus.MustNewConstMetric(objectStates, prometheus.GaugeValue, float64(n), state)
	}
	for c, n := range conditions {
		to <- prometheus.MustNewConstMetric(objectConditions, prometheus.GaugeValue, float64(n), c[:]...)
	}
}

func showAccount(to chan<- prometheus.Metric, acct tenancy.Account) {
	key, status := tenancy.KeyOf(acct), acct.CommonStatus()
	show := func(d *prometheus.Desc, v float64, more ...string) {
		to <- prometheus.MustNewConstMetric(d, prometheus.GaugeValue, v, account.LabelsOf(key, more...)...)
	}
	for _, c := range status.Conditions {
		show(accountConditions, 1, c.Type, string(c.Status), c.Reason)
	}
	if n := status.Conversations; n != nil {
		show(accountObjects, float64(*n))
	}
	show(accountInterval, drift.Interval(acct).Seconds())
	if done := drift.CompletedAt(status); done != nil {
		show(accountChecked, float64(done.Unix()))
	}
}
