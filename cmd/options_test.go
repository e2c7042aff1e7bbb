// Copyright The conversations-operator Authors
// SPDX-License-Identifier: Apache-2.0

package main

import (
	"strings"
	"testing"
)

func TestFlagsThatAreRefusedAreNamed(t *testing.T) {
	for name, c := range map[string]struct {
		change func(*flags)
		names  string
	}{
		"the defaults":                       {change: func(*flags) {}},
		"a selector that cannot be read":     {func(f *flags) { f.selector = "a in" }, "--watch-label-selector"},
		"namespaces":                         {change: func(f *flags) { f.namespaces = "berlin, paris" }},
		"namespaces that name none":          {func(f *flags) { f.namespaces = "," }, "--watch-namespaces"},
		"a namespace that cannot be":         {func(f *flags) { f.namespaces = "berlin,Paris" }, `"Paris"`},
		"nothing at a time":                  {func(f *flags) { f.concurrency = 0 }, "--max-concurrent-reconciles"},
		"no share of the account":            {func(f *flags) { f.shards = 0 }, "--shards"},
		"a base URL that is none":            {func(f *flags) { f.baseURL = "simulator:8090" }, "--twilio-base-url"},
		"a base URL with a password":         {func(f *flags) { f.baseURL = "https://me:secret@proxy" }, "--twilio-base-url"},
		"a base URL of a proxy":              {change: func(f *flags) { f.baseURL = "https://proxy.example.com/twilio" }},
		"a value that no flag took":          {func(f *flags) { f.rest = []string{"false", "--cluster-name=production"} }, `"false"`},
		"profiles for everybody":             {func(f *flags) { f.pprofAddr = ":6060" }, "--pprof-bind-address"},
		"profiles for the pod's network":     {func(f *flags) { f.pprofAddr = "10.0.0.1:6060" }, "--pprof-bind-address"},
		"profiles at no address":             {func(f *flags) { f.pprofAddr = "" }, "--pprof-bind-address"},
		"profiles on the loopback":           {change: func(f *flags) { f.pprofAddr = "127.0.0.1:6060" }},
		"profiles on the loopback of IPv6":   {change: func(f *flags) { f.pprofAddr = "[::1]:6060" }},
		"profiles on the loopback, by name":  {change: func(f *flags) { f.pprofAddr = "localhost:6060" }},
		"profiles at a name of somebody":     {func(f *flags) { f.pprofAddr = "example.com:6060" }, "--pprof-bind-address"},
		"more managers than the limit feeds": {func(f *flags) { f.shards = 1000 }, "--shards"},
	} {
		t.Run(name, func(t *testing.T) {
			f := flags{concurrency: 20, shards: 1, pprofAddr: "0"}
			c.change(&f)
			_, err := f.options()
			if c.names == "" && err != nil {
				t.Errorf("refused: %v", err)
			}
			if c.names != "" && (err == nil || !strings.Contains(err.Error(), c.names)) {
				t.Errorf("it said %v, which does not name %s", err, c.names)
			}
		})
	}
}
