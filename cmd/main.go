// Copyright The conversations-operator Authors
// SPDX-License-Identifier: Apache-2.0

// The manager reconciles Twilio Conversations as Kubernetes resources.
package main

import (
	"context"
	"crypto/tls"
	"errors"
	"flag"
	"fmt"
	"hash/fnv"
	"net"
	"os"
	"strings"
	"time"

	"k8s.io/apimachinery/pkg/labels"
	"k8s.io/apimachinery/pkg/runtime"
	utilruntime "k8s.io/apimachinery/pkg/util/runtime"
	"k8s.io/apimachinery/pkg/util/validation"
	clientgoscheme "k8s.io/client-go/kubernetes/scheme"
	_ "k8s.io/client-go/plugin/pkg/client/auth"
	"k8s.io/client-go/rest"
	ctrl "sigs.k8s.io/controller-runtime"
	"sigs.k8s.io/controller-runtime/pkg/client"
	"sigs.k8s.io/controller-runtime/pkg/config"
	"sigs.k8s.io/controller-runtime/pkg/healthz"
	"sigs.k8s.io/controller-runtime/pkg/log/zap"
	"sigs.k8s.io/controller-runtime/pkg/manager"
	"sigs.k8s.io/controller-runtime/pkg/metrics/filters"
	metricsserver "sigs.k8s.io/controller-runtime/pkg/metrics/server"

	"github.com/conversations-operator/conversations-operator/api/v1alpha1"
	"github.com/conversations-operator/conversations-operator/internal/controller"
	"github.com/conversations-operator/conversations-operator/internal/twilio"
)

const (
	// leaderElectionID is the Lease of the one manager that works.
	leaderElectionID = "conversations-operator.twilio-operator.dev"
	// shutdownTimeout lets requests to Twilio end and their outcome be recorded; the Deployment's grace period is longer.
	shutdownTimeout = 25 * time.Second
	// kubeQPS and kubeBurst bound requests to the API server, whose own priority and fairness does the rest.
	kubeQPS, kubeBurst = 300, 600
)

var (
	version = "dev"
	scheme  = runtime.NewScheme()
	log     = ctrl.Log.WithName("manager")
)

func init() {
	utilruntime.Must(clientgoscheme.AddToScheme(scheme))
	utilruntime.Must(v1alpha1.AddToScheme(scheme))
}

// flags are the command line.
type flags struct {
	metricsAddr                          string
	certDir, certName, certKey           string
	probeAddr, pprofAddr                 string
	metricsSecure, leaderElect, http2    bool
	leaseNamespace, clusterName, baseURL string
	namespaces, selector                 string
	concurrency, shards                  int
	tracing                              bool
	rest                                 []string
}

func parse() flags {
	var f flags
	flag.StringVar(&f.metricsAddr, "metrics-bind-address", "0", "The address the metrics endpoint binds to, such as :8443; 0 turns it off.")
	flag.BoolVar(&f.metricsSecure, "metrics-secure", true, "Serve metrics over HTTPS, with authentication and authorization.")
	flag.StringVar(&f.certDir, "metrics-cert-path", "", "The directory with the certificate for metrics; left out, a self-signed certificate.")
	flag.StringVar(&f.certName, "metrics-cert-name", "tls.crt", "The name of the file with the certificate for metrics.")
	flag.StringVar(&f.certKey, "metrics-cert-key", "tls.key", "The name of the file with the private key of the certificate for metrics.")
	flag.StringVar(&f.probeAddr, "health-probe-bind-address", ":8081", "The address the probe endpoints bind to; 0 turns them off.")
	flag.StringVar(&f.pprofAddr, "pprof-bind-address", "0", "The address of the loopback interface that "+
		"profiles are served on, such as 127.0.0.1:6060; 0 turns it off.")
	flag.BoolVar(&f.leaderElect, "leader-elect", false, "Work only while holding the leader lease, so that one of several managers works.")
	flag.StringVar(&f.leaseNamespace, "leader-election-namespace", "", "The namespace of the leader lease; left out: the one of the manager's pod.")
	flag.BoolVar(&f.http2, "enable-http2", false, "Serve metrics over HTTP/2 too.")
	flag.StringVar(&f.clusterName, "cluster-name", "", "The name of this cluster, part of every generated unique name. Set it to find all "+
		"conversations again after rebuilding the cluster from Git. Left out: the UID of the namespace kube-system.")
	flag.StringVar(&f.baseURL, "twilio-base-url", "", "A URL that stands in for Twilio's hosts, for every account: an egress proxy or a simulator.")
	flag.StringVar(&f.namespaces, "watch-namespaces", "", "Comma-separated namespaces to watch, and no ClusterTwilioAccounts; left out: all.")
	flag.StringVar(&f.selector, "watch-label-selector", "", "Label selector of the Conversations to keep; left out: all.")
	flag.IntVar(&f.concurrency, "max-concurrent-reconciles", 20, "How many Conversations are worked on at a time, those that wait for Twilio not counted.")
	flag.IntVar(&f.shards, "shards", 1, "How many managers, this one included, share the Twilio accounts, each with other namespaces or labels to watch: "+
		"each keeps to its part of the accounts' limits.")
	flag.BoolVar(&f.tracing, "tracing", false, "Send traces over OTLP to where the environment's OTEL_EXPORTER_OTLP_ENDPOINT says.")
	opts := zap.Options{}
	opts.BindFlags(flag.CommandLine)
	flag.Parse()
	f.rest = flag.Args()
	ctrl.SetLogger(zap.New(zap.UseFlagOptions(&opts)))
	return f
}

