// Copyright The conversations-operator Authors
// SPDX-License-Identifier: Apache-2.0

package controller_test

import (
	"strings"

	. "github.com/onsi/ginkgo/v2"
	. "github.com/onsi/gomega"

	"github.com/conversations-operator/conversations-operator/api/v1alpha1"
	"github.com/conversations-operator/conversations-operator/test/testbed/random"
)

// folder is what a team applies at once: each step makes one part of it, and waits until the operator has looked at that.
var folder = map[string]func(*tenant){
	"Secret": func(t *tenant) { t.create(t.secret(t.credentials())) },
	"account": func(t *tenant) {
		t.create(t.Account())
		Eventually(t.accountReason).ShouldNot(BeEmpty())
	},
	"conversations": func(t *tenant) {
		for name, spec := range map[string]string{"by-default": `{}`, "by-name": `{accountRef: {name: default}}`} {
			t.apply(name, spec)
			Eventually(func() string { return reason(t.get(name).Status.Conditions) }).ShouldNot(BeEmpty())
		}
	},
}

var _ = Describe("A Warning event", func() {
	DescribeTable("does not tell of a folder that is applied as", func(order ...string) {
		t := newBareTenant()
		for _, part := range order {
			folder[part](t)
		}
		for _, name := range []string{"by-default", "by-name"} {
			t.settled(name, v1alpha1.ReasonSynced)
			Eventually(t.events(name)).Should(ContainElement(HavePrefix("Normal Created ")))
			Expect(t.events(name)()).NotTo(ContainElement(HavePrefix("Warning ")))
		}
		Eventually(t.events("default")).Should(ContainElement(HavePrefix("Normal Authenticated ")))
		Expect(t.events("default")()).NotTo(ContainElement(HavePrefix("Warning ")))
	},
		Entry(nil, "Secret", "account", "conversations"),
		Entry(nil, "Secret", "conversations", "account"),
		Entry(nil, "account", "Secret", "conversations"),
		Entry(nil, "account", "conversations", "Secret"),
		Entry(nil, "conversations", "Secret", "account"),
		Entry(nil, "conversations", "account", "Secret"),
	)

	It("tells once of an account that stays away, and of a Secret", func() {
		t := newBareTenant()
		t.apply("by-name", `{accountRef: {name: other}}`)
		t.create(t.Account())
		t.apply("by-default", `{}`)
		warnings := func(name string) func() []string {
			return func() []string {
				var out []string
				for _, e := range t.events(name)() {
					if strings.HasPrefix(e, "Warning ") {
						out = append(out, e)
					}
				}
				return out
			}
		}
		for name, want := range map[string]string{
			"by-name":    `Warning AccountNotReady TwilioAccount "other" does not exist: create it, or delete this object.`,
			"by-default": `Warning AccountNotReady TwilioAccount "default" is not ready (SecretMissing): see its conditions.`,
			"default":    `Warning SecretMissing Secret "twilio" does not exist in namespace "` + t.Namespace + `": create it.`,
		} {
			Eventually(warnings(name)).Should(Equal([]string{want}))
		}
		// Every conversation of a namespace whose labels change is looked at.
		t.relabel("some", random.Hex(4))
		for _, name := range []string{"by-name", "by-default", "default"} {
			Consistently(warnings(name), "300ms").Should(HaveLen(1))
		}
	})

	It("tells of a Twilio that stays away, and the condition tells of it at once", func() {
		t := newTenant()
		rule := t.fault(matchCreate(0), htmlPage)
		t.apply("vip", `{}`)
		t.settled("vip", v1alpha1.ReasonTwilioUnavailable)
		Expect(t.events("vip")()).To(BeEmpty())
		Eventually(t.events("vip")).Should(ContainElement(HavePrefix("Warning TwilioUnavailable Twilio answered 503, but ")))
		Expect(t.sim.RemoveRule(rule)).To(Succeed())
		t.settled("vip", v1alpha1.ReasonSynced)
	})

	It("does not tell of a Twilio that is back within seconds", func() {
		t := newTenant()
		t.fault(matchCreate(1), htmlPage)
		t.apply("vip", `{}`)
		t.settled("vip", v1alpha1.ReasonSynced)
		Eventually(t.events("vip")).Should(ContainElement(HavePrefix("Normal Created ")))
		Expect(t.events("vip")()).NotTo(ContainElement(HavePrefix("Warning ")))
	})
})
