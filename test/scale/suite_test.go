// Copyright The conversations-operator Authors
// SPDX-License-Identifier: Apache-2.0

// Package scale shows what the operator does with many objects under Twilio's limits, in an outage and with credentials
// that Twilio rejects. One manager serves all stories; each has accounts of its own.
package scale

import (
	"context"
	"testing"
	"time"

	. "github.com/onsi/ginkgo/v2"
	. "github.com/onsi/gomega"
	"k8s.io/apimachinery/pkg/runtime"
	clientgoscheme "k8s.io/client-go/kubernetes/scheme"
	"k8s.io/client-go/rest"
	ctrl "sigs.k8s.io/controller-runtime"
	"sigs.k8s.io/controller-runtime/pkg/client"
	"sigs.k8s.io/controller-runtime/pkg/config"
	"sigs.k8s.io/controller-runtime/pkg/log/zap"
	metricsserver "sigs.k8s.io/controller-runtime/pkg/metrics/server"

	"github.com/conversations-operator/conversations-operator/api/v1alpha1"
	"github.com/conversations-operator/conversations-operator/internal/controller"
	"github.com/conversations-operator/conversations-operator/internal/controller/options"
	"github.com/conversations-operator/conversations-operator/internal/twilio/simulator"
	"github.com/conversations-operator/conversations-operator/test/testbed"
)

const (
	// perSecond is Twilio's limit of creates and deletes in a service, concurrent what it bears of an account.
	perSecond, concurrent = 30, 100
	// latency is that of Twilio.
	latency = 50 * time.Millisecond
	// workers is what the manager's flag says unless told otherwise.
	workers = 20
)

var (
	scheme = runtime.NewScheme()
	kube   *rest.Config
	k8s    client.WithWatch
	sim    *simulator.Server
	seen   = newWitness()
)

func TestScale(t *testing.T) {
	RegisterFailHandler(Fail)
	RunSpecs(t, "Scale Suite")
}

var _ = BeforeSuite(func() {
	ctrl.SetLogger(zap.New(zap.WriteTo(GinkgoWriter)))
	SetDefaultEventuallyTimeout(time.Minute)
	SetDefaultEventuallyPollingInterval(10 * time.Millisecond)
	Expect(clientgoscheme.AddToScheme(scheme)).To(Succeed())
	Expect(v1alpha1.AddToScheme(scheme)).To(Succeed())

	var stop func() error
	var err error
	kube, stop, err = testbed.StartAPIServer()
	Expect(err).NotTo(HaveOccurred())
	DeferCleanup(stop)
	k8s, err = client.NewWithWatch(kube, client.Options{Scheme: scheme})
	Expect(err).NotTo(HaveOccurred())
	sim, err = simulator.Start(simulator.Options{
		Latency: latency, RequestLog: 20_000,
		Limits: simulator.Limits{CreateDelete: perSecond, Update: perSecond, Concurrent: concurrent},
	})
	Expect(err).NotTo(HaveOccurred())
	DeferCleanup(sim.Close)
	ctx, cancel := context.WithCancel(context.Background())
	DeferCleanup(cancel)
	go seen.watch(ctx)
	DeferCleanup(startManager(ctx))
})

// startManager runs a manager in this process, of these namespaces or of all, until the returned function is called, which
// waits for its end.
func startManager(ctx context.Context, namespaces ...string) (stop func()) {
	GinkgoHelper()
	o := options.Manager{
		ClusterName: "scale", TwilioBaseURL: sim.URL, MaxConcurrentReconciles: workers, Transport: lines, RequestTimeout: time.Minute,
		WatchNamespaces: namespaces,
	}
	mgr, err := ctrl.NewManager(rest.CopyConfig(kube), ctrl.Options{
		Scheme:     scheme,
		Cache:      controller.CacheOptions(o),
		Metrics:    metricsserver.Options{BindAddress: "0"},
		Controller: config.Controller{SkipNameValidation: new(true)},
	})
	Expect(err).NotTo(HaveOccurred())
	ctx, cancel := context.WithCancel(ctx)
	Expect(controller.Setup(ctx, mgr, o)).To(Succeed())
	done := make(chan error, 1)
	go func() { done <- mgr.Start(ctx) }()
	Eventually(mgr.Elected()).Should(BeClosed())
	Expect(mgr.GetCache().WaitForCacheSync(ctx)).To(BeTrue())
	return func() {
		GinkgoHelper()
		cancel()
		Eventually(done).Should(Receive(BeNil()))
	}
}

func ctx() context.Context { return context.Background() }
