// Copyright The conversations-operator Authors
// SPDX-License-Identifier: Apache-2.0

package conversation

import (
	"github.com/prometheus/client_golang/prometheus"
	corev1 "k8s.io/api/core/v1"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
	"sigs.k8s.io/controller-runtime/pkg/client"
	"sigs.k8s.io/controller-runtime/pkg/event"
	"sigs.k8s.io/controller-runtime/pkg/predicate"

	"github.com/conversations-operator/conversations-operator/api/v1alpha1"
	"github.com/conversations-operator/conversations-operator/internal/controller/account"
	"github.com/conversations-operator/conversations-operator/internal/kube"
	"github.com/conversations-operator/conversations-operator/internal/tenancy"
	"github.com/conversations-operator/conversations-operator/internal/twilio/budget"
)

// labelChange is the reason of the event that tells of a change.
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

// histogramOpts has buckets from a request to a long queue.
func histogramOpts(name, help string) prometheus.HistogramOpts {
	return prometheus.HistogramOpts{Name: kube.MetricPrefix + name, Help: help, Buckets: []float64{.05, .1, .25, .5, 1, 2.5, 5, 10, 30, 60, 300, 900, 3600}}
}

// times are the stopwatches of objects, by UID, and of waits for a seat, by the key of the queue.
type times struct{ creating, editing, waiting kube.Stopwatch }

// sight lets everything through, and starts the time of what is new.
func (t *times) sight() predicate.Predicate {
	return predicate.Funcs{
		CreateFunc: func(e event.CreateEvent) bool {
			conv := e.Object.(*v1alpha1.Conversation)
			switch {
			case conv.Status.ObservedGeneration <= 0:
				t.creating.Begin(string(conv.UID))
			case conv.Status.ObservedGeneration != conv.Generation:
				t.editing.Begin(string(conv.UID))
			}
			return true
		},
		UpdateFunc: func(e event.UpdateEvent) bool {
			if e.ObjectOld.GetGeneration() != e.ObjectNew.GetGeneration() {
				t.editing.Begin(string(e.ObjectNew.GetUID()))
			}
			return true
		},
		DeleteFunc: func(e event.DeleteEvent) bool {
			t.forget(e.Object)
			return true
		},
	}
}

// forget ends the times of an object: nothing more will come of what began, or it was another manager's to end.
func (t *times) forget(o client.Object) {
	t.creating.Forget(string(o.GetUID()))
	t.editing.Forget(string(o.GetUID()))
}

// settled forgets the times of an object that rests.
func (t *times) settled(conv *v1alpha1.Conversation, reason string) {
	if kube.ReadyStatus(reason) == metav1.ConditionTrue || kube.Stalls(reason) || conv.Spec.Suspend {
		t.forget(conv)
	}
}

// told observes what an event tells of.
func (t *times) told(acct tenancy.Key, conv *v1alpha1.Conversation, n note) {
	if n.kind != corev1.EventTypeNormal || n.reason == v1alpha1.EventDriftDetected || n.reason == v1alpha1.EventFieldKept {
		return
	}
	changes.WithLabelValues(account.LabelsOf(acct, n.reason)...).Inc()
	switch n.reason {
	case v1alpha1.EventCreated:
		observe(createDuration, &t.creating, string(conv.UID))
	case v1alpha1.EventUpdated:
		observe(updateDuration, &t.editing, string(conv.UID))
	}
}

// seated observes whether an object got a seat.
func (t *times) seated(key string, level budget.PriorityLevel, got bool) {
	if !got {
		t.waiting.Begin(key)
		return
	}
	d, _ := t.waiting.End(key)
	turnWait.WithLabelValues(level.String()).Observe(d.Seconds())
}

func observe(to prometheus.Observer, s *kube.Stopwatch, key string) {
	if d, ok := s.End(key); ok {
		to.Observe(d.Seconds())
	}
}
