// Copyright The conversations-operator Authors
// SPDX-License-Identifier: Apache-2.0

package conversation

import (
	"time"

	"github.com/prometheus/client_golang/prometheus"
	corev1 "k8s.io/api/core/v1"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
	"sigs.k8s.io/controller-runtime/pkg/client"
	"sigs.k8s.io/controller-runtime/pkg/event"
	"sigs.k8s.io/controller-runtime/pkg/predicate"

	"github.com/conversations-operator/conversations-operator/api/v1alpha1"
	"github.com/conversations-operator/conversations-operator/internal/condition"
	"github.com/conversations-operator/conversations-operator/internal/controller/account"
	"github.com/conversations-operator/conversations-operator/internal/kube"
	"github.com/conversations-operator/conversations-operator/internal/tenancy"
	"github.com/conversations-operator/conversations-operator/internal/twilio/budget"
	"github.com/conversations-operator/conversations-operator/internal/walk"
)

// labelChange is the reason of the event about a change.
const labelChange = "change"

var (
	changes = account.NewCounter("changes_total",
		"What happened to conversations, by change: the reasons of the Normal events but those of drift that stays.", labelChange)
	createDuration = newHistogram("create_duration_seconds", "Time from the first sight of a new object to the sid of the conversation created for it.")
	updateDuration = newHistogram("update_duration_seconds", "Time from the sight of an edit of a spec to Twilio's answer that has it.")
	turnWait       = prometheus.NewHistogramVec(histogramOpts("turn_wait_seconds",
		"Time that an object waited for its turn to send a request to Twilio, by class; 0 if there was one at once."), []string{account.LabelClass})
)

func init() {
	kube.Register(createDuration, updateDuration, turnWait)
}

func newHistogram(name, help string) prometheus.Histogram {
	return prometheus.NewHistogram(histogramOpts(name, help))
}

// histogramOpts has buckets from the time of a request to the time of a long queue.
func histogramOpts(name, help string) prometheus.HistogramOpts {
	return prometheus.HistogramOpts{Name: kube.MetricPrefix + name, Help: help, Buckets: []float64{.05, .1, .25, .5, 1, 2.5, 5, 10, 30, 60, 300, 900, 3600}}
}

// sight lets every event through, and starts the time of new objects and of edits.
func (m *Memory) sight() predicate.Predicate {
	return predicate.Funcs{
		CreateFunc: func(e event.CreateEvent) bool {
			conv := e.Object.(*v1alpha1.Conversation)
			switch {
			case conv.Status.ObservedGeneration <= 0:
				m.note(conv, func(e *entry) { begin(&e.creating) })
			case conv.Status.ObservedGeneration != conv.Generation:
				m.note(conv, func(e *entry) { begin(&e.editing) })
			}
			return true
		},
		UpdateFunc: func(e event.UpdateEvent) bool {
			if e.ObjectOld.GetGeneration() != e.ObjectNew.GetGeneration() {
				m.note(e.ObjectNew, func(e *entry) { begin(&e.editing) })
			}
			return true
		},
	}
}

// forgetTimes ends the times of an object: no answer of Twilio will end them, or another manager's answer did.
func (m *Memory) forgetTimes(o client.Object) {
	m.note(o, func(e *entry) { e.creating, e.editing = time.Time{}, time.Time{} })
}

// settledTimes forgets the times of a ready, stalled or suspended object.
func (m *Memory) settledTimes(conv *v1alpha1.Conversation, reason string) {
	if condition.ReadyStatus(reason) == metav1.ConditionTrue || condition.Stalls(reason) || conv.Spec.Suspend {
		m.forgetTimes(conv)
	}
}

// told counts the change which an event reports, and observes its time.
func (m *Memory) told(acct tenancy.Key, conv *v1alpha1.Conversation, n walk.Note) {
	if n.Type != corev1.EventTypeNormal || n.Reason == v1alpha1.EventDriftDetected || n.Reason == v1alpha1.EventFieldKept {
		return
	}
	changes.WithLabelValues(account.LabelsOf(acct, n.Reason)...).Inc()
	switch n.Reason {
	case v1alpha1.EventCreated:
		m.note(conv, func(e *entry) { observe(createDuration, &e.creating) })
	case v1alpha1.EventUpdated:
		m.note(conv, func(e *entry) { observe(updateDuration, &e.editing) })
	}
}

// seated observes whether an object got a seat.
func (m *Memory) seated(conv *v1alpha1.Conversation, level budget.PriorityLevel, got bool) {
	m.note(conv, func(e *entry) {
		begin(&e.waiting)
		if got {
			observe(turnWait.WithLabelValues(level.String()), &e.waiting)
		}
	})
}

// begin starts a time, unless the time runs already.
func begin(since *time.Time) {
	if since.IsZero() {
		*since = time.Now()
	}
}

// observe ends a time, if the time runs.
func observe(to prometheus.Observer, since *time.Time) {
	if !since.IsZero() {
		to.Observe(time.Since(*since).Seconds())
		*since = time.Time{}
	}
}
