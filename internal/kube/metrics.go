// Copyright The conversations-operator Authors
// SPDX-License-Identifier: Apache-2.0

package kube

import (
	"github.com/prometheus/client_golang/prometheus"
	"sigs.k8s.io/controller-runtime/pkg/metrics"
)

// MetricPrefix begins the name of every metric of the operator.
const MetricPrefix = "conversations_operator_"

// Registered are all collectors of the operator.
var Registered []prometheus.Collector

// Register adds collectors to the metrics of the manager.
func Register(collectors ...prometheus.Collector) {
	Registered = append(Registered, collectors...)
	metrics.Registry.MustRegister(collectors...)
}
