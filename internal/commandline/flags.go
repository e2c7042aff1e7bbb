// Copyright The conversations-operator Authors
// SPDX-License-Identifier: Apache-2.0

// Package commandline defines the flags of the manager. The manager parses its own arguments with the package, and the
// kubectl plugin parses the arguments in the manager's Deployment.
package commandline

import (
	"errors"
	"flag"
	"fmt"
	"io"
	"strings"
	"time"

	"k8s.io/apimachinery/pkg/util/validation"
	"sigs.k8s.io/controller-runtime/pkg/log/zap"
)

// The default timings of the leader lease, the same as in Kubernetes' own components.
const (
	DefaultLeaseDuration = 15 * time.Second
	DefaultRenewDeadline = 10 * time.Second
	DefaultRetryPeriod   = 2 * time.Second
)

// Flags are the flags of the manager.
type Flags struct {
	// MetricsAddress, ProbeAddress and ProfileAddress are the addresses on which the manager listens; "0" turns a server off.
	MetricsAddress, ProbeAddress, ProfileAddress string
	// CertificateFolder, CertificateName and CertificateKey say where the certificate for metrics is.
	CertificateFolder, CertificateName, CertificateKey string
	MetricsSecure, HTTP2                               bool
	LeaderElect                                        bool
	LeaseNamespace                                     string
	LeaseDuration, RenewDeadline, RetryPeriod          time.Duration
	ClusterName, TwilioBaseURL                         string
	// WatchNamespaces is the comma-separated list as given; see [Flags.Namespaces].
	WatchNamespaces, WatchLabelSelector string
	MaxConcurrentReconciles, Shards     int
	Tracing                             bool
	Log                                 zap.Options
}

// Bind adds the flags to a set, with their defaults.
func (f *Flags) Bind(set *flag.FlagSet) {
	set.StringVar(&f.MetricsAddress, "metrics-bind-address", "0", "The address the metrics endpoint binds to, such as :8443; 0 turns it off.")
	set.BoolVar(&f.MetricsSecure, "metrics-secure", true, "Serve metrics over HTTPS, with authentication and authorization.")
	set.StringVar(&f.CertificateFolder, "metrics-cert-path", "", "The directory with the certificate for metrics; left out, a self-signed certificate.")
	set.StringVar(&f.CertificateName, "metrics-cert-name", "tls.crt", "The name of the file with the certificate for metrics.")
	set.StringVar(&f.CertificateKey, "metrics-cert-key", "tls.key", "The name of the file with the private key of the certificate for metrics.")
	set.StringVar(&f.ProbeAddress, "health-probe-bind-address", ":8081", "The address the probe endpoints bind to; 0 turns them off.")
	set.StringVar(&f.ProfileAddress, "pprof-bind-address", "0", "The address of the loopback interface that "+
		"profiles are served on, such as 127.0.0.1:6060; 0 turns it off.")
	set.BoolVar(&f.LeaderElect, "leader-elect", false, "Work only while holding the leader lease, so that one of several managers works.")
	set.StringVar(&f.LeaseNamespace, "leader-election-namespace", "", "The namespace of the leader lease; left out: the one of the manager's pod.")
	set.DurationVar(&f.LeaseDuration, "leader-election-lease-duration", DefaultLeaseDuration,
		"How long a standby waits before it takes over the leader lease of a manager that crashed.")
	set.DurationVar(&f.RenewDeadline, "leader-election-renew-deadline", DefaultRenewDeadline,
		"How long the leader tries to renew its lease before it stops working; less than --leader-election-lease-duration.")
	set.DurationVar(&f.RetryPeriod, "leader-election-retry-period", DefaultRetryPeriod,
		"How long a manager waits between two tries to get or renew the leader lease; 1.2 times as long must be less than --leader-election-renew-deadline.")
	set.BoolVar(&f.HTTP2, "enable-http2", false, "Serve metrics over HTTP/2 too.")
	set.StringVar(&f.ClusterName, "cluster-name", "", "The name of this cluster, part of every generated unique name. Set it to find all "+
		"conversations again after rebuilding the cluster from Git. Left out: the UID of the namespace kube-system.")
	set.StringVar(&f.TwilioBaseURL, "twilio-base-url", "", "A URL that stands in for Twilio's hosts, for every account: an egress proxy or a simulator.")
	set.StringVar(&f.WatchNamespaces, "watch-namespaces", "", "Comma-separated namespaces to watch, and no ClusterTwilioAccounts; left out: all.")
	set.StringVar(&f.WatchLabelSelector, "watch-label-selector", "", "Label selector of the Conversations to keep; left out: all.")
	set.IntVar(&f.MaxConcurrentReconciles, "max-concurrent-reconciles", 20,
		"How many Conversations are worked on at a time, those that wait for Twilio not counted.")
	set.IntVar(&f.Shards, "shards", 1, "How many managers, this one included, share the Twilio accounts, each with other namespaces or labels to watch: "+
		"each keeps to its part of the accounts' limits.")
	set.BoolVar(&f.Tracing, "tracing", false, "Send traces over OTLP to the endpoint in the environment variable OTEL_EXPORTER_OTLP_ENDPOINT.")
	f.Log.BindFlags(set)
}

