// Copyright The conversations-operator Authors
// SPDX-License-Identifier: Apache-2.0

package cli

import (
	"errors"
	"strings"
	"testing"
)

func TestTheOperatorOfANamespaceNamesTheCluster(t *testing.T) {
	one := operator{deployment: "ops/one", clusterName: "production"}
	same := operator{deployment: "ops/same", clusterName: "production"}
	other := operator{deployment: "ops/other", clusterName: "staging", namespaces: []string{"staging"}}
	unclear := operator{deployment: "ops/unclear", unclear: errors.New("its arguments come from a ConfigMap")}
	for _, c := range []struct {
		name, namespace string
		operators       []operator
		// want is the Deployment, or what the error has to say.
		want, wrong string
	}{
		{"the only one", "vip", []operator{one}, "ops/one", ""},
		{"the first of two that agree", "vip", []operator{one, same}, "ops/one", ""},
		{"one that does not watch the namespace does not count", "vip", []operator{one, other}, "ops/one", ""},
		{"two that do not agree", "staging", []operator{one, other}, "", "ops/other"},
		{"two of which one is not understood", "vip", []operator{one, unclear}, "", "ConfigMap"},
		{"in all namespaces all count", everywhere, []operator{one, other}, "", "is not clear"},
		{"nobody watches the namespace", "vip", []operator{other}, "", "watches the namespace vip"},
		{"there is none", everywhere, nil, "", "no Deployment of the operator"},
	} {
		t.Run(c.name, func(t *testing.T) {
			o, err := choose(c.operators, c.namespace)
			switch {
			case c.wrong == "" && (err != nil || o.deployment != c.want):
				t.Errorf("got %v, %v, want %s", o, err, c.want)
			case c.wrong != "" && (err == nil || !strings.Contains(err.Error(), c.wrong) || !strings.Contains(err.Error(), "--cluster-name")):
				t.Errorf("got %v, want an error that tells %q and what to give", err, c.wrong)
			}
		})
	}
}
