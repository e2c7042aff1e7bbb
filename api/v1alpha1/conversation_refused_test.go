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

const (
	chSID = "CH0123456789abcdefABCDEF0123456789"
	isSID = "IS0123456789abcdefABCDEF0123456789"
	mgSID = "MG0123456789abcdefABCDEF0123456789"
	acSID = "AC0123456789abcdefABCDEF0123456789"

	notAService = "must be the SID of a Conversation Service: IS followed by 32 hexadecimal digits"
	notAName    = "must be the name of an account: lower-case letters, digits, hyphens and dots, " +
		"starting and ending with a letter or digit"
	notADuration = "must be an ISO 8601 duration of whole days, hours, minutes and seconds, such as PT1M, PT36H or P1D; " +
		"Twilio takes no weeks, months, years or fractions"
	notAClosedDuration = "must be an ISO 8601 duration of whole days, hours, minutes and seconds, such as PT10M, PT36H " +
		"or P1D; Twilio takes no weeks, months, years or fractions"
	underAMinute    = "must be at least one minute (PT1M), or PT0S for no timer"
	underTenMinutes = "must be at least ten minutes (PT10M), or PT0S for no timer"
	notADate        = "must be a date and time in RFC 3339, such as 2015-12-16T22:18:37Z"
	reserved        = "must not start with `k8s.` in upper or lower case: generated names have this prefix"
	slash           = "must not contain a slash unless `adoption.sid` is set: Twilio cannot look up such a name"
)

type refusal struct {
	name     string
	manifest string
	want     []string
	// unheard is true if the Go type cannot tell the value from a field that is left out.
	unheard bool
}

func refused(name, rest string, want ...string) refusal {
	return refusal{name: name, manifest: conversation(rest), want: want}
}

// empty is refused for an empty string.
func empty(name, rest string, want ...string) refusal {
	return refusal{name: name, manifest: conversation(rest), want: want, unheard: true}
}

