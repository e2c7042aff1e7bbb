// Copyright The conversations-operator Authors
// SPDX-License-Identifier: Apache-2.0

// Package health computes what the tools of others make of the operator's objects, and compares it with what the objects
// say themselves: kstatus as Flux computes it, the Lua of config/argocd, and the CEL of examples/flux.
package health

import (
	"fmt"

	"github.com/fluxcd/cli-utils/pkg/kstatus/status"
	"k8s.io/apimachinery/pkg/apis/meta/v1/unstructured"
	"k8s.io/apimachinery/pkg/runtime"
	"sigs.k8s.io/controller-runtime/pkg/client"

	"github.com/conversations-operator/conversations-operator/api/v1alpha1"
	"github.com/conversations-operator/conversations-operator/test/testbed"
)

// healths are Argo CD's words for what kstatus says.
var healths = map[status.Status]string{
	status.CurrentStatus:     "Healthy",
	status.InProgressStatus:  "Progressing",
	status.TerminatingStatus: "Progressing",
	status.FailedStatus:      "Degraded",
}

// Tools are what judges the health of objects.
type Tools struct {
	argo argo
	flux flux
}

// New reads the tools' rules from the checkout.
func New() (*Tools, error) {
	root, err := testbed.FindRoot()
	if err != nil {
		return nil, err
	}
	a, err := newArgo(root)
	if err != nil {
		return nil, err
	}
	f, err := newFlux(root)
	if err != nil {
		return nil, err
	}
	return &Tools{argo: a, flux: f}, nil
}

// Of lists the tools that judge an object otherwise than by its Ready, empty if they all agree. kind is the object's.
func (t *Tools) Of(o client.Object, kind string) []string {
	content, err := runtime.DefaultUnstructuredConverter.ToUnstructured(o)
	if err != nil {
		return []string{err.Error()}
	}
	u := &unstructured.Unstructured{Object: content}
	u.SetGroupVersionKind(v1alpha1.SchemeGroupVersion.WithKind(kind))
	want := Expected(u)
	var out []string
	note := func(tool, got, want string, err error) {
		if err != nil {
			out = append(out, tool+": "+err.Error())
		} else if got != want {
			out = append(out, fmt.Sprintf("%s says %s, and the object %s", tool, got, want))
		}
	}
	result, err := status.Compute(u)
	if err != nil {
		return []string{"kstatus: " + err.Error()}
	}
	note("kstatus", string(result.Status), string(want), nil)
	health, err := t.argo.health(u)
	note("Argo CD", health, healths[want], err)
	seen, err := t.flux.status(u)
	if want == status.TerminatingStatus {
		want = status.InProgressStatus
	}
	note("Flux", string(seen), string(want), err)
	return out
}

// Expected is the health of an object as its own Ready and Stalled say: only what speaks of the latest generation counts.
func Expected(u *unstructured.Unstructured) status.Status {
	if u.GetDeletionTimestamp() != nil {
		return status.TerminatingStatus
	}
	seen, _, _ := unstructured.NestedInt64(u.Object, "status", "observedGeneration")
	if seen != u.GetGeneration() {
		return status.InProgressStatus
	}
	is := map[string]string{}
	conditions, _, _ := unstructured.NestedSlice(u.Object, "status", "conditions")
	for _, c := range conditions {
		if c, ok := c.(map[string]any); ok {
			kind, _ := c["type"].(string)
			is[kind], _ = c["status"].(string)
		}
	}
	switch {
	case is[v1alpha1.ConditionReady] == "True":
		return status.CurrentStatus
	case is[v1alpha1.ConditionStalled] == "True":
		return status.FailedStatus
	}
	return status.InProgressStatus
}
