// Copyright The conversations-operator Authors
// SPDX-License-Identifier: Apache-2.0

package install_test

import (
	"slices"
	"strings"

	. "github.com/onsi/ginkgo/v2"
	. "github.com/onsi/gomega"
	appsv1 "k8s.io/api/apps/v1"
	corev1 "k8s.io/api/core/v1"
	"sigs.k8s.io/controller-runtime/pkg/client"

	"github.com/conversations-operator/conversations-operator/test/testbed"
)

// config/demo is config/default and more.
var _ = Describe("config/demo, applied and deleted with kubectl,", func() {
	It("makes the samples come true, and leaves nothing behind", func() {
		before := present()
		kubectl("apply", "--server-side", "-k", "config/demo")
		kubectl("wait", "-f", "config/crd/bases", "--for=condition=Established", "--timeout=60s")
		simulator := admitted("twilio-simulator")
		token := slices.IndexFunc(simulator.Env, func(e corev1.EnvVar) bool { return e.Name == "TWILIO_AUTH_TOKEN" })
		twilio, err := bed.StartSimulator(ctx, testbed.SimulatorOptions{AuthToken: simulator.Env[token].Value, Args: elsewhere(simulator.Args)})
		Expect(err).NotTo(HaveOccurred())
		operator := admitted(testbed.Deployment)
		for _, container := range []corev1.Container{simulator, operator} {
			Expect(container.ImagePullPolicy).To(Equal(corev1.PullIfNotPresent), "both images are built by whoever tries it")
		}
		// There is no DNS here, and nobody else who leads.
		args := slices.DeleteFunc(elsewhere(operator.Args), func(arg string) bool { return strings.HasPrefix(arg, "--twilio-base-url=") })
		Expect(args).To(HaveLen(len(elsewhere(operator.Args)) - 1))
		manager, err := bed.StartManager(ctx, testbed.ManagerOptions{
			Args: append(args, "--twilio-base-url="+twilio.URL, "--leader-election-namespace="+testbed.Namespace),
		})
		Expect(err).NotTo(HaveOccurred())

		kubectl("apply", "-k", "config/samples")
		kubectl("wait", "conversations,twilioaccounts,clustertwilioaccounts", "--all", "--for=condition=Ready", "--timeout=60s")
		kubectl("delete", "-k", "config/samples", "--timeout=60s")
		Expect(twilio.Conversations(ctx, "")).To(BeEmpty())
		Expect(manager.Stop()).To(Succeed())
		kubectl("delete", "-k", "config/demo", "--timeout=60s")
		Eventually(objects).Should(Equal(before))
	})
})

// admitted is the only container of a Deployment, whose pods the namespace takes.
func admitted(name string) corev1.Container {
	GinkgoHelper()
	d := &appsv1.Deployment{}
	Expect(bed.Client.Get(ctx, client.ObjectKey{Namespace: testbed.Namespace, Name: name}, d)).To(Succeed())
	pod := &corev1.Pod{ObjectMeta: d.Spec.Template.ObjectMeta, Spec: d.Spec.Template.Spec}
	pod.Namespace, pod.Name = testbed.Namespace, name
	// The controllers that make a ServiceAccount may be a moment behind.
	Eventually(func() error { return bed.Client.Create(ctx, pod.DeepCopy(), client.DryRunAll) }).Should(Succeed())
	Expect(d.Spec.Template.Spec.Containers).To(HaveLen(1))
	return d.Spec.Template.Spec.Containers[0]
}

// elsewhere are the arguments without those that say where to listen.
func elsewhere(args []string) []string {
	return slices.DeleteFunc(slices.Clone(args), func(arg string) bool {
		name, _, _ := strings.Cut(arg, "=")
		return strings.HasSuffix(name, "bind-address")
	})
}
