// Copyright The conversations-operator Authors
// SPDX-License-Identifier: Apache-2.0

// Package system_test tests the whole system: the manager's binary under its own ServiceAccount, installed as config/default
// says, against a real control plane and the simulator's binary.
package system_test

import (
	"context"
	"testing"
	"time"

	. "github.com/onsi/ginkgo/v2"
	. "github.com/onsi/gomega"
	auditv1 "k8s.io/apiserver/pkg/apis/audit/v1"
	ctrl "sigs.k8s.io/controller-runtime"
	"sigs.k8s.io/controller-runtime/pkg/log/zap"

	"github.com/conversations-operator/conversations-operator/test/testbed"
	"github.com/conversations-operator/conversations-operator/test/testbed/stage"
)

const clusterName = "system"

var (
	// ctx lives as long as the suite, and so does what is started with it.
	ctx     context.Context
	theatre *stage.Stage
	bed     *testbed.Bed
	samples *testbed.Samples
	twilio  *testbed.Simulator
	manager *testbed.Manager
)

func TestSystem(t *testing.T) {
	RegisterFailHandler(Fail)
	RunSpecs(t, "System Suite")
}

var _ = BeforeSuite(func() {
	ctrl.SetLogger(zap.New(zap.WriteTo(GinkgoWriter), zap.UseDevMode(true)))
	SetDefaultEventuallyTimeout(time.Minute)
	SetDefaultEventuallyPollingInterval(50 * time.Millisecond)
	SetDefaultConsistentlyDuration(time.Second)
	var cancel context.CancelFunc
	ctx, cancel = context.WithCancel(context.Background())
	DeferCleanup(cancel)

	var err error
	theatre, err = stage.Start(ctx, stage.Props{
		Bed: testbed.Options{Audit: auditv1.LevelMetadata, ControllerManager: true}, Samples: true, Cluster: clusterName,
	})
	Expect(err).NotTo(HaveOccurred())
	DeferCleanup(theatre.Close)
	bed, twilio = theatre.Bed, theatre.Twilio
	samples, err = bed.Samples(ctx)
	Expect(err).NotTo(HaveOccurred())
	manager = startManager()
})

// startManager starts a manager like the one that every spec finds running.
func startManager(args ...string) *testbed.Manager {
	GinkgoHelper()
	m, err := theatre.StartManager(ctx, testbed.ManagerOptions{Args: args})
	Expect(err).NotTo(HaveOccurred())
	return m
}

var _ = AfterEach(func() {
	if CurrentSpecReport().Failed() {
		AddReportEntry("the end of the manager's log", manager.LogEnd())
	}
})

// The permissions of config/rbac are enough for all that the specs make the manager do. (What a namespace that is being
// deleted refuses, an event, is nobody's missing permission.)
var _ = AfterEach(func() {
	Expect(audited(func(e *auditv1.Event) bool {
		return testbed.ByManager(e) && e.Annotations["authorization.k8s.io/decision"] == "forbid"
	})).To(BeEmpty())
})

// audited are the matching requests to the API server, as `verb resource/subresource namespace/name`.
func audited(match func(*auditv1.Event) bool) []string {
	GinkgoHelper()
	events, err := bed.Audit()
	Expect(err).NotTo(HaveOccurred())
	var out []string
	for i := range events {
		e := &events[i]
		if !match(e) {
			continue
		}
		if e.ObjectRef == nil {
			out = append(out, e.Verb+" "+e.RequestURI)
			continue
		}
		resource := e.ObjectRef.Resource
		if e.ObjectRef.Subresource != "" {
			resource += "/" + e.ObjectRef.Subresource
		}
		out = append(out, e.Verb+" "+resource+" "+e.ObjectRef.Namespace+"/"+e.ObjectRef.Name)
	}
	return out
}
