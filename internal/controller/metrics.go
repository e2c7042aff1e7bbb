// Copyright The conversations-operator Authors
// SPDX-License-Identifier: Apache-2.0

package controller

import (
	"slices"
	"time"

	"github.com/prometheus/client_golang/prometheus"
	"sigs.k8s.io/controller-runtime/pkg/metrics"

	"github.com/conversations-operator/conversations-operator/api/v1alpha1"
)

// metricPrefix begins the name of every metric of the operator.
const metricPrefix = "conversations_operator_"

// Labels of the metrics: there are as many series as accounts, times a few. account_namespace is empty for the cluster
// kind; field is a path in the spec of a Conversation.
const (
	labelKind      = "account_kind"
	labelNamespace = "account_namespace"
	labelName      = "account_name"
	labelResult    = "result"
	labelField     = "field"
)

// Results of a drift check.
const (
	resultCompleted   = "completed"
	resultInterrupted = "interrupted"
)

var (
	driftChecks = accountCounter("drift_checks_total",
		"Drift checks, by result: completed, or interrupted by an error of Twilio, for a service or for all (and carried on later).", labelResult)
	driftRequests = accountCounter("drift_check_requests_total", "Requests to Twilio that completed drift checks took.")
	driftListed   = accountCounter("drift_check_listed_total", "Conversations that Twilio listed for completed drift checks, managed or not.")
	driftDetected = accountCounter("drift_detected_total",
		"Differences found between Twilio and the specs that nobody asked for, each once, by field.", labelField)
	driftCorrected = accountCounter("drift_corrected_total", "Such differences that were put right at Twilio, by field.", labelField)
	driftDuration  = prometheus.NewHistogram(prometheus.HistogramOpts{
		Name: metricPrefix + "drift_check_duration_seconds",
		Help: "Time from the beginning of a drift check to its completion, interruptions included.",
		// From one page to an outage.
		Buckets: []float64{.1, .25, .5, 1, 2.5, 5, 10, 30, 60, 300, 900, 3600},
	})
)

// perAccount are the metrics that end with an account.
var perAccount []*prometheus.CounterVec

func accountCounter(name, help string, labels ...string) *prometheus.CounterVec {
	c := prometheus.NewCounterVec(prometheus.CounterOpts{Name: metricPrefix + name, Help: help},
		slices.Concat([]string{labelKind, labelNamespace, labelName}, labels))
	perAccount = append(perAccount, c)
	return c
}

// registered are all collectors of the operator.
var registered []prometheus.Collector

func register(collectors ...prometheus.Collector) {
	registered = append(registered, collectors...)
	metrics.Registry.MustRegister(collectors...)
}

func init() {
	for _, c := range perAccount {
		register(c)
	}
	register(driftDuration)
}

// labels of an account's series, and further values in the order in which the metric names them.
func (k accountKey) labels(more ...string) []string {
	return slices.Concat([]string{string(k.Kind), k.Namespace, k.Name}, more)
}

// forgetMetrics ends the series of an account that is gone.
func forgetMetrics(key accountKey) {
	for _, c := range perAccount {
		c.DeletePartialMatch(prometheus.Labels{labelKind: string(key.Kind), labelNamespace: key.Namespace, labelName: key.Name})
	}
}

// count notes a drift check that is complete.
func (c *driftCheck) count(key accountKey) {
	driftChecks.WithLabelValues(key.labels(resultCompleted)...).Inc()
	driftRequests.WithLabelValues(key.labels()...).Add(float64(c.requests))
	driftListed.WithLabelValues(key.labels()...).Add(float64(c.listed))
	driftDuration.Observe(time.Since(c.started).Seconds())
}

// countDrift counts what a pass found and put right. Drift that was on record before was counted then.
func countDrift(key accountKey, before, after []v1alpha1.FieldDrift, corrected []string) {
	known := func(field string) bool {
		return slices.ContainsFunc(before, func(d v1alpha1.FieldDrift) bool { return d.Field == field })
	}
	found := slices.Clone(corrected)
	for _, d := range after {
		if !slices.Contains(found, d.Field) {
			found = append(found, d.Field)
		}
	}
	for _, field := range found {
		if !known(field) {
			driftDetected.WithLabelValues(key.labels(field)...).Inc()
		}
	}
	for _, field := range corrected {
		driftCorrected.WithLabelValues(key.labels(field)...).Inc()
	}
}
