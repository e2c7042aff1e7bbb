// Copyright The conversations-operator Authors
// SPDX-License-Identifier: Apache-2.0

package v1alpha1_test

import (
	"context"
	"strings"

	. "github.com/onsi/ginkgo/v2"
	. "github.com/onsi/gomega"
	"sigs.k8s.io/controller-runtime/pkg/client"
)

type acceptance struct {
	name     string
	manifest string
}

func accepted(name, rest string) acceptance {
	return acceptance{name: name, manifest: conversation(rest)}
}

var acceptedConversations = []acceptance{
	accepted("nothing but a name", "spec: {}"),
	accepted("every field", `
spec:
  accountRef: {kind: ClusterTwilioAccount, name: sales.eu}
  chatServiceSid: `+isSID+`
  friendlyName: VIP support
  uniqueName: vip
  state: inactive
  timers: {inactive: PT1M, closed: PT10M}
  attributes: {topic: feedback}
  messagingServiceSid: `+mgSID+`
  bindings: {email: {address: vip@example.com, name: VIP support}}
  dateCreated: "2015-12-16T22:18:37Z"
  dateUpdated: "2015-12-16T22:18:38Z"
  webhookEnabled: true
  adoption: {policy: IfExists, sid: `+chSID+`}
  managementPolicy: Report
  deletionPolicy: Retain
  closedPolicy: Recreate
  suspend: true
`),
	accepted("groups with nothing in them", "spec: {timers: {}, bindings: {email: {}}, adoption: {}}"),
	accepted("groups that are null", "spec: {accountRef: null, timers: null, attributes: null, bindings: {email: null}, adoption: null}"),
	accepted("an account without a kind", "spec: {accountRef: {name: default}}"),
	accepted("the longest name of an account", "spec: {accountRef: {name: "+strings.Repeat("a", 253)+"}}"),
	accepted("the longest friendly name, counted in characters", "spec: {friendlyName: "+strings.Repeat("é", 256)+"}"),
	accepted("a friendly name with everything that a unique name must not have", `spec: {friendlyName: " k8s./\n"}`),
	accepted("the longest unique name, counted in characters", "spec: {uniqueName: "+strings.Repeat("é", 256)+"}"),
	accepted("a unique name with punctuation, spaces and emoji", `spec: {uniqueName: "VIP: Zoë & co. (20 %)? #1 🎉"}`),
	accepted("a unique name that merely begins like a SID", "spec: {uniqueName: CH0123456789abcdef}"),
	accepted("a unique name one digit short of a SID", "spec: {uniqueName: CH0123456789abcdefABCDEF012345678}"),
	accepted("a unique name one digit longer than a SID", "spec: {uniqueName: "+chSID+"0}"),
	accepted("a unique name that begins with k8s but not with the prefix", "spec: {uniqueName: k8s-vip}"),
	accepted("a unique name that holds the prefix of generated names further on", "spec: {uniqueName: my-K8s.vip}"),
	accepted("a unique name that begins with a dot", "spec: {uniqueName: ...}"),
	accepted("a unique name of one character", "spec: {uniqueName: a}"),
	accepted("a slash in the unique name of a conversation that is addressed by its SID",
		"spec: {uniqueName: sales/vip, adoption: {sid: "+chSID+"}}"),
	accepted("the state closed", "spec: {state: closed}"),
	accepted("timers switched off", "spec: {timers: {inactive: PT0S, closed: PT0S}}"),
	accepted("the shortest timers in seconds", "spec: {timers: {inactive: PT60S, closed: PT600S}}"),
	accepted("the shortest timers, added up from parts", "spec: {timers: {inactive: PT0M60S, closed: PT9M60S}}"),
	accepted("timers with leading zeros", "spec: {timers: {inactive: PT0001M, closed: P0DT00H010M}}"),
	accepted("timers in hours and days", "spec: {timers: {inactive: PT36H, closed: P1D}}"),
	accepted("timers with every unit", "spec: {timers: {inactive: P1DT2H3M4S, closed: P1DT4S}}"),
	accepted("the longest timers", "spec: {timers: {inactive: P999999999DT999999999H999999999M999999999S, closed: P999999999D}}"),
	accepted("only a closing timer", "spec: {timers: {closed: PT10M}}"),
	accepted("a sender's name without an address", "spec: {bindings: {email: {name: VIP}}}"),
	accepted("dates with an offset", `spec: {dateCreated: "2015-12-16T22:18:37+05:30", dateUpdated: "2015-12-16T22:18:37-00:00"}`),
	accepted("dates with a fraction", `spec: {dateCreated: "2015-12-16T22:18:37.5Z", dateUpdated: "2015-12-16T22:18:37.123456789Z"}`),
	accepted("a leap day", `spec: {dateCreated: "2016-02-29T00:00:00Z"}`),
	accepted("webhooks switched off", "spec: {webhookEnabled: false}"),
	accepted("every default written out", `
spec: {adoption: {policy: Never}, managementPolicy: Enforce, deletionPolicy: Delete, closedPolicy: Keep, suspend: false}
`),
	accepted("an observer of a conversation", "spec: {managementPolicy: Observe, adoption: {sid: "+chSID+"}}"),
}

var _ = Describe("A Conversation that is accepted", func() {
	for _, row := range acceptedConversations {
		It("has "+row.name, func(ctx context.Context) {
			namespace := newNamespace(ctx)
			Expect(create(ctx, namespace, row.manifest)).To(Succeed())
			Expect(foretold(ctx, "", row.manifest)).To(BeEmpty())

			_, err := apply(ctx, namespace, row.manifest)
			Expect(err).NotTo(HaveOccurred())

			By("storing the spec as it was written")
			sent := object(namespace, row.manifest)
			stored := sent.DeepCopy()
			Expect(k8sClient.Get(ctx, client.ObjectKeyFromObject(sent), stored)).To(Succeed())
			Expect(stored.Object["spec"]).To(Equal(sent.Object["spec"]))

			By("agreeing with the Go validator")
			conv, err := decode(row.manifest)
			Expect(err).NotTo(HaveOccurred())
			Expect(validate(&conv.Spec)).To(BeEmpty())

			By("finding nothing to edit when it is applied again")
			again, err := apply(ctx, namespace, row.manifest)
			Expect(err).NotTo(HaveOccurred())
			Expect(again.GetGeneration()).To(Equal(stored.GetGeneration()))
		})
	}

	It("has no spec at all", func(ctx context.Context) {
		for _, rest := range []string{"", "spec: null"} {
			stored, err := apply(ctx, newNamespace(ctx), conversation(rest))
			Expect(err).NotTo(HaveOccurred())
			Expect(stored.Object["spec"]).To(Equal(map[string]any{}))
		}
	})

	It("has single values that are null, which kubectl create leaves out and server-side apply names", func(ctx context.Context) {
		manifest := conversation("spec: {uniqueName: null, state: null, suspend: null, timers: {closed: null}}")
		created := object(newNamespace(ctx), manifest)
		Expect(k8sClient.Create(ctx, created)).To(Succeed())
		Expect(created.Object["spec"]).To(Equal(map[string]any{"timers": map[string]any{}}))

		_, err := apply(ctx, newNamespace(ctx), conversation("spec: {uniqueName: null}"))
		Expect(refusals(err)).To(ConsistOf(
			`spec.uniqueName: Invalid value: "null": spec.uniqueName in body must be of type string: "null"`, unchecked))
	})
})
