// Copyright The conversations-operator Authors
// SPDX-License-Identifier: Apache-2.0

package account

import (
	"net/http"
	"strings"
	"sync/atomic"
	"time"

	"github.com/prometheus/client_golang/prometheus"

	"github.com/conversations-operator/conversations-operator/internal/kube"
	"github.com/conversations-operator/conversations-operator/internal/tenancy"
	"github.com/conversations-operator/conversations-operator/internal/twilio"
	"github.com/conversations-operator/conversations-operator/internal/twilio/budget"
)

// Labels of the metrics of requests: operation is Twilio's name of the operation; class is the priority level of the
// seat, or check for a check of credentials, which needs no seat.
const (
	labelOperation = "operation"
	LabelClass     = "class"
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
	requestsTotal = NewCounter("twilio_requests_total",
		"Requests to Twilio, by operation, class (edit, delete, backlog, drift, check) and result (ok, not_found, denied, refused, throttled, unavailable).",
		labelOperation, LabelClass, LabelResult)
	requestDuration = prometheus.NewHistogramVec(prometheus.HistogramOpts{
		Name:    kube.MetricPrefix + "twilio_request_duration_seconds",
		Help:    "Time from sending a request to Twilio to the beginning of its answer, by operation.",
		Buckets: []float64{.025, .05, .1, .25, .5, 1, 2.5, 5, 10},
	}, []string{labelOperation})
	budgetMetrics = &budgetCollector{}
)

func init() {
	kube.Register(requestDuration, budgetMetrics)
}

// counted counts the requests of an account object.
type counted struct {
	key  tenancy.Key
	next http.RoundTripper
}

// RoundTrip sends the request, and counts it.
func (c counted) RoundTrip(r *http.Request) (*http.Response, error) {
	operation, class := twilio.OperationOf(r.Context()), "check"
	if p := budget.SeatOf(r.Context()); p != nil {
		class = p.PriorityLevel().String()
	}
	start := time.Now()
	resp, err := c.next.RoundTrip(r)
	requestDuration.WithLabelValues(operation).Observe(time.Since(start).Seconds())
	requestsTotal.WithLabelValues(LabelsOf(c.key, operation, class, resultOf(resp, err))...).Inc()
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

// budgetCollector shows the budgets of the connected accounts. If several account objects lead to one budget, the
// metrics show the budget once, under the first name of these objects.
type budgetCollector struct{ accounts atomic.Pointer[Registry] }

var (
	budgetLimit = NewDesc("twilio_concurrent_requests_limit",
		"How many requests of the account may be under way at once: adapted to what Twilio bears; 1 while an outage is probed.")
	budgetInFlight  = NewDesc("twilio_concurrent_requests", "How many requests of the account are under way.")
	budgetWaiting   = NewDesc("twilio_waiting", "How many objects wait for their turn to send a request, by class.", LabelClass)
	budgetHeld      = NewDesc("twilio_held", "1 while nothing is sent for the account: Twilio throttles it, or is out of order.")
	budgetOpen      = NewDesc("twilio_breaker_open", "1 from the beginning of an outage of Twilio, or of its writes alone, to the first answer after it.")
	budgetThrottled = NewDesc("twilio_throttled_total", "Requests of the account that Twilio answered 429.")
	budgetFailures  = NewDesc("twilio_failures_total", "Requests of the account that Twilio answered 5xx, or not at all.")
)

// Describe names the metrics.
func (c *budgetCollector) Describe(to chan<- *prometheus.Desc) {
	for _, d := range []*prometheus.Desc{budgetLimit, budgetInFlight, budgetWaiting, budgetHeld, budgetOpen, budgetThrottled, budgetFailures} {
		to <- d
	}
}

// Collect measures the budgets.
func (c *budgetCollector) Collect(to chan<- prometheus.Metric) {
	all := c.accounts.Load()
	if all == nil {
		return
	}
	for b, key := range all.budgets() {
		s := b.Stats()
		show := func(d *prometheus.Desc, kind prometheus.ValueType, v float64, more ...string) {
			to <- prometheus.MustNewConstMetric(d, kind, v, LabelsOf(key, more...)...)
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

// budgets are the budgets of the connected accounts, each with the first name of the accounts that lead to the budget.
func (a *Registry) budgets() map[*budget.Budget]tenancy.Key {
	a.mu.RLock()
	defer a.mu.RUnlock()
	out := map[*budget.Budget]tenancy.Key{}
	for key, e := range a.entries {
		if e.live == nil {
			continue
		}
		if first, ok := out[e.live.Budget]; !ok || strings.Compare(key.Index(), first.Index()) < 0 {
			out[e.live.Budget] = key
		}
	}
	return out
}
