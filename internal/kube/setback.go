// Copyright The conversations-operator Authors
// SPDX-License-Identifier: Apache-2.0

package kube

import (
	"sync"

	"github.com/prometheus/client_golang/prometheus"
	corev1 "k8s.io/api/core/v1"
	"k8s.io/apimachinery/pkg/types"
	"k8s.io/client-go/tools/events"
	"sigs.k8s.io/controller-runtime/pkg/client"

	"github.com/conversations-operator/conversations-operator/api/v1alpha1"
)

// setbacksBeforeTold is how many requests in a row the API server refuses before anybody is told: permissions and policies that
// are installed together with the operator come into force one after another.
const setbacksBeforeTold = 3

// labelObject is the kind of the object that a request to the API server is about.
const labelObject = "kind"

var refusals = prometheus.NewCounterVec(prometheus.CounterOpts{Name: MetricPrefix + "kubernetes_refusals_total",
	Help: "Requests of the operator that the API server refused, by the kind of the object: a permission, an admission policy or a limit."},
	[]string{labelObject})

func init() { Register(refusals) }

// Setbacks counts, per object, the requests that the API server refused in a row.
type Setbacks struct {
	mu    sync.Mutex
	ByKey map[string]setback
}

// setback is the state of one object. told is the message of the last event about it.
type setback struct {
	uid   types.UID
	times int
	told  string
}

// NewSetbacks makes setbacks of which none is counted.
func NewSetbacks() *Setbacks { return &Setbacks{ByKey: map[string]setback{}} }

// Note counts one more refused request, and answers whether it is time to tell.
func (s *Setbacks) Note(kind, key string, uid types.UID) bool {
	refusals.WithLabelValues(kind).Inc()
	s.mu.Lock()
	defer s.mu.Unlock()
	b := s.ByKey[key]
	if b.uid != uid {
		b = setback{uid: uid}
	}
	b.times++
	s.ByKey[key] = b
	return b.times >= setbacksBeforeTold
}

// news tells whether no event had this message since the first refusal, and notes that one has it now.
func (s *Setbacks) news(key, message string) bool {
	s.mu.Lock()
	defer s.mu.Unlock()
	b := s.ByKey[key]
	if b.told == message {
		return false
	}
	b.told = message
	s.ByKey[key] = b
	return true
}

// Any tells whether the last request was refused.
func (s *Setbacks) Any(key string, uid types.UID) bool {
	s.mu.Lock()
	defer s.mu.Unlock()
	b, ok := s.ByKey[key]
	return ok && b.uid == uid
}

// Over ends the count: a request succeeded, or the object is gone.
func (s *Setbacks) Over(key string) {
	s.mu.Lock()
	defer s.mu.Unlock()
	delete(s.ByKey, key)
}

// Tell counts a refused request that no condition can tell of, and sends one Warning event about it once it is time to tell.
func (s *Setbacks) Tell(recorder events.EventRecorder, kind, key string, about client.Object, err error) {
	if !s.Note(kind, key, about.GetUID()) {
		return
	}
	if message := Refusal(err); s.news(key, message) {
		recorder.Eventf(about, nil, corev1.EventTypeWarning, v1alpha1.ReasonKubernetesRefused, "Write", "%s", Shorten(message, MaxNote))
	}
}
