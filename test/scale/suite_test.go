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
	ctrl "sigs.k8s.io/controller-runtime"
	"sigs.k8s.io/controller-runtime/pkg/client"
	"sigs.k8s.io/controller-runtime/pkg/log/zap"

	"github.com/conversations-operator/conversations-operator/internal/controller/options"
	"github.com/conversations-operator/conversations-operator/internal/twilio/simulator"
	"github.com/conversations-operator/conversations-operator/test/testbed/cluster"
	"github.com/conversations-operator/conversations-operator/test/testbed/witness"
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
	kube *cluster.Cluster
	k8s  client.WithWatch
	sim  *simulator.Server
	seen *witness.Witness
)

func TestScale(t *testing.T) {
	RegisterFailHandler(Fail)
	RunSpecs(t, "Scale Suite")
}

var _ = BeforeSuite(func() {
	ctrl.SetLogger(zap.New(zap.WriteTo(GinkgoWriter)))
	SetDefaultEventuallyTimeout(time.Minute)
	SetDefaultEventuallyPollingInterval(10 * time.Millisecond)

	var err error
	kube, err = cluster.Start()
	Expect(err).NotTo(HaveOccurred())
	DeferCleanup(kube.Stop)
	k8s = kube.Client
	sim, err = simulator.Start(simulator.Options{
		Latency: latency, RequestLog: 20_000,
		Limits: simulator.Limits{CreateDelete: perSecond, Update: perSecond, Concurrent: concurrent},
	})
	Expect(err).NotTo(HaveOccurred())
	DeferCleanup(sim.Close)
	ctx, cancel := context.WithCancel(context.Background())
	DeferCleanup(cancel)
	seen = &witness.Witness{Client: k8s, Hurried: true}
	Expect(seen.Watch(ctx)).To(Succeed())
	DeferCleanup(startManager().Stop)
})

// startManager runs a manager in this process, of these namespaces or of all.
func startManager(namespaces ...string) *cluster.Manager {
	GinkgoHelper()
	m := &cluster.Manager{Options: options.Manager{
		ClusterName: "scale", TwilioBaseURL: sim.URL, MaxConcurrentReconciles: workers, Transport: lines, RequestTimeout: time.Minute,
		WatchNamespaces: namespaces,
	}}
	Expect(kube.StartManager(m)).To(Succeed())
	Eventually(m.Elected()).Should(BeClosed())
	Expect(m.Synced(ctx())).To(BeTrue())
	return m
}

var _ = AfterEach(func() { Expect(seen.Complaints()).To(BeEmpty()) })

func ctx() context.Context { return context.Background() }
