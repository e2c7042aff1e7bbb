// Copyright The conversations-operator Authors
// SPDX-License-Identifier: Apache-2.0

package kube

import (
	"github.com/prometheus/client_golang/prometheus"
	corev1 "k8s.io/api/core/v1"
	"k8s.io/client-go/tools/events"
	"sigs.k8s.io/controller-runtime/pkg/client"

	"github.com/conversations-operator/conversations-operator/api/v1alpha1"
	"github.com/conversations-operator/conversations-operator/internal/condition"
)

// setbacksBeforeTold is how many requests in a row the API server refuses before the operator tells the user:
// permissions and policies installed together with the operator come into force one after another.
const setbacksBeforeTold = 3

// labelObject is the kind of the object which a request to the API server reads or writes.
const labelObject = "kind"

var refusals = prometheus.NewCounterVec(prometheus.CounterOpts{Name: MetricPrefix + "kubernetes_refusals_total",
	Help: "Requests of the operator that the API server refused, by the kind of the object: a permission, an admission policy or a limit."},
	[]string{labelObject})

func init() { Register(refusals) }

// Setback counts how many requests about one object the API server refused in a row. The zero value is ready.
type Setback struct {
	times int
	// told is the message of the last event.
	told string
}

// Note counts one more refused request about an object of the kind, and answers whether it is time to tell the user.
func (s *Setback) Note(kind string) bool {
	refusals.WithLabelValues(kind).Inc()
	s.times++
	return s.times >= setbacksBeforeTold
}

// Any tells whether the last request was refused.
func (s *Setback) Any() bool { return s.times > 0 }

// Event counts a refused request which no condition can report, and answers the message of a Warning event, or empty if
// no event is due. Event answers the same message once only.
func (s *Setback) Event(kind string, err error) string {
	if !s.Note(kind) {
		return ""
	}
	message := condition.Shorten(condition.Refusal(err), condition.MaxNote)
	if s.told == message {
		return ""
	}
	s.told = message
	return message
}

// TellSetback sends the Warning event about refused requests to the API server. An empty message sends no event.
func TellSetback(recorder events.EventRecorder, about client.Object, message string) {
	if message != "" {
		recorder.Eventf(about, nil, corev1.EventTypeWarning, v1alpha1.ReasonKubernetesRefused, "Write", "%s", message)
	}
}
