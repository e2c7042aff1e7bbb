// Copyright The conversations-operator Authors
// SPDX-License-Identifier: Apache-2.0

// Package drift shows what the drift check costs, finds, corrects and leaves alone. Every story has a simulated Twilio
// and a manager of its own, so that each request counts.
package drift

import (
	"context"
	"testing"
	"time"

	. "github.com/onsi/ginkgo/v2"
	. "github.com/onsi/gomega"
	ctrl "sigs.k8s.io/controller-runtime"
	"sigs.k8s.io/controller-runtime/pkg/client"
	"sigs.k8s.io/controller-runtime/pkg/log/zap"

	"github.com/conversations-operator/conversations-operator/test/testbed/cluster"
	"github.com/conversations-operator/conversations-operator/test/testbed/witness"
)

var (
	kube *cluster.Cluster
	k8s  client.WithWatch
	seen *witness.Witness
)

func TestDrift(t *testing.T) {
	RegisterFailHandler(Fail)
	RunSpecs(t, "Drift Suite")
}

var _ = BeforeSuite(func() {
	ctrl.SetLogger(zap.New(zap.WriteTo(GinkgoWriter), zap.UseDevMode(true)))
	SetDefaultEventuallyTimeout(time.Minute)
	SetDefaultEventuallyPollingInterval(20 * time.Millisecond)
	SetDefaultConsistentlyDuration(500 * time.Millisecond)

	var err error
	kube, err = cluster.Start()
	Expect(err).NotTo(HaveOccurred())
	DeferCleanup(kube.Stop)
	k8s = kube.Client
	ctx, cancel := context.WithCancel(context.Background())
	DeferCleanup(cancel)
	seen = &witness.Witness{Client: k8s, Hurried: true}
	Expect(seen.Watch(ctx)).To(Succeed())
})

var _ = AfterEach(func() { Expect(seen.Complaints()).To(BeEmpty()) })

func ctx() context.Context { return context.Background() }
