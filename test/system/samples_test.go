// Copyright The conversations-operator Authors
// SPDX-License-Identifier: Apache-2.0

package system_test

import (
	"strings"

	. "github.com/onsi/ginkgo/v2"
	. "github.com/onsi/gomega"
	"k8s.io/apimachinery/pkg/api/meta"
	"sigs.k8s.io/controller-runtime/pkg/client"

	"github.com/conversations-operator/conversations-operator/api/v1alpha1"
)

var _ = Describe("The samples", Ordered, func() {
	// kubectl applies them where a user does who names no namespace.
	const namespace = "default"

	BeforeAll(func() {
		_, err := bed.Kubectl(ctx, "apply", "-k", "config/samples")
		Expect(err).NotTo(HaveOccurred())
		DeferCleanup(func() {
			_, err := bed.Kubectl(ctx, "delete", "-k", "config/samples", "--timeout=60s")
			Expect(err).NotTo(HaveOccurred())
			Expect(twilio.Conversations(ctx, "")).To(BeEmpty())
		})
		_, err = bed.Kubectl(ctx, "wait", "conversations,twilioaccounts,clustertwilioaccounts", "--all",
			"--for=condition=Ready", "--timeout=60s")
		Expect(err).NotTo(HaveOccurred())
	})

	It("become what they say", func() {
		Expect(samples.Conversations).NotTo(BeEmpty())
		for _, sample := range samples.Conversations {
			conv := &v1alpha1.Conversation{}
			Expect(bed.Client.Get(ctx, client.ObjectKey{Namespace: namespace, Name: sample.Name}, conv)).To(Succeed())
			want := v1alpha1.ReasonSynced
			if sample.Spec.State == v1alpha1.StateClosed {
				want = v1alpha1.ReasonClosed
			}
			Expect(meta.FindStatusCondition(conv.Status.Conditions, v1alpha1.ConditionReady).Reason).To(Equal(want), sample.Name)
			Expect(conv.Status.SID).NotTo(BeEmpty(), sample.Name)
		}
	})

	It("are unchanged when they are applied again", func() {
		before := generations()
		out, err := bed.Kubectl(ctx, "apply", "-k", "config/samples")
		Expect(err).NotTo(HaveOccurred())
		for line := range strings.Lines(out) {
			// kubectl cannot tell whether stringData changed anything.
			if !strings.HasPrefix(line, "secret/") {
				Expect(strings.TrimSpace(line)).To(HaveSuffix(" unchanged"))
			}
		}
		Expect(generations()).To(Equal(before))
	})

	It("are printed with the columns that people look for", func() {
		narrow := table("get", "conversations")
		Expect(narrow.columns).To(Equal([]string{"NAME", "SID", "STATE", "READY", "REASON", "AGE"}))
		wide := table("get", "conversations", "-o", "wide")
		Expect(wide.columns).To(Equal([]string{
			"NAME", "SID", "STATE", "READY", "REASON", "AGE", "UNIQUE NAME", "SERVICE", "CLOSES AT", "MESSAGE",
		}))
		Expect(wide.rows).To(HaveLen(len(samples.Conversations)))
		for _, row := range wide.rows {
			conv := &v1alpha1.Conversation{}
			Expect(bed.Client.Get(ctx, client.ObjectKey{Namespace: namespace, Name: row["NAME"]}, conv)).To(Succeed())
			ready := meta.FindStatusCondition(conv.Status.Conditions, v1alpha1.ConditionReady)
			Expect(row).To(And(
				HaveKeyWithValue("SID", conv.Status.SID),
				HaveKeyWithValue("STATE", string(conv.Status.State)),
				HaveKeyWithValue("READY", "True"),
				HaveKeyWithValue("REASON", ready.Reason),
				HaveKeyWithValue("UNIQUE NAME", conv.Status.UniqueName),
				HaveKeyWithValue("SERVICE", conv.Status.ChatServiceSID),
				HaveKeyWithValue("MESSAGE", ready.Message),
			))
		}
	})

	It("are described with their status, and with what happened", func() {
		name := samples.Conversations[0].Name
		Eventually(func(g Gomega) {
			out, err := bed.Kubectl(ctx, "describe", "conversation", name)
			g.Expect(err).NotTo(HaveOccurred())
			headings, _, _ := strings.Cut(out, "\nEvents:\n")
			for _, heading := range []string{"Name: ", "Kind: ", "Spec:", "Status:", "  Conditions:", "    Reason: ", "  Sid: ", "  Unique Name: "} {
				g.Expect("\n" + headings).To(ContainSubstring("\n" + heading))
			}
			g.Expect(out).To(MatchRegexp(`(?s)\nEvents:.*Normal +Created .*Created conversation CH`))
		}).Should(Succeed())
	})

	It("list under the short name and the category", func() {
		Expect(table("get", "convo").rows).To(HaveLen(len(samples.Conversations)))
		out, err := bed.Kubectl(ctx, "get", "twilio", "-o", "name")
		Expect(err).NotTo(HaveOccurred())
		Expect(strings.Count(out, "conversation.twilio-operator.dev/")).To(Equal(len(samples.Conversations)))
		Expect(out).To(ContainSubstring("\ntwilioaccount.twilio-operator.dev/"))
	})
})

// generations are what tells whether anything that a user can write in the samples changed. A Secret has only its version.
func generations() string {
	GinkgoHelper()
	out, err := bed.Kubectl(ctx, "get", "twilio", "-o", "custom-columns=:.kind,:.metadata.name,:.metadata.generation")
	Expect(err).NotTo(HaveOccurred())
	secrets, err := bed.Kubectl(ctx, "get", "secrets", "-o", "custom-columns=:.kind,:.metadata.name,:.metadata.resourceVersion")
	Expect(err).NotTo(HaveOccurred())
	return out + secrets
}

// printed is a table of kubectl's.
type printed struct {
	columns []string
	rows    []map[string]string
}

// table reads what kubectl prints: a cell begins where the heading of its column does, and headings are at least two spaces
// apart.
func table(args ...string) printed {
	GinkgoHelper()
	out, err := bed.Kubectl(ctx, args...)
	Expect(err).NotTo(HaveOccurred())
	lines := strings.Split(strings.TrimRight(out, "\n"), "\n")
	var t printed
	var starts []int
	for rest, at := lines[0], 0; strings.TrimSpace(rest) != ""; {
		blank := len(rest) - len(strings.TrimLeft(rest, " "))
		rest, at = rest[blank:], at+blank
		name, _, _ := strings.Cut(rest, "  ")
		t.columns, starts = append(t.columns, strings.TrimSpace(name)), append(starts, at)
		rest, at = rest[len(name):], at+len(name)
	}
	starts = append(starts, 1<<16)
	for _, line := range lines[1:] {
		row := map[string]string{}
		for i, name := range t.columns {
			row[name] = strings.TrimSpace(line[min(starts[i], len(line)):min(starts[i+1], len(line))])
		}
		t.rows = append(t.rows, row)
	}
	return t
}
