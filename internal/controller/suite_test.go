// Copyright The conversations-operator Authors
// SPDX-License-Identifier: Apache-2.0

package controller_test

import (
	"context"
	"testing"
	"time"

	. "github.com/onsi/ginkgo/v2"
	. "github.com/onsi/gomega"
	ctrl "sigs.k8s.io/controller-runtime"
	"sigs.k8s.io/controller-runtime/pkg/client"
	"sigs.k8s.io/controller-runtime/pkg/log/zap"

	"github.com/conversations-operator/conversations-operator/internal/controller/options"
	"github.com/conversations-operator/conversations-operator/internal/twilio/simulator"
	"github.com/conversations-operator/conversations-operator/test/testbed/cluster"
	"github.com/conversations-operator/conversations-operator/test/testbed/witness"
)

const (
	clusterName = "test"
	// requestTimeout is short, since what follows a lost answer waits for it.
	requestTimeout = 2 * time.Second
)

var (
	k8s  client.WithWatch
	sim  *simulator.Server
	seen *witness.Witness
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

	kube, err := cluster.Start()
	Expect(err).NotTo(HaveOccurred())
	DeferCleanup(kube.Stop)
	k8s = kube.Client
	sim, err = simulator.Start(simulator.Options{})
	Expect(err).NotTo(HaveOccurred())
	DeferCleanup(sim.Close)

	ctx, cancel := context.WithCancel(context.Background())
	DeferCleanup(cancel)
	seen = &witness.Witness{Client: k8s}
	Expect(seen.Watch(ctx)).To(Succeed())
	manager := &cluster.Manager{Options: options.Manager{
		ClusterName: clusterName, TwilioBaseURL: sim.URL, Transport: lines, MaxConcurrentReconciles: 10, RequestTimeout: requestTimeout,
	}}
	Expect(kube.StartManager(manager)).To(Succeed())
	DeferCleanup(manager.Stop)
	cached = manager.Cache()
})
