// Copyright The conversations-operator Authors
// SPDX-License-Identifier: Apache-2.0

package controller

import (
	"sync"

	"github.com/prometheus/client_golang/prometheus"
	corev1 "k8s.io/api/core/v1"
	"k8s.io/apimachinery/pkg/types"
	"sigs.k8s.io/controller-runtime/pkg/client"

	"github.com/conversations-operator/conversations-operator/api/v1alpha1"
)

// setbacksBeforeTold is how many requests in a row the API server refuses before anybody is told: permissions and policies that
// are installed together with the operator come into force one after another.
const setbacksBeforeTold = 3

// labelObject is the kind of the object that a request to the API server is about.
const labelObject = "kind"

var kubeRefusals = prometheus.NewCounterVec(prometheus.CounterOpts{Name: metricPrefix + "kubernetes_refusals_total",
	Help: "Requests of the operator that the API server refused, by the kind of the object: a permission, an admission policy or a limit."},
	[]string{labelObject})

func init() { register(kubeRefusals) }

// setbacks counts, per object, the requests that the API server refused in a row.
type setbacks struct {
	mu    sync.Mutex
	byKey map[string]setback
}

// setback is the state of one object. told is the message of the last event about it.
type setback struct {
	uid   types.UID
	times int
	told  string
}

func newSetbacks() *setbacks { return &setbacks{byKey: map[string]setback{}} }

// note counts one more refused request, and answers whether it is time to tell.
func (s *setbacks) note(kind, key string, uid types.UID) bool {
	kubeRefusals.WithLabelValues(kind).Inc()
	s.mu.Lock()
	defer s.mu.Unlock()
	b := s.byKey[key]
	if b.uid != uid {
		b = setback{uid: uid}
	}
	b.times++
	s.byKey[key] = b
	return b.times >= setbacksBeforeTold
}

// news tells whether no event had this message since the first refusal, and notes that one has it now.
func (s *setbacks) news(key, message string) bool {
	s.mu.Lock()
	defer s.mu.Unlock()
	b := s.byKey[key]
	if b.told == message {
		return false
	}
	b.told = message
	s.byKey[key] = b
	return true
}

// any tells whether the last request was refused.
func (s *setbacks) any(key string, uid types.UID) bool {
	s.mu.Lock()
	defer s.mu.Unlock()
	b, ok := s.byKey[key]
	return ok && b.uid == uid
}

// over ends the count: a request succeeded, or the object is gone.
func (s *setbacks) over(key string) {
	s.mu.Lock()
	defer s.mu.Unlock()
	delete(s.byKey, key)
}

// tellSetback counts a refused request that no condition can tell of, and sends one Warning event about it once it is time to tell.
func (s shared) tellSetback(in *setbacks, kind, key string, about client.Object, err error) {
	if !in.note(kind, key, about.GetUID()) {
		return
	}
	if message := kubeRefusal(err); in.news(key, message) {
		s.recorder.Eventf(about, nil, corev1.EventTypeWarning, v1alpha1.ReasonKubernetesRefused, "Write", "%s", shorten(message, maxNote))
	}
}