var refusedConversations = []refusal{
	refused("a service SID of another kind", "spec: {chatServiceSid: "+mgSID+"}",
		`spec.chatServiceSid: Invalid value: "`+mgSID+`": `+notAService),
	refused("a service SID in lower case", "spec: {chatServiceSid: is0123456789abcdefABCDEF0123456789}",
		`spec.chatServiceSid: Invalid value: "is0123456789abcdefABCDEF0123456789": `+notAService),
	refused("a service SID that lacks a digit", "spec: {chatServiceSid: IS0123456789abcdefABCDEF012345678}",
		`spec.chatServiceSid: Invalid value: "IS0123456789abcdefABCDEF012345678": `+notAService),
	refused("a service SID with a digit too many", "spec: {chatServiceSid: "+isSID+"0}",
		`spec.chatServiceSid: Too long: may not be more than 34 bytes`, unchecked),
	refused("a service SID with a letter that is no digit", "spec: {chatServiceSid: ISg123456789abcdefABCDEF0123456789}",
		`spec.chatServiceSid: Invalid value: "ISg123456789abcdefABCDEF0123456789": `+notAService),
	empty("an empty service SID", "spec: {chatServiceSid: ''}",
		`spec.chatServiceSid: Invalid value: "": `+notAService),

	refused("an account without a name", "spec: {accountRef: {kind: TwilioAccount}}",
		`spec.accountRef.name: Required value`, unchecked),
	refused("an account of an unknown kind", "spec: {accountRef: {kind: Secret, name: a}}",
		`spec.accountRef.kind: Unsupported value: "Secret": supported values: "TwilioAccount", "ClusterTwilioAccount"`,
		unchecked),
	refused("an account with a name that no object can have", "spec: {accountRef: {name: Sales_EU}}",
		`spec.accountRef.name: Invalid value: "Sales_EU": `+notAName),
	refused("an account's name with a path", "spec: {accountRef: {name: other/default}}",
		`spec.accountRef.name: Invalid value: "other/default": `+notAName),
	refused("an account's name that is too long", "spec: {accountRef: {name: "+strings.Repeat("a", 254)+"}}",
		`spec.accountRef.name: Too long: may not be more than 253 bytes`, unchecked),
	{name: "an account in another namespace", manifest: conversation("spec: {accountRef: {name: a, namespace: b}}"),
		want: []string{`Conversation in version "v1alpha1" cannot be handled as a Conversation: strict decoding error: ` +
			`unknown field "spec.accountRef.namespace"`}},

	refused("a friendly name that is too long", "spec: {friendlyName: "+strings.Repeat("é", 257)+"}",
		`spec.friendlyName: Too long: may not be more than 256 bytes`, unchecked),
	empty("an empty friendly name", "spec: {friendlyName: ''}",
		`spec.friendlyName: Invalid value: "": must not be empty: leave it out instead (Twilio cannot clear a friendly name)`),

	empty("an empty unique name", "spec: {uniqueName: ''}",
		`spec.uniqueName: Invalid value: "": must not be empty: leave it out instead, for a generated name`),
	refused("a unique name that is too long", "spec: {uniqueName: "+strings.Repeat("é", 257)+"}",
		`spec.uniqueName: Too long: may not be more than 256 bytes`, unchecked),
	refused("a dot for a unique name", "spec: {uniqueName: '.'}",
		"spec.uniqueName: Invalid value: \".\": must not be `.` or `..`"),
	refused("two dots for a unique name", "spec: {uniqueName: '..'}",
		"spec.uniqueName: Invalid value: \"..\": must not be `.` or `..`"),
	refused("a control character in a unique name", `spec: {uniqueName: "a\ab"}`,
		`spec.uniqueName: Invalid value: "a\ab": must not contain control characters`),
	refused("a line break in a unique name", `spec: {uniqueName: "a\nb"}`,
		`spec.uniqueName: Invalid value: "a\nb": must not contain control characters`),
	refused("a space before a unique name", "spec: {uniqueName: ' vip'}",
		`spec.uniqueName: Invalid value: " vip": must not start or end with a space`),
	refused("a space that does not break after a unique name", `spec: {uniqueName: "vip\u00a0"}`,
		`spec.uniqueName: Invalid value: "vip\u00a0": must not start or end with a space`),
	refused("the SID of a conversation for a unique name", "spec: {uniqueName: "+chSID+"}",
		`spec.uniqueName: Invalid value: "`+chSID+`": must not be shaped like a SID: two letters followed by 32 hexadecimal digits`),
	refused("the shape of a SID for a unique name", "spec: {uniqueName: zz0123456789abcdefABCDEF0123456789}",
		`spec.uniqueName: Invalid value: "zz0123456789abcdefABCDEF0123456789": `+
			`must not be shaped like a SID: two letters followed by 32 hexadecimal digits`),
	refused("the prefix of generated names", "spec: {uniqueName: k8s.vip}",
		"spec.uniqueName: Invalid value: \"k8s.vip\": "+reserved),
	refused("the prefix of generated names with one capital letter", "spec: {uniqueName: K8s.vip}",
		"spec.uniqueName: Invalid value: \"K8s.vip\": "+reserved),
	refused("the prefix of generated names in capital letters", "spec: {uniqueName: K8S.vip}",
		"spec.uniqueName: Invalid value: \"K8S.vip\": "+reserved),
	refused("the prefix of generated names with letters that become k and s in another case", `spec: {uniqueName: "\u212a8\u017f.vip"}`,
		"spec.uniqueName: Invalid value: \"\u212a8\u017f.vip\": "+reserved),
	refused("nothing but the prefix of generated names", "spec: {uniqueName: k8S.}",
		"spec.uniqueName: Invalid value: \"k8S.\": "+reserved),
	refused("a slash in a unique name", "spec: {uniqueName: sales/vip}",
		`spec.uniqueName: Forbidden: `+slash),
	refused("a slash in a unique name with only an adoption policy", "spec: {uniqueName: sales/vip, adoption: {policy: IfExists}}",
		`spec.uniqueName: Forbidden: `+slash),
	refused("a unique name that breaks three rules, with all three", "spec: {uniqueName: 'k8s.a/ '}",
		`spec.uniqueName: Forbidden: `+slash,
		`spec.uniqueName: Invalid value: "k8s.a/ ": must not start or end with a space`,
		"spec.uniqueName: Invalid value: \"k8s.a/ \": "+reserved),

	refused("a state that only Twilio sets", "spec: {state: initializing}",
		`spec.state: Unsupported value: "initializing": supported values: "active", "inactive", "closed"`, unchecked),
	refused("a state in upper case", "spec: {state: Active}",
		`spec.state: Unsupported value: "Active": supported values: "active", "inactive", "closed"`, unchecked),
	empty("an empty state", "spec: {state: ''}",
		`spec.state: Unsupported value: "": supported values: "active", "inactive", "closed"`, unchecked),

	refused("an inactive timer under a minute", "spec: {timers: {inactive: PT59S}}",
		`spec.timers.inactive: Invalid value: "PT59S": `+underAMinute),
	refused("a closing timer under ten minutes", "spec: {timers: {closed: PT9M59S}}",
		`spec.timers.closed: Invalid value: "PT9M59S": `+underTenMinutes),
	refused("another spelling of zero", "spec: {timers: {closed: P0D}}",
		`spec.timers.closed: Invalid value: "P0D": `+underTenMinutes),
	refused("zero minutes", "spec: {timers: {inactive: PT0M}}",
		`spec.timers.inactive: Invalid value: "PT0M": `+underAMinute),
	refused("a Go duration", "spec: {timers: {inactive: 5m}}",
		`spec.timers.inactive: Invalid value: "5m": `+notADuration),
	refused("weeks", "spec: {timers: {closed: P1W}}",
		`spec.timers.closed: Invalid value: "P1W": `+notAClosedDuration),
	refused("months", "spec: {timers: {closed: P1M}}",
		`spec.timers.closed: Invalid value: "P1M": `+notAClosedDuration),
	refused("years", "spec: {timers: {closed: P1Y}}",
		`spec.timers.closed: Invalid value: "P1Y": `+notAClosedDuration),
	refused("fractions", "spec: {timers: {inactive: PT1.5M}}",
		`spec.timers.inactive: Invalid value: "PT1.5M": `+notADuration),
	refused("a duration without a number", "spec: {timers: {inactive: PT}}",
		`spec.timers.inactive: Invalid value: "PT": `+notADuration),
	refused("a duration that ends with T", "spec: {timers: {inactive: P1DT}}",
		`spec.timers.inactive: Invalid value: "P1DT": `+notADuration),
	refused("a duration in lower case", "spec: {timers: {inactive: pt1m}}",
		`spec.timers.inactive: Invalid value: "pt1m": `+notADuration),
	refused("a duration with its parts in another order", "spec: {timers: {inactive: PT1S1M}}",
		`spec.timers.inactive: Invalid value: "PT1S1M": `+notADuration),
	refused("a negative duration", "spec: {timers: {inactive: -PT1M}}",
		`spec.timers.inactive: Invalid value: "-PT1M": `+notADuration),
	refused("a duration with a line break after it", `spec: {timers: {inactive: "PT1M\n"}}`,
		`spec.timers.inactive: Invalid value: "PT1M\n": `+notADuration),
	refused("more digits than anyone needs", "spec: {timers: {inactive: PT1234567890S}}",
		`spec.timers.inactive: Invalid value: "PT1234567890S": `+notADuration),
	refused("a duration that is too long to read", "spec: {timers: {inactive: P"+strings.Repeat("0", 64)+"D}}",
		`spec.timers.inactive: Too long: may not be more than 64 bytes`, unchecked),
	empty("an empty duration", "spec: {timers: {closed: ''}}",
		`spec.timers.closed: Invalid value: "": `+notAClosedDuration),
	refused("both timers, each with its own mistake", "spec: {timers: {inactive: PT1S, closed: 1h}}",
		`spec.timers.inactive: Invalid value: "PT1S": `+underAMinute,
		`spec.timers.closed: Invalid value: "1h": `+notAClosedDuration),
	{name: "a duration as a number", manifest: conversation("spec: {timers: {inactive: 60}}"), want: []string{
		`spec.timers.inactive: Invalid value: "integer": spec.timers.inactive in body must be of type string: "integer"`,
		unchecked}},

	refused("a messaging service SID of another kind", "spec: {messagingServiceSid: "+isSID+"}",
		`spec.messagingServiceSid: Invalid value: "`+isSID+`": must be the SID of a Messaging Service: MG followed by 32 hexadecimal digits`),

	refused("a mail address that is too long", "spec: {bindings: {email: {address: "+strings.Repeat("a", 321)+"}}}",
		`spec.bindings.email.address: Too long: may not be more than 320 bytes`, unchecked),
	empty("an empty mail address", "spec: {bindings: {email: {address: ''}}}",
		`spec.bindings.email.address: Invalid value: "": must not be empty: leave it out instead`),
	refused("a sender's name that is too long", "spec: {bindings: {email: {name: "+strings.Repeat("a", 257)+"}}}",
		`spec.bindings.email.name: Too long: may not be more than 256 bytes`, unchecked),

	refused("a date without a time", "spec: {dateCreated: '2015-12-16'}",
		`spec.dateCreated: Invalid value: "2015-12-16": `+notADate),
	refused("a date without a zone", "spec: {dateCreated: '2015-12-16T22:18:37'}",
		`spec.dateCreated: Invalid value: "2015-12-16T22:18:37": `+notADate),
	refused("a date with a space", "spec: {dateCreated: '2015-12-16 22:18:37Z'}",
		`spec.dateCreated: Invalid value: "2015-12-16 22:18:37Z": `+notADate),
	refused("a date in lower case", "spec: {dateUpdated: '2015-12-16t22:18:37z'}",
		`spec.dateUpdated: Invalid value: "2015-12-16t22:18:37z": `+notADate),
	refused("a day that the month does not have", "spec: {dateCreated: '2015-02-29T22:18:37Z'}",
		`spec.dateCreated: Invalid value: "2015-02-29T22:18:37Z": `+notADate),
	refused("a leap second", "spec: {dateUpdated: '2016-12-31T23:59:60Z'}",
		`spec.dateUpdated: Invalid value: "2016-12-31T23:59:60Z": `+notADate),
	refused("an offset without a colon", "spec: {dateUpdated: '2016-12-31T23:59:59+0100'}",
		`spec.dateUpdated: Invalid value: "2016-12-31T23:59:59+0100": `+notADate),

	refused("an unknown adoption policy", "spec: {adoption: {policy: Always}}",
		`spec.adoption.policy: Unsupported value: "Always": supported values: "Never", "IfExists"`, unchecked),
	refused("the SID of something else to adopt", "spec: {adoption: {sid: "+isSID+"}}",
		`spec.adoption.sid: Invalid value: "`+isSID+`": must be the SID of a conversation: CH followed by 32 hexadecimal digits`),
	refused("an unknown management policy", "spec: {managementPolicy: Adopt}",
		`spec.managementPolicy: Unsupported value: "Adopt": supported values: "Enforce", "Report", "Observe"`, unchecked),
	refused("an unknown deletion policy", "spec: {deletionPolicy: Orphan}",
		`spec.deletionPolicy: Unsupported value: "Orphan": supported values: "Delete", "Retain"`, unchecked),
	refused("an unknown closed policy", "spec: {closedPolicy: Reopen}",
		`spec.closedPolicy: Unsupported value: "Reopen": supported values: "Keep", "Recreate"`, unchecked),

	{name: "a word for a boolean", manifest: conversation("spec: {webhookEnabled: 'yes'}"), want: []string{
		`spec.webhookEnabled: Invalid value: "string": spec.webhookEnabled in body must be of type boolean: "string"`,
		unchecked}},
	{name: "a field that does not exist", manifest: conversation("spec: {sid: " + chSID + "}"), want: []string{
		`Conversation in version "v1alpha1" cannot be handled as a Conversation: strict decoding error: unknown field "spec.sid"`}},
	{name: "two fields that do not exist", manifest: conversation("spec: {sid: a, timers: {open: PT1M}}"), want: []string{
		`Conversation in version "v1alpha1" cannot be handled as a Conversation: strict decoding error: ` +
			`unknown field "spec.sid", unknown field "spec.timers.open"`}},
	{name: "a list for a spec", manifest: conversation("spec: []"), want: []string{
		`spec: Invalid value: "array": spec in body must be of type object: "array"`, unchecked}},
}

var _ = Describe("A Conversation that is refused", func() {
	for _, row := range refusedConversations {
		It("has "+row.name, func(ctx context.Context) {
			Expect(refusals(create(ctx, "default", row.manifest))).To(ConsistOf(row.want))
			Expect(foretold(ctx, "", row.manifest)).To(ConsistOf(foretellable(row.want)))

			_, err := apply(ctx, "default", row.manifest, client.DryRunAll)
			Expect(err).To(HaveOccurred())
			conv, undecodable := decode(row.manifest)
			switch {
			case undecodable != nil:
				// Server-side apply cannot decode the manifest either, and has its own words for the error.
			case row.unheard:
				Expect(refusals(err)).To(ConsistOf(row.want))
				Expect(validate(&conv.Spec)).To(BeEmpty())
			default:
				Expect(refusals(err)).To(ConsistOf(row.want))
				expectAgreement(&conv.Spec, row.want)
			}
		})
	}
})
