// Copyright The conversations-operator Authors
// SPDX-License-Identifier: Apache-2.0

package kube

import (
	"testing"

	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"

	"github.com/conversations-operator/conversations-operator/api/v1alpha1"
)

func TestACopyIsStaleUntilItHasTheLastWrite(t *testing.T) {
	version := func(v string) *v1alpha1.TwilioAccount {
		return &v1alpha1.TwilioAccount{ObjectMeta: metav1.ObjectMeta{UID: "1", ResourceVersion: v}}
	}
	for name, c := range map[string]struct {
		wrote []string
		seen  string
		want  bool
	}{
		"nothing was written":                            {nil, "1", false},
		"it is from before":                              {[]string{"10"}, "9", true},
		"it is the last one":                             {[]string{"10"}, "10", false},
		"somebody else wrote since":                      {[]string{"10"}, "11", false},
		"it has the first of two writes":                 {[]string{"10", "11"}, "10", true},
		"it has the first, and the last was noted first": {[]string{"11", "10"}, "10", true},
	} {
		t.Run(name, func(t *testing.T) {
			var f Freshness
			for _, v := range c.wrote {
				f.Wrote(version(v))
			}
			if got := f.Stale(version(c.seen)); got != c.want {
				t.Errorf("a copy of version %s is stale: %t", c.seen, got)
			}
			if f.Stale(version("100")) || f != (Freshness{}) {
				t.Error("a later copy is stale, or leaves something behind")
			}
		})
	}
}
