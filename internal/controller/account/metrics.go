// Copyright The conversations-operator Authors
// SPDX-License-Identifier: Apache-2.0

package account

import (
	"slices"

	"github.com/prometheus/client_golang/prometheus"

	"github.com/conversations-operator/conversations-operator/internal/kube"
	"github.com/conversations-operator/conversations-operator/internal/tenancy"
)

// Labels of the metrics of accounts: the number of series is the number of accounts, times a few. account_namespace is
// empty for the cluster kind.
const (
	labelKind      = "account_kind"
	labelNamespace = "account_namespace"
	labelName      = "account_name"
	LabelResult    = "result"
)

// perAccount are the counters whose series end with an account.
var perAccount []*prometheus.CounterVec

// NewCounter registers a counter with a series for each account, and for each value of further labels.
func NewCounter(name, help string, labels ...string) *prometheus.CounterVec {
	c := prometheus.NewCounterVec(prometheus.CounterOpts{Name: kube.MetricPrefix + name, Help: help},
		slices.Concat([]string{labelKind, labelNamespace, labelName}, labels))
	perAccount = append(perAccount, c)
	kube.Register(c)
	return c
}

// NewDesc describes a gauge with a series for each account.
func NewDesc(name, help string, labels ...string) *prometheus.Desc {
	return prometheus.NewDesc(kube.MetricPrefix+name, help, append([]string{labelKind, labelNamespace, labelName}, labels...), nil)
}

// LabelsOf are the labels of an account's series, and further values in the order in which the metric names them.
func LabelsOf(k tenancy.Key, more ...string) []string {
	return slices.Concat([]string{string(k.Kind), k.Namespace, k.Name}, more)
}

// ForgetMetrics ends the series of a deleted account.
func ForgetMetrics(key tenancy.Key) {
	for _, c := range perAccount {
		c.DeletePartialMatch(prometheus.Labels{labelKind: string(key.Kind), labelNamespace: key.Namespace, labelName: key.Name})
	}
}
