// Copyright The conversations-operator Authors
// SPDX-License-Identifier: Apache-2.0

// Package install_test installs, upgrades and uninstalls the operator in every way there is, against a real API server.
package install_test

import (
	"context"
	"slices"
	"strings"
	"testing"
	"time"

	. "github.com/onsi/ginkgo/v2"
	. "github.com/onsi/gomega"
	auditv1 "k8s.io/apiserver/pkg/apis/audit/v1"
	ctrl "sigs.k8s.io/controller-runtime"
	"sigs.k8s.io/controller-runtime/pkg/log/zap"

	"github.com/conversations-operator/conversations-operator/test/testbed"
)

var (
	// ctx lives as long as the suite, and so does what is started with it.
	ctx context.Context
	bed *testbed.Bed
)

func TestInstall(t *testing.T) {
	RegisterFailHandler(Fail)
	RunSpecs(t, "Install Suite")
}

var _ = BeforeSuite(func() {
	ctrl.SetLogger(zap.New(zap.WriteTo(GinkgoWriter), zap.UseDevMode(true)))
	SetDefaultEventuallyTimeout(time.Minute)
	SetDefaultEventuallyPollingInterval(50 * time.Millisecond)
	var cancel context.CancelFunc
	ctx, cancel = context.WithCancel(context.Background())
	DeferCleanup(cancel)
	var err error
	bed, err = testbed.Start(ctx, testbed.Options{Audit: auditv1.LevelMetadata, ControllerManager: true})
	Expect(err).NotTo(HaveOccurred())
	DeferCleanup(bed.Close)
	settle()
})

// settle waits for what every namespace gets, which the control plane still makes for those that it has from the start.
func settle() {
	GinkgoHelper()
	for _, namespace := range []string{"default", "kube-node-lease", "kube-public", "kube-system"} {
		Eventually(bed.Kubectl).WithArguments(ctx, "get", "serviceaccount/default", "configmap/kube-root-ca.crt", "--namespace", namespace).
			ShouldNot(BeEmpty())
	}
}

// kubectl answers what it printed.
func kubectl(args ...string) string {
	GinkgoHelper()
	out, err := bed.Kubectl(ctx, args...)
	Expect(err).NotTo(HaveOccurred())
	return out
}

// objects are the names of all objects in the cluster, but of those that tell of others. An error may be of a kind that
// went meanwhile.
func objects() ([]string, error) {
	kinds, err := bed.Kubectl(ctx, "api-resources", "--verbs=list", "--output=name", "--cached=false")
	if err != nil {
		return nil, err
	}
	var resources []string
	for line := range strings.Lines(kinds) {
		name := strings.TrimSpace(line)
		// A token is made for whoever asks, an event stays for an hour, and the API server keeps leases of its own, and
		// APIServices, one for each group of CRDs, as long as it likes.
		own := slices.ContainsFunc([]string{"events", "leases", "componentstatuses", "apiservices"}, func(prefix string) bool {
			return strings.HasPrefix(name, prefix)
		})
		if !own {
			resources = append(resources, name)
		}
	}
	out, err := bed.Kubectl(ctx, "get", strings.Join(resources, ","), "--all-namespaces", "--no-headers",
		"--output=custom-columns=:.kind,:.metadata.namespace,:.metadata.name")
	if err != nil {
		return nil, err
	}
	var all []string
	for line := range strings.Lines(out) {
		all = append(all, strings.Join(strings.Fields(line), " "))
	}
	slices.Sort(all)
	return slices.Compact(all), nil
}

// present are the objects before anything is installed.
func present() []string {
	GinkgoHelper()
	all, err := objects()
	Expect(err).NotTo(HaveOccurred())
	return all
}
