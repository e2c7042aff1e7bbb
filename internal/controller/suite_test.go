// Copyright The conversations-operator Authors
// SPDX-License-Identifier: Apache-2.0

package controller_test

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
	clusterName = "test"
	// requestTimeout is short, since what follows a lost answer waits for it.
	requestTimeout = 2 * time.Second
)

var (
	kube   *rest.Config
	scheme = runtime.NewScheme()
	k8s    client.WithWatch
	sim    *simulator.Server
	seen   *witness
	// cached is what the manager has seen.
	cached client.Reader
)

func TestControllers(t *testing.T) {
	RegisterFailHandler(Fail)
	RunSpecs(t, "Controller Suite")
}

var _ = BeforeSuite(func() {
	ctrl.SetLogger(zap.New(zap.WriteTo(GinkgoWriter), zap.UseDevMode(true), zap.RawZapOpts(recordLog())))
	SetDefaultEventuallyTimeout(time.Minute)
	SetDefaultEventuallyPollingInterval(20 * time.Millisecond)
	SetDefaultConsistentlyDuration(time.Second)
	Expect(clientgoscheme.AddToScheme(scheme)).To(Succeed())
	Expect(v1alpha1.AddToScheme(scheme)).To(Succeed())

	var stop func() error
	var err error
	kube, stop, err = testbed.StartAPIServer()
	Expect(err).NotTo(HaveOccurred())
	DeferCleanup(stop)
	k8s, err = client.NewWithWatch(kube, client.Options{Scheme: scheme})
	Expect(err).NotTo(HaveOccurred())

	sim, err = simulator.Start(simulator.Options{})
	Expect(err).NotTo(HaveOccurred())
	DeferCleanup(sim.Close)

	ctx, cancel := context.WithCancel(context.Background())
	DeferCleanup(cancel)
	seen = observe(ctx)
	DeferCleanup(startManager(ctx))
})

// startManager runs a manager in this process until the returned function is called, which waits for its end.
func startManager(ctx context.Context) (stop func()) {
	GinkgoHelper()
	o := options.Manager{
		ClusterName: clusterName, TwilioBaseURL: sim.URL, Transport: lines, MaxConcurrentReconciles: 10, RequestTimeout: requestTimeout,
	}
	mgr, err := ctrl.NewManager(rest.CopyConfig(kube), ctrl.Options{
		Scheme:     scheme,
		Cache:      controller.CacheOptions(o),
		Metrics:    metricsserver.Options{BindAddress: "0"},
		Controller: config.Controller{SkipNameValidation: new(true)},
	})
	Expect(err).NotTo(HaveOccurred())
	cached = mgr.GetCache()
	Expect(controller.Setup(ctx, mgr, o)).To(Succeed())
	ctx, cancel := context.WithCancel(ctx)
	done := make(chan error, 1)
	go func() { done <- mgr.Start(ctx) }()
	return func() {
		cancel()
		Eventually(done).Should(Receive(BeNil()))
	}
}
