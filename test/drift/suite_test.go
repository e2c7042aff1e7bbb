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
	"k8s.io/apimachinery/pkg/runtime"
	clientgoscheme "k8s.io/client-go/kubernetes/scheme"
	"k8s.io/client-go/rest"
	ctrl "sigs.k8s.io/controller-runtime"
	"sigs.k8s.io/controller-runtime/pkg/client"
	"sigs.k8s.io/controller-runtime/pkg/log/zap"

	"github.com/conversations-operator/conversations-operator/api/v1alpha1"
	"github.com/conversations-operator/conversations-operator/test/health"
	"github.com/conversations-operator/conversations-operator/test/testbed"
)

var (
	scheme = runtime.NewScheme()
	kube   *rest.Config
	k8s    client.WithWatch
	seen   = &witness{}
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
	Expect(clientgoscheme.AddToScheme(scheme)).To(Succeed())
	Expect(v1alpha1.AddToScheme(scheme)).To(Succeed())

	var stop func() error
	var err error
	kube, stop, err = testbed.StartAPIServer()
	Expect(err).NotTo(HaveOccurred())
	DeferCleanup(stop)
	k8s, err = client.NewWithWatch(kube, client.Options{Scheme: scheme})
	Expect(err).NotTo(HaveOccurred())
	ctx, cancel := context.WithCancel(context.Background())
	DeferCleanup(cancel)
	seen.tools, err = health.New()
	Expect(err).NotTo(HaveOccurred())
	go seen.watch(ctx, &v1alpha1.ConversationList{})
	go seen.watch(ctx, &v1alpha1.TwilioAccountList{})
})

func ctx() context.Context { return context.Background() }
