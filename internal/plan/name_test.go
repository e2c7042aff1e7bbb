// Copyright The conversations-operator Authors
// SPDX-License-Identifier: Apache-2.0

package plan

import (
	"regexp"
	"strings"
	"testing"
)

func TestGeneratedNamesAreStable(t *testing.T) {
	// A rebuilt cluster finds its conversations by these names; they must never change.
	cases := map[[3]string]string{
		{"prod", "support", "vip"}:                                  "k8s.m5kk7frs.support-vip.k6kucbc4fp5n67wux54udolrce",
		{"9c3f0f6e-6b0c-4c55-9a0e-0d4a7f6d1c11", "default", "a"}:    "k8s.nxabs7nc.default-a.eumxe72irth2gouffzp4tq4p7m",
		{"prod", strings.Repeat("n", 63), strings.Repeat("o", 253)}: "k8s.m5kk7frs.nnnnnnnnnnnnnnnnnnnnnnnn.cjzsgxvzoydvywzp22dmez4gkq",
		{"prod", "support", "vip.2026-03"}:                          "k8s.m5kk7frs.support-vip.2026-03.hc6e7fpwqzzijfki23z5kos5pa",
		{"prod", "support-with-a-name-of-24", "x"}:                  "k8s.m5kk7frs.support-with-a-name-of-2.7vu3vyrcqnfmb5tlq7r744t2yi",
		{"", "", ""}: "k8s.4oymiquy..twii5t5wwjln56futj6fattmra",
		{"ein Cluster mit Ümläuten", "support", "vip"}: "k8s.3gfgmxa4.support-vip.ged2mtuxm3ay45vfeb7uyqrwbe",
	}
	for in, want := range cases {
		if got := GeneratedName(in[0], in[1], in[2]); got != want {
			t.Errorf("name of %q is %q, was %q", in, got, want)
		}
	}
}

func TestGeneratedNamesFitTwilioAndAreReserved(t *testing.T) {
	alphabet := regexp.MustCompile(`^k8s\.[A-Za-z0-9._-]+$`)
	sidShape := regexp.MustCompile(`^[A-Za-z]{2}[0-9a-fA-F]{32}$`)
	parts := []string{
		"", "a", "a-b", "A_b.c", "-", ".", "ü", "💬", "a/b", "a b", "\x00",
		strings.Repeat("x", 24), strings.Repeat("y.", 126), strings.Repeat("ü", 253),
	}
	for _, cluster := range parts {
		for _, namespace := range parts {
			for _, name := range parts {
				got := GeneratedName(cluster, namespace, name)
				if len(got) > 64 || !alphabet.MatchString(got) || sidShape.MatchString(got) {
					t.Errorf("%q, %q, %q: %q (%d characters)", cluster, namespace, name, got, len(got))
				}
				if !strings.HasPrefix(got, GeneratedClusterPrefix(cluster)) || !strings.HasPrefix(got, GeneratedPrefix) {
					t.Errorf("%q does not begin with the prefixes", got)
				}
			}
		}
	}
}

func TestGeneratedNamesDoNotCollide(t *testing.T) {
	cases := []struct {
		name string
		a, b [3]string
	}{
		{"A hyphen may belong to either side", [3]string{"c", "a-b", "c"}, [3]string{"c", "a", "b-c"}},
		{"A part may be empty", [3]string{"c", "ab", ""}, [3]string{"c", "", "ab"}},
		{"The cluster counts", [3]string{"one", "a", "b"}, [3]string{"two", "a", "b"}},
		{"The cluster ends somewhere", [3]string{"c", "ca", "b"}, [3]string{"cc", "a", "b"}},
		{"What is cut off counts", [3]string{"c", strings.Repeat("n", 60), "a"}, [3]string{"c", strings.Repeat("n", 60), "b"}},
		{"What is replaced counts", [3]string{"c", "n", "a/b"}, [3]string{"c", "n", "a:b"}},
		{"A name may look like a hash", [3]string{"c", "n", "a"}, [3]string{"c", "n", GeneratedName("c", "n", "a")}},
	}
	for _, c := range cases {
		t.Run(c.name, func(t *testing.T) {
			a, b := GeneratedName(c.a[0], c.a[1], c.a[2]), GeneratedName(c.b[0], c.b[1], c.b[2])
			if a == b {
				t.Errorf("%q and %q are both %q", c.a, c.b, a)
			}
		})
	}
}

func TestGeneratedNamesCanBeRead(t *testing.T) {
	if got := GeneratedName("prod", "support", "vip"); !strings.Contains(got, ".support-vip.") {
		t.Errorf("%q does not show namespace and name", got)
	}
}