// Parse parses arguments as the manager does, by the rules of package flag. The error names the argument which the manager
// would refuse.
func Parse(args []string) (*Flags, error) {
	f := &Flags{}
	set := flag.NewFlagSet("manager", flag.ContinueOnError)
	set.SetOutput(io.Discard)
	f.Bind(set)
	// controller-runtime adds this flag to the manager's.
	set.String("kubeconfig", "", "")
	if err := set.Parse(args); err != nil {
		return nil, err
	}
	return f, NoRest(set.Args())
}

// NoRest refuses arguments which belong to no flag: package flag ignores every flag after such an argument.
func NoRest(args []string) error {
	if len(args) == 0 {
		return nil
	}
	return fmt.Errorf("no flag takes the argument %q: write a value after an equals sign, as in --leader-elect=false", args[0])
}

// Namespaces returns the namespaces of --watch-namespaces; nil without the flag: all namespaces. A list without a name is an
// error.
func (f *Flags) Namespaces() ([]string, error) {
	if f.WatchNamespaces == "" {
		return nil, nil
	}
	var out []string
	for ns := range strings.SplitSeq(f.WatchNamespaces, ",") {
		if ns = strings.TrimSpace(ns); ns == "" {
			continue
		}
		if wrong := validation.IsDNS1123Label(ns); len(wrong) > 0 {
			return nil, fmt.Errorf("%q is no namespace: %s", ns, wrong[0])
		}
		out = append(out, ns)
	}
	if len(out) == 0 {
		return nil, fmt.Errorf("%q names no namespace: leave the flag out to watch all", f.WatchNamespaces)
	}
	return out, nil
}

// retryJitter is the largest factor by which client-go stretches the retry period. client-go refuses a renew deadline which
// is not longer than the stretched period.
const retryJitter = 1.2

// CheckLease returns an error for a timing of the leader lease which cannot work. Kubernetes stores the duration of a lease
// in whole seconds.
func (f *Flags) CheckLease() error {
	switch {
	case f.LeaseDuration < time.Second:
		return errors.New("--leader-election-lease-duration must be at least 1s")
	case f.RetryPeriod <= 0:
		return errors.New("--leader-election-retry-period must be positive")
	case f.RenewDeadline <= time.Duration(retryJitter*float64(f.RetryPeriod)):
		return errors.New("--leader-election-renew-deadline must be more than 1.2 times --leader-election-retry-period")
	case f.LeaseDuration <= f.RenewDeadline:
		return errors.New("--leader-election-lease-duration must be more than --leader-election-renew-deadline")
	}
	return nil
}
