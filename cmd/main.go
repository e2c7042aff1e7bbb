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
	"time"

	"k8s.io/apimachinery/pkg/labels"
	"k8s.io/apimachinery/pkg/runtime"
	utilruntime "k8s.io/apimachinery/pkg/util/runtime"
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
	"github.com/conversations-operator/conversations-operator/internal/commandline"
	"github.com/conversations-operator/conversations-operator/internal/controller"
	"github.com/conversations-operator/conversations-operator/internal/controller/options"
	"github.com/conversations-operator/conversations-operator/internal/tenancy"
	"github.com/conversations-operator/conversations-operator/internal/twilio"
	"github.com/conversations-operator/conversations-operator/internal/twilio/budget"
)

const (
	// leaderElectionID is the name of the Lease that the working manager holds. Standbys wait for the Lease.
	leaderElectionID = "conversations-operator.twilio-operator.dev"
	// shutdownTimeout is how long, at shutdown, running requests to Twilio may take until their outcome is recorded.
	// The grace period of the Deployment is longer.
	shutdownTimeout = 25 * time.Second
	// kubeQPS and kubeBurst limit requests to the API server, in requests a second and at once. The API server's own
	// priority and fairness does the rest.
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

// flags holds the parsed command line.
type flags struct {
	commandline.Flags
	// rest holds the arguments that follow the flags.
	rest []string
}

func parse() flags {
	var f flags
	f.Bind(flag.CommandLine)
	flag.Parse()
	f.rest = flag.Args()
	ctrl.SetLogger(zap.New(zap.UseFlagOptions(&f.Log)))
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
	if f.Tracing {
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

// start runs the manager until the manager ends. If ctx ends before the caches are filled, start returns at once
// without waiting for the manager: the manager has done no work yet, and controller-runtime waits for the caches
// without regard to ctx (runnableGroup.Start).
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

// name sets the name of the cluster, if no flag does, and logs the name in the first log line.
func name(ctx context.Context, cfg *rest.Config, o *options.Manager) error {
	given := o.ClusterName != ""
	if !given {
		c, err := client.New(cfg, client.Options{Scheme: scheme})
		if err != nil {
			return fmt.Errorf("connecting to Kubernetes: %w", err)
		}
		if o.ClusterName, err = tenancy.ClusterName(ctx, c); err != nil {
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

func (f flags) options() (options.Manager, error) {
	o := options.Manager{
		ClusterName: f.ClusterName, TwilioBaseURL: f.TwilioBaseURL, MaxConcurrentReconciles: f.MaxConcurrentReconciles, Shards: f.Shards,
		UserAgent: "conversations-operator/" + version,
	}
	if err := errors.Join(commandline.NoRest(f.rest), f.CheckLease()); err != nil {
		return o, err
	}
	if err := twilio.CheckBaseURL(f.TwilioBaseURL); err != nil {
		return o, fmt.Errorf("reading --twilio-base-url: %w", err)
	}
	var err error
	if o.WatchNamespaces, err = f.Namespaces(); err != nil {
		return o, fmt.Errorf("reading --watch-namespaces: %w", err)
	}
	if f.WatchLabelSelector != "" {
		selector, err := labels.Parse(f.WatchLabelSelector)
		if err != nil {
			return o, fmt.Errorf("reading --watch-label-selector: %w", err)
		}
		o.WatchLabelSelector = selector
	}
	if f.MaxConcurrentReconciles < 1 {
		return o, errors.New("--max-concurrent-reconciles must be at least 1")
	}
	if f.Shards < 1 || f.Shards > budget.ActionsPerSecond {
		return o, fmt.Errorf("--shards must be 1 to %d", budget.ActionsPerSecond)
	}
	if !local(f.ProfileAddress) {
		return o, errors.New("--pprof-bind-address must be 0 or an address of the loopback interface, such as 127.0.0.1:6060: profiles expose the manager's memory")
	}
	return o, nil
}

// local reports whether an address is on the loopback interface, or "0" (off).
func local(address string) bool {
	host, _, err := net.SplitHostPort(address)
	ip := net.ParseIP(host)
	return address == "0" || err == nil && (host == "localhost" || ip != nil && ip.IsLoopback())
}

func (f flags) manager(o options.Manager) ctrl.Options {
	metrics := metricsserver.Options{
		BindAddress: f.MetricsAddress, SecureServing: f.MetricsSecure, CertDir: f.CertificateFolder, CertName: f.CertificateName, KeyName: f.CertificateKey,
	}
	if f.MetricsSecure {
		metrics.FilterProvider = filters.WithAuthenticationAndAuthorization
	}
	if !f.HTTP2 {
		// HTTP/2 has had denial-of-service flaws (CVE-2023-44487), and metrics do not need HTTP/2.
		metrics.TLSOpts = append(metrics.TLSOpts, func(c *tls.Config) { c.NextProtos = []string{"http/1.1"} })
	}
	return ctrl.Options{
		Scheme:                        scheme,
		Cache:                         controller.CacheOptions(o),
		Metrics:                       metrics,
		HealthProbeBindAddress:        f.ProbeAddress,
		PprofBindAddress:              f.ProfileAddress,
		LeaderElection:                f.LeaderElect,
		LeaderElectionID:              f.leaseName(),
		LeaderElectionNamespace:       f.LeaseNamespace,
		LeaseDuration:                 &f.LeaseDuration,
		RenewDeadline:                 &f.RenewDeadline,
		RetryPeriod:                   &f.RetryPeriod,
		LeaderElectionReleaseOnCancel: true,
		GracefulShutdownTimeout:       new(shutdownTimeout),
		// A standby fills its caches before it leads.
		Controller: config.Controller{EnableWarmup: new(true)},
	}
}

// leaseName returns the name of the leader lease. Managers that watch different namespaces or labels get different
// leases, because they do not compete.
func (f flags) leaseName() string {
	if f.WatchNamespaces == "" && f.WatchLabelSelector == "" {
		return leaderElectionID
	}
	share := fnv.New32a()
	_, _ = fmt.Fprintf(share, "%q %q", f.WatchNamespaces, f.WatchLabelSelector)
	return fmt.Sprintf("%08x.%s", share.Sum32(), leaderElectionID)
}
