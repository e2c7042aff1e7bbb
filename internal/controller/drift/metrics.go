// Copyright The conversations-operator Authors
// SPDX-License-Identifier: Apache-2.0

package drift

import (
	"time"

	"github.com/prometheus/client_golang/prometheus"

	"github.com/conversations-operator/conversations-operator/internal/controller/account"
	"github.com/conversations-operator/conversations-operator/internal/kube"
	"github.com/conversations-operator/conversations-operator/internal/tenancy"
)

// Results of a drift check.
const (
	resultCompleted   = "completed"
	resultInterrupted = "interrupted"
)

var (
	checks = account.NewCounter("drift_checks_total",
		"Drift checks, by result: completed, or interrupted by an error of Twilio, for a service or for all (and carried on later).", account.LabelResult)
	requests = account.NewCounter("drift_check_requests_total", "Requests to Twilio that completed drift checks took.")
	listed   = account.NewCounter("drift_check_listed_total", "Conversations that Twilio listed for completed drift checks, managed or not.")
	duration = prometheus.NewHistogram(prometheus.HistogramOpts{
		Name: kube.MetricPrefix + "drift_check_duration_seconds",
		Help: "Time from the beginning of a drift check to its completion, interruptions included.",
		// From the time of one page to the time of an outage.
		Buckets: []float64{.1, .25, .5, 1, 2.5, 5, 10, 30, 60, 300, 900, 3600},
	})
)

func init() { kube.Register(duration) }

// count counts a completed drift check.
func (c *check) count(key tenancy.Key) {
	checks.WithLabelValues(account.LabelsOf(key, resultCompleted)...).Inc()
	requests.WithLabelValues(account.LabelsOf(key)...).Add(float64(c.requests))
	listed.WithLabelValues(account.LabelsOf(key)...).Add(float64(c.listed))
	duration.Observe(time.Since(c.started).Seconds())
}
