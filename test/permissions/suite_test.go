// Copyright The conversations-operator Authors
// SPDX-License-Identifier: Apache-2.0

// Package permissions_test tests what becomes of the manager's binary when permissions are taken from it and given back.
package permissions_test

import (
	"context"
	"strings"
	"testing"
	"time"

	. "github.com/onsi/ginkgo/v2"
	. "github.com/onsi/gomega"
	rbacv1 "k8s.io/api/rbac/v1"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
	ctrl "sigs.k8s.io/controller-runtime"
	"sigs.k8s.io/controller-runtime/pkg/client"
	"sigs.k8s.io/controller-runtime/pkg/log/zap"

	"github.com/conversations-operator/conversations-operator/test/testbed"
	"github.com/conversations-operator/conversations-operator/test/testbed/random"
	"github.com/conversations-operator/conversations-operator/test/testbed/stage"
)

const (
	role           = "conversations-operator-manager-role"
	serviceAccount = "conversations-operator-controller-manager"
)

var (
	// ctx lives as long as the suite, and so does what is started with it.
	ctx     context.Context
	theatre *stage.Stage
	bed     *testbed.Bed
	twilio  *testbed.Simulator
)

func TestPermissions(t *testing.T) {
	RegisterFailHandler(Fail)
	RunSpecs(t, "Permissions Suite")
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
	theatre, err = stage.Start(ctx, stage.Props{Cluster: "permissions"})
	Expect(err).NotTo(HaveOccurred())
	DeferCleanup(theatre.Close)
	bed, twilio = theatre.Bed, theatre.Twilio
	// Each spec gives the manager the permissions that it is about, in its namespaces.
	Expect(bed.Client.Delete(ctx, &rbacv1.ClusterRoleBinding{ObjectMeta: metav1.ObjectMeta{Name: "conversations-operator-manager-rolebinding"}})).To(Succeed())
})

// startManager starts a manager that watches the namespaces.
func startManager(namespaces ...string) *testbed.Manager {
	GinkgoHelper()
	return startManagerWith(testbed.ManagerOptions{Args: []string{"--watch-namespaces=" + strings.Join(namespaces, ",")}})
}

// startManagerWith starts a manager, and stops it at the end of the spec, which must take no longer than Kubernetes waits for
// a pod.
func startManagerWith(o testbed.ManagerOptions) *testbed.Manager {
	GinkgoHelper()
	m, err := theatre.StartManager(ctx, o)
	Expect(err).NotTo(HaveOccurred())
	DeferCleanup(func() {
		if CurrentSpecReport().Failed() {
			AddReportEntry("the end of the manager's log", m.LogEnd())
		}
		Expect(m.Stop()).To(Succeed())
	})
	return m
}

// permit gives the manager the permissions of its role, but for those taken away, in a namespace, until forbid is called.
func permit(namespace string, change func(*rbacv1.PolicyRule)) (forbid func()) {
	GinkgoHelper()
	rules := &rbacv1.ClusterRole{}
	Expect(bed.Client.Get(ctx, client.ObjectKey{Name: role}, rules)).To(Succeed())
	meta := metav1.ObjectMeta{Namespace: namespace, Name: "m-" + random.Hex(4)}
	own := &rbacv1.Role{ObjectMeta: meta, Rules: rules.Rules}
	for i := range own.Rules {
		if change != nil {
			change(&own.Rules[i])
		}
	}
	create(own)
	create(&rbacv1.RoleBinding{
		ObjectMeta: meta, RoleRef: rbacv1.RoleRef{APIGroup: rbacv1.GroupName, Kind: "Role", Name: meta.Name},
		Subjects: []rbacv1.Subject{{Kind: rbacv1.ServiceAccountKind, Namespace: testbed.Namespace, Name: serviceAccount}},
	})
	return func() {
		GinkgoHelper()
		Expect(bed.Client.Delete(ctx, &rbacv1.RoleBinding{ObjectMeta: meta})).To(Succeed())
	}
}
