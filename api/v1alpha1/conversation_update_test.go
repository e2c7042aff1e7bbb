// Copyright The conversations-operator Authors
// SPDX-License-Identifier: Apache-2.0

package v1alpha1_test

import (
	"context"

	. "github.com/onsi/ginkgo/v2"
	. "github.com/onsi/gomega"
)

const (
	changed        = "Forbidden: must not be changed after creation"
	addedOrDropped = "Forbidden: must not be added or dropped after creation"

	otherCH = "CHffffffffffffffffffffffffffffffff"
	otherIS = "ISffffffffffffffffffffffffffffffff"
	otherMG = "MGffffffffffffffffffffffffffffffff"
)

var _ = Describe("An update of a Conversation", func() {
	DescribeTable("is refused if it",
		func(ctx context.Context, before, after string, want ...string) {
			namespace := newNamespace(ctx)
			created, err := apply(ctx, namespace, conversation(before))
			Expect(err).NotTo(HaveOccurred())

			_, err = apply(ctx, namespace, conversation(after))
			Expect(refusals(err)).To(ConsistOf(want))
			Expect(foretold(ctx, conversation(before), conversation(after))).To(ConsistOf(want))

			By("refusing kubectl replace too")
			replaced := object(namespace, conversation(after))
			replaced.SetResourceVersion(created.GetResourceVersion())
			Expect(refusals(k8sClient.Update(ctx, replaced))).To(ConsistOf(want))
		},
		Entry("names another account", "spec: {accountRef: {name: a}}", "spec: {accountRef: {name: b}}",
			"spec.accountRef: "+changed),
		Entry("names an account of the other kind",
			"spec: {accountRef: {name: a}}", "spec: {accountRef: {name: a, kind: ClusterTwilioAccount}}",
			"spec.accountRef: "+changed),
		Entry("drops the kind that was not the default",
			"spec: {accountRef: {name: a, kind: ClusterTwilioAccount}}", "spec: {accountRef: {name: a}}",
			"spec.accountRef: "+changed),
		Entry("drops the account", "spec: {accountRef: {name: a}}", "spec: {}",
			"spec.accountRef: "+addedOrDropped),
		Entry("drops the account with the whole spec", "spec: {accountRef: {name: a}}", "",
			"spec.accountRef: "+addedOrDropped),
		Entry("makes the account null", "spec: {accountRef: {name: a}}", "spec: {accountRef: null}",
			"spec.accountRef: "+addedOrDropped),
		Entry("adds an account", "", "spec: {accountRef: {name: default}}",
			"spec.accountRef: "+addedOrDropped),
		Entry("adds an account where null was", "spec: {accountRef: null}", "spec: {accountRef: {name: default}}",
			"spec.accountRef: "+addedOrDropped),
		Entry("names another service", "spec: {chatServiceSid: "+isSID+"}", "spec: {chatServiceSid: "+otherIS+"}",
			"spec.chatServiceSid: "+changed),
		Entry("drops the service", "spec: {chatServiceSid: "+isSID+"}", "spec: {uniqueName: vip}",
			"spec.chatServiceSid: "+addedOrDropped),
		Entry("adds a service", "spec: {uniqueName: vip}", "spec: {chatServiceSid: "+isSID+", uniqueName: vip}",
			"spec.chatServiceSid: "+addedOrDropped),
		Entry("adopts another conversation", "spec: {adoption: {sid: "+chSID+"}}", "spec: {adoption: {sid: "+otherCH+"}}",
			"spec.adoption.sid: "+changed),
		Entry("drops the SID to adopt", "spec: {adoption: {sid: "+chSID+", policy: Never}}", "spec: {adoption: {policy: Never}}",
			"spec.adoption.sid: "+addedOrDropped),
		Entry("drops the adoption", "spec: {adoption: {sid: "+chSID+"}}", "spec: {adoption: null}",
			"spec.adoption.sid: "+addedOrDropped),
		Entry("adds a SID to adopt", "spec: {adoption: {policy: IfExists}}", "spec: {adoption: {policy: IfExists, sid: "+chSID+"}}",
			"spec.adoption.sid: "+addedOrDropped),
		Entry("changes everything that it must not change",
			"spec: {accountRef: {name: a}, chatServiceSid: "+isSID+", adoption: {sid: "+chSID+"}, uniqueName: a/b}",
			"spec: {accountRef: {name: b}, chatServiceSid: "+otherIS+", uniqueName: a/b}",
			"spec.accountRef: "+changed, "spec.chatServiceSid: "+changed, "spec.adoption.sid: "+addedOrDropped,
			"spec.uniqueName: Forbidden: "+slash),
		Entry("breaks a rule that holds for new objects", "spec: {uniqueName: vip}", "spec: {uniqueName: k8s.vip}",
			"spec.uniqueName: Invalid value: \"k8s.vip\": "+reserved),
	)

	DescribeTable("is accepted if it",
		func(ctx context.Context, before, after string, want map[string]any) {
			namespace := newNamespace(ctx)
			_, err := apply(ctx, namespace, conversation(before))
			Expect(err).NotTo(HaveOccurred())

			updated, err := apply(ctx, namespace, conversation(after))
			Expect(err).NotTo(HaveOccurred())
			Expect(updated.Object["spec"]).To(Equal(want))
			Expect(foretold(ctx, conversation(before), conversation(after))).To(BeEmpty())
		},
		Entry("writes out the kind that an account has anyway",
			"spec: {accountRef: {name: a}}", "spec: {accountRef: {name: a, kind: TwilioAccount}}",
			map[string]any{"accountRef": map[string]any{"name": "a", "kind": "TwilioAccount"}}),
		Entry("drops the kind that an account has anyway",
			"spec: {accountRef: {name: a, kind: TwilioAccount}}", "spec: {accountRef: {name: a}}",
			map[string]any{"accountRef": map[string]any{"name": "a"}}),
		Entry("changes every field that can be changed", `
spec:
  accountRef: {name: a}
  friendlyName: a
  uniqueName: a
  state: active
  timers: {inactive: PT1M, closed: PT10M}
  attributes: {a: 1}
  messagingServiceSid: `+mgSID+`
  bindings: {email: {address: a, name: a}}
  dateCreated: "2015-12-16T22:18:37Z"
  webhookEnabled: true
  managementPolicy: Enforce
`, `
spec:
  accountRef: {name: a}
  friendlyName: b
  uniqueName: b
  state: closed
  timers: {inactive: PT2M, closed: PT20M}
  attributes: [1]
  messagingServiceSid: `+otherMG+`
  bindings: {email: {address: b, name: b}}
  dateCreated: "2015-12-16T22:18:38Z"
  webhookEnabled: false
  adoption: {policy: IfExists}
  managementPolicy: Observe
  deletionPolicy: Retain
  closedPolicy: Recreate
  suspend: true
`, map[string]any{
			"accountRef": map[string]any{"name": "a"}, "friendlyName": "b", "uniqueName": "b", "state": "closed",
			"timers":     map[string]any{"inactive": "PT2M", "closed": "PT20M"},
			"attributes": []any{int64(1)}, "messagingServiceSid": otherMG,
			"bindings":    map[string]any{"email": map[string]any{"address": "b", "name": "b"}},
			"dateCreated": "2015-12-16T22:18:38Z", "webhookEnabled": false,
			"adoption":         map[string]any{"policy": "IfExists"},
			"managementPolicy": "Observe", "deletionPolicy": "Retain", "closedPolicy": "Recreate", "suspend": true,
		}),
		Entry("drops its last field", "spec: {uniqueName: vip}", "spec: {}", map[string]any{}),
		Entry("drops its last field with the spec", "spec: {uniqueName: vip}", "", map[string]any{}),
		Entry("makes the whole spec null", "spec: {uniqueName: vip}", "spec: null", map[string]any{}),
		Entry("drops all timers", "spec: {timers: {closed: P1D}, state: active}", "spec: {state: active}",
			map[string]any{"state": "active"}),
		Entry("drops the account's SID to adopt that was null", "spec: {adoption: null}", "spec: {}", map[string]any{}),
		Entry("makes the attributes null", "spec: {attributes: {a: 1}}", "spec: {attributes: null}",
			map[string]any{"attributes": nil}),
	)

	DescribeTable("may drop the last key of a group and keep the group:",
		func(ctx context.Context, before, after string) {
			namespace := newNamespace(ctx)
			_, err := apply(ctx, namespace, conversation(before))
			Expect(err).NotTo(HaveOccurred())

			By("being written once or twice (the API server first makes null of the group), and never again")
			var written []string
			for range 3 {
				stored, err := apply(ctx, namespace, conversation(after))
				Expect(err).NotTo(HaveOccurred())
				written = append(written, stored.GetResourceVersion())
			}
			Expect(written[2]).To(Equal(written[1]))
		},
		Entry("timers", "spec: {timers: {closed: P1D}}", "spec: {timers: {}}"),
		Entry("attributes", "spec: {attributes: {a: 1}}", "spec: {attributes: {}}"),
		Entry("attributes within attributes", "spec: {attributes: {a: {b: 1}}}", "spec: {attributes: {a: {}}}"),
		Entry("bindings", "spec: {bindings: {email: {address: a}}}", "spec: {bindings: {}}"),
		Entry("bindings.email", "spec: {bindings: {email: {address: a}}}", "spec: {bindings: {email: {}}}"),
		Entry("adoption", "spec: {adoption: {policy: IfExists}}", "spec: {adoption: {}}"),
		Entry("attributes that become null", "spec: {attributes: {a: 1}}", "spec: {attributes: null}"),
	)
})
