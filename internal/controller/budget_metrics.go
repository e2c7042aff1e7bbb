// Copyright The conversations-operator Authors
// SPDX-License-Identifier: Apache-2.0

package controller

import (
	"net/http"
	"strings"
	"sync/atomic"
	"time"

	"github.com/prometheus/client_golang/prometheus"

	"github.com/conversations-operator/conversations-operator/internal/twilio"
	"github.com/conversations-operator/conversations-operator/internal/twilio/budget"
)

// Labels of the metrics of requests: operation is Twilio's name of it; class is the priority level of its seat, or check for
// a check of credentials, which needs none.
const (
	labelOperation = "operation"
	labelClass     = "class"
)

// Results of a request.
const (
	resultOK          = "ok"
	resultNotFound    = "not_found"
	resultDenied      = "denied"
	resultRefused     = "refused"
	resultThrottled   = "throttled"
	resultUnavailable = "unavailable"
)

var (
	requestsTotal = accountCounter("twilio_requests_total",
		"Requests to Twilio, by operation, class (edit, delete, backlog, drift, check) and result (ok, not_found, denied, refused, throttled, unavailable).",
		labelOperation, labelClass, labelResult)
	requestDuration = prometheus.NewHistogramVec(prometheus.HistogramOpts{
		Name:    metricPrefix + "twilio_request_duration_seconds",
		Help:    "Time from sending a request to Twilio to the beginning of its answer, by operation.",
		Buckets: []float64{.025, .05, .1, .25, .5, 1, 2.5, 5, 10},
	}, []string{labelOperation})
	budgetMetrics = &budgetCollector{}
)

func init() {
	register(requestDuration, budgetMetrics)
}

// counted counts the requests of an account object.
type counted struct {
	key  accountKey
	next http.RoundTripper
}

func (c counted) RoundTrip(r *http.Request) (*http.Response, error) {
	operation, class := twilio.OperationOf(r.Context()), "check"
	if p := budget.SeatOf(r.Context()); p != nil {
		class = p.PriorityLevel().String()
	}
	start := time.Now()
	resp, err := c.next.RoundTrip(r)
	requestDuration.WithLabelValues(operation).Observe(time.Since(start).Seconds())
	requestsTotal.WithLabelValues(c.key.labels(operation, class, resultOf(resp, err))...).Inc()
	return resp, err
}

func resultOf(resp *http.Response, err error) string {
	switch {
	case err != nil, resp.StatusCode >= http.StatusInternalServerError:
		return resultUnavailable
	case resp.StatusCode == http.StatusTooManyRequests:
		return resultThrottled
	case resp.StatusCode == http.StatusNotFound:
		return resultNotFound
	case resp.StatusCode == http.StatusUnauthorized, resp.StatusCode == http.StatusForbidden:
		return resultDenied
	case resp.StatusCode >= http.StatusBadRequest:
		return resultRefused
	}
	return resultOK
}

// budgetCollector shows the budgets of the accounts that are connected. A budget that several account objects lead to is
// shown once, under the first of their names.
type budgetCollector struct{ accounts atomic.Pointer[accounts] }

var (
	budgetLimit = budgetDesc("twilio_concurrent_requests_limit",
		"How many requests of the account may be under way at once: adapted to what Twilio bears; 1 while an outage is probed.")
	budgetInFlight  = budgetDesc("twilio_concurrent_requests", "How many requests of the account are under way.")
	budgetWaiting   = budgetDesc("twilio_waiting", "How many objects wait for their turn to send a request, by class.", labelClass)
	budgetHeld      = budgetDesc("twilio_held", "1 while nothing is sent for the account: Twilio throttles it, or is out of order.")
	budgetOpen      = budgetDesc("twilio_breaker_open", "1 from the beginning of an outage of Twilio, or of its writes alone, to the first answer after it.")
	budgetThrottled = budgetDesc("twilio_throttled_total", "Requests of the account that Twilio answered 429.")
	budgetFailures  = budgetDesc("twilio_failures_total", "Requests of the account that Twilio answered 5xx, or not at all.")
)

func budgetDesc(name, help string, labels ...string) *prometheus.Desc {
	return prometheus.NewDesc(metricPrefix+name, help, append([]string{labelKind, labelNamespace, labelName}, labels...), nil)
}

// Describe names the metrics.
func (c *budgetCollector) Describe(to chan<- *prometheus.Desc) {
	for _, d := range []*prometheus.Desc{budgetLimit, budgetInFlight, budgetWaiting, budgetHeld, budgetOpen, budgetThrottled, budgetFailures} {
		to <- d
	}
}

// Collect measures them.
func (c *budgetCollector) Collect(to chan<- prometheus.Metric) {
	all := c.accounts.Load()
	if all == nil {
		return
	}
	for b, key := range all.budgets() {
		s := b.Stats()
		show := func(d *prometheus.Desc, kind prometheus.ValueType, v float64, more ...string) {
			to <- prometheus.MustNewConstMetric(d, kind, v, key.labels(more...)...)
		}
		show(budgetLimit, prometheus.GaugeValue, float64(s.Limit))
		show(budgetInFlight, prometheus.GaugeValue, float64(s.InFlight))
		show(budgetHeld, prometheus.GaugeValue, truth(s.Held))
		show(budgetOpen, prometheus.GaugeValue, truth(s.Open))
		show(budgetThrottled, prometheus.CounterValue, float64(s.Throttled))
		show(budgetFailures, prometheus.CounterValue, float64(s.Failures))
		for class, n := range s.Waiting {
			show(budgetWaiting, prometheus.GaugeValue, float64(n), class.String())
		}
	}
}

func truth(v bool) float64 {
	if v {
		return 1
	}
	return 0
}

// budgets are those of the connected accounts, each with the first of the names that lead to it.
func (a *accounts) budgets() map[*budget.Budget]accountKey {
	a.mu.RLock()
	defer a.mu.RUnlock()
	out := map[*budget.Budget]accountKey{}
	for key, live := range a.live {
		if first, ok := out[live.budget]; !ok || strings.Compare(key.index(), first.index()) < 0 {
			out[live.budget] = key
		}
	}
	return out
}