func main() {
	spareMemory()
	if err := run(ctrl.SetupSignalHandler(), parse()); err != nil {
		log.Error(err, "Stopped")
		os.Exit(1)
	}
}

func run(ctx context.Context, f flags) (err error) {
	o, err := f.options()
	if err != nil {
		return err
	}
	if f.tracing {
		stop, tracingErr := startTracing(ctx)
		if tracingErr != nil {
			return tracingErr
		}
		defer func() { err = errors.Join(err, stop()) }()
	}
	cfg, err := ctrl.GetConfig()
	if err != nil {
		return fmt.Errorf("loading the kubeconfig: %w", err)
	}
	cfg.QPS, cfg.Burst = kubeQPS, kubeBurst
	if err := name(ctx, cfg, &o); err != nil {
		return err
	}
	mgr, err := ctrl.NewManager(cfg, f.manager(o))
	if err != nil {
		return fmt.Errorf("creating the manager: %w", err)
	}
	if err := controller.Setup(ctx, mgr, o); err != nil {
		return err
	}
	ready := &readiness{}
	if err := errors.Join(mgr.Add(ready), mgr.AddHealthzCheck("healthz", healthz.Ping), mgr.AddReadyzCheck("readyz", ready.check)); err != nil {
		return fmt.Errorf("adding the probes: %w", err)
	}
	if err := start(ctx, mgr, ready); err != nil {
		return fmt.Errorf("running the manager: %w", err)
	}
	return nil
}

// start runs the manager until its end. One whose caches were not filled when it is told to end is left as it is: it has done
// nothing yet, and controller-runtime waits for the caches without regard to the context (runnableGroup.Start).
func start(ctx context.Context, mgr manager.Manager, ready *readiness) error {
	ended := make(chan error, 1)
	go func() { ended <- mgr.Start(ctx) }()
	select {
	case err := <-ended:
		return err
	case <-ctx.Done():
	}
	if !ready.reached.Load() {
		return nil
	}
	return <-ended
}

// name finds the cluster's name and says it in the first log line.
func name(ctx context.Context, cfg *rest.Config, o *controller.Options) error {
	given := o.ClusterName != ""
	if !given {
		c, err := client.New(cfg, client.Options{Scheme: scheme})
		if err != nil {
			return fmt.Errorf("connecting to Kubernetes: %w", err)
		}
		if o.ClusterName, err = controller.ClusterName(ctx, c); err != nil {
			return err
		}
	}
	advice := ""
	if !given {
		advice = "Set --cluster-name to find all conversations again after rebuilding the cluster from Git"
	}
	log.Info("Started", "clusterName", o.ClusterName, "version", version, "advice", advice)
	return nil
}

