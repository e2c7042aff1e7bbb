// Copyright The conversations-operator Authors
// SPDX-License-Identifier: Apache-2.0

package main

import (
	"flag"
	"strings"
	"testing"
	"time"
)

func TestFlagsThatAreRefusedAreNamed(t *testing.T) {
	for name, c := range map[string]struct {
		change func(*flags)
		names  string
	}{
		"the defaults":                       {change: func(*flags) {}},
		"a selector that cannot be read":     {func(f *flags) { f.WatchLabelSelector = "a in" }, "--watch-label-selector"},
		"namespaces":                         {change: func(f *flags) { f.WatchNamespaces = "berlin, paris" }},
		"namespaces that name none":          {func(f *flags) { f.WatchNamespaces = "," }, "--watch-namespaces"},
		"a namespace that cannot be":         {func(f *flags) { f.WatchNamespaces = "berlin,Paris" }, `"Paris"`},
		"nothing at a time":                  {func(f *flags) { f.MaxConcurrentReconciles = 0 }, "--max-concurrent-reconciles"},
		"no share of the account":            {func(f *flags) { f.Shards = 0 }, "--shards"},
		"a malformed base URL":               {func(f *flags) { f.TwilioBaseURL = "simulator:8090" }, "--twilio-base-url"},
		"a base URL with a password":         {func(f *flags) { f.TwilioBaseURL = "https://me:secret@proxy" }, "--twilio-base-url"},
		"a base URL of a proxy":              {change: func(f *flags) { f.TwilioBaseURL = "https://proxy.example.com/twilio" }},
		"a value that no flag took":          {func(f *flags) { f.rest = []string{"false", "--cluster-name=production"} }, `"false"`},
		"profiles for everybody":             {func(f *flags) { f.ProfileAddress = ":6060" }, "--pprof-bind-address"},
		"profiles for the pod's network":     {func(f *flags) { f.ProfileAddress = "10.0.0.1:6060" }, "--pprof-bind-address"},
		"profiles at no address":             {func(f *flags) { f.ProfileAddress = "" }, "--pprof-bind-address"},
		"profiles on the loopback":           {change: func(f *flags) { f.ProfileAddress = "127.0.0.1:6060" }},
		"profiles on the loopback of IPv6":   {change: func(f *flags) { f.ProfileAddress = "[::1]:6060" }},
		"profiles on the loopback, by name":  {change: func(f *flags) { f.ProfileAddress = "localhost:6060" }},
		"profiles at a host name":            {func(f *flags) { f.ProfileAddress = "example.com:6060" }, "--pprof-bind-address"},
		"more managers than the limit feeds": {func(f *flags) { f.Shards = 1000 }, "--shards"},
		"a lease that lasts longer": {change: func(f *flags) {
			f.LeaseDuration, f.RenewDeadline, f.RetryPeriod = time.Minute, 40*time.Second, 5*time.Second
		}},
		"a lease of no time":                      {func(f *flags) { f.LeaseDuration = 0 }, "--leader-election-lease-duration must be at least 1s"},
		"a lease that Kubernetes cannot write":    {func(f *flags) { f.LeaseDuration = 900 * time.Millisecond }, "--leader-election-lease-duration"},
		"a lease that ends before it is renewed":  {func(f *flags) { f.LeaseDuration = 10 * time.Second }, "more than --leader-election-renew-deadline"},
		"a renewal without a second try":          {func(f *flags) { f.RetryPeriod = 9 * time.Second }, "1.2 times --leader-election-retry-period"},
		"a renewal that just has no second try":   {func(f *flags) { f.RenewDeadline, f.RetryPeriod = 12*time.Second, 10*time.Second }, "1.2 times"},
		"a renewal that is tried without a pause": {func(f *flags) { f.RetryPeriod = 0 }, "--leader-election-retry-period must be positive"},
	} {
		t.Run(name, func(t *testing.T) {
			var f flags
			f.Bind(flag.NewFlagSet("manager", flag.ContinueOnError))
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