func (f flags) options() (controller.Options, error) {
	o := controller.Options{
		ClusterName: f.clusterName, TwilioBaseURL: f.baseURL, MaxConcurrentReconciles: f.concurrency, Shards: f.shards,
		UserAgent: "conversations-operator/" + version,
	}
	if len(f.rest) > 0 {
		// Flags after it would be left out silently, the cluster's name among them.
		return o, fmt.Errorf("no flag takes the argument %q: write a value after an equals sign, as in --leader-elect=false", f.rest[0])
	}
	if err := twilio.CheckBaseURL(f.baseURL); err != nil {
		return o, fmt.Errorf("reading --twilio-base-url: %w", err)
	}
	var err error
	if o.WatchNamespaces, err = f.watched(); err != nil {
		return o, fmt.Errorf("reading --watch-namespaces: %w", err)
	}
	if f.selector != "" {
		selector, err := labels.Parse(f.selector)
		if err != nil {
			return o, fmt.Errorf("reading --watch-label-selector: %w", err)
		}
		o.WatchLabelSelector = selector
	}
	if f.concurrency < 1 {
		return o, errors.New("--max-concurrent-reconciles must be at least 1")
	}
	if f.shards < 1 || f.shards > twilio.ActionsPerSecond {
		return o, fmt.Errorf("--shards must be 1 to %d", twilio.ActionsPerSecond)
	}
	if !local(f.pprofAddr) {
		return o, errors.New("--pprof-bind-address must be 0 or an address of the loopback interface, such as 127.0.0.1:6060: profiles hold what is in memory")
	}
	return o, nil
}

// watched are the namespaces to watch; none: all of them, which nothing but leaving the flag out can mean.
func (f flags) watched() ([]string, error) {
	if f.namespaces == "" {
		return nil, nil
	}
	var out []string
	for ns := range strings.SplitSeq(f.namespaces, ",") {
		if ns = strings.TrimSpace(ns); ns == "" {
			continue
		}
		if wrong := validation.IsDNS1123Label(ns); len(wrong) > 0 {
			return nil, fmt.Errorf("%q is no namespace: %s", ns, wrong[0])
		}
		out = append(out, ns)
	}
	if len(out) == 0 {
		return nil, fmt.Errorf("%q names no namespace: leave the flag out to watch all", f.namespaces)
	}
	return out, nil
}

// local tells whether an address is one that only this machine, or pod, reaches, or none at all.
func local(address string) bool {
	host, _, err := net.SplitHostPort(address)
	ip := net.ParseIP(host)
	return address == "0" || err == nil && (host == "localhost" || ip != nil && ip.IsLoopback())
}

func (f flags) manager(o controller.Options) ctrl.Options {
	metrics := metricsserver.Options{
		BindAddress: f.metricsAddr, SecureServing: f.metricsSecure, CertDir: f.certDir, CertName: f.certName, KeyName: f.certKey,
	}
	if f.metricsSecure {
		metrics.FilterProvider = filters.WithAuthenticationAndAuthorization
	}
	if !f.http2 {
		// HTTP/2 has had denial-of-service flaws (CVE-2023-44487), and metrics need none of it.
		metrics.TLSOpts = append(metrics.TLSOpts, func(c *tls.Config) { c.NextProtos = []string{"http/1.1"} })
	}
	return ctrl.Options{
		Scheme:                        scheme,
		Cache:                         controller.CacheOptions(o),
		Metrics:                       metrics,
		HealthProbeBindAddress:        f.probeAddr,
		PprofBindAddress:              f.pprofAddr,
		LeaderElection:                f.leaderElect,
		LeaderElectionID:              f.leaseName(),
		LeaderElectionNamespace:       f.leaseNamespace,
		LeaderElectionReleaseOnCancel: true,
		GracefulShutdownTimeout:       new(shutdownTimeout),
		// A standby fills its caches before it leads.
		Controller: config.Controller{EnableWarmup: new(true)},
	}
}

// leaseName is one for each share of the work: managers that watch other namespaces or labels do not compete.
func (f flags) leaseName() string {
	if f.namespaces == "" && f.selector == "" {
		return leaderElectionID
	}
	share := fnv.New32a()
	_, _ = fmt.Fprintf(share, "%q %q", f.namespaces, f.selector)
	return fmt.Sprintf("%08x.%s", share.Sum32(), leaderElectionID)
}
