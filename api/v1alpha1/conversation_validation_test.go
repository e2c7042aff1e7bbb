// Copyright The conversations-operator Authors
// SPDX-License-Identifier: Apache-2.0

package v1alpha1_test

import (
	"context"
	"math/rand/v2"
	"strings"
	"time"

	. "github.com/onsi/ginkgo/v2"
	. "github.com/onsi/gomega"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
	"sigs.k8s.io/controller-runtime/pkg/client"

	"github.com/conversations-operator/conversations-operator/api/v1alpha1"
	"github.com/conversations-operator/conversations-operator/test/testbed/random"
)

// generated is how many specs each generator makes.
const generated = 400

var _ = Describe("The Go validator", func() {
	DescribeTable("agrees with the API server on generated",
		func(ctx context.Context, fill func(*v1alpha1.ConversationSpec, *generator)) {
			seed := GinkgoRandomSeed()
			g := &generator{Rand: random.Source(uint64(seed), 0)}
			verdicts := map[bool]int{}
			for range generated {
				conv := &v1alpha1.Conversation{ObjectMeta: metav1.ObjectMeta{Namespace: "default", Name: "vip"}}
				fill(&conv.Spec, g)
				spec := conv.Spec.DeepCopy()

				err := k8sClient.Create(ctx, conv, client.DryRunAll)
				verdicts[err == nil]++
				if err == nil {
					Expect(validate(spec)).To(BeEmpty(), "%+v", spec)
				} else {
					expectAgreement(spec, refusals(err))
				}
				expectDatesForGo(spec)
			}
			Expect(verdicts[true]).To(BeNumerically(">", generated/50), "too few were accepted to prove anything")
			Expect(verdicts[false]).To(BeNumerically(">", generated/50), "too few were refused to prove anything")
		},
		Entry("unique names", func(spec *v1alpha1.ConversationSpec, g *generator) {
			spec.UniqueName = g.text("a", "B", "7", "é", "🎉", ".", "..", "k8s.", "K8s.", "K8S", "k8s", "\u212a", "\u017f", " ", "\t", "\n", "\u00a0", "\u0085", "\u009f",
				"\u2028", "\u3000", "\ufeff", "\u200b", "\x7f", "\x00", "/", `\`, "%2F", chSID, chSID[:33], strings.Repeat("é", 255))
			if g.IntN(3) == 0 {
				spec.Adoption = &v1alpha1.AdoptionSpec{SID: g.pick("", chSID)}
			}
		}),
		Entry("timers", func(spec *v1alpha1.ConversationSpec, g *generator) {
			spec.Timers = &v1alpha1.TimersSpec{Inactive: g.duration(), Closed: g.duration()}
		}),
		Entry("dates", func(spec *v1alpha1.ConversationSpec, g *generator) {
			spec.DateCreated, spec.DateUpdated = g.date(), g.date()
		}),
		Entry("SIDs", func(spec *v1alpha1.ConversationSpec, g *generator) {
			spec.ChatServiceSID, spec.MessagingServiceSID = g.sid("IS"), g.sid("MG")
			spec.Adoption = &v1alpha1.AdoptionSpec{SID: g.sid("CH")}
		}),
		Entry("names of accounts", func(spec *v1alpha1.ConversationSpec, g *generator) {
			spec.AccountRef = &v1alpha1.AccountReference{
				Kind: v1alpha1.AccountKind(g.pick("", "TwilioAccount", "ClusterTwilioAccount", "Secret")),
				Name: g.text("a", "0", "-", ".", "default", "default", "A", "_", "é", "\n", strings.Repeat("a", 126)),
			}
		}),
		Entry("choices and texts", func(spec *v1alpha1.ConversationSpec, g *generator) {
			spec.State = v1alpha1.ConversationState(g.pick("", "active", "inactive", "closed", "initializing", "Active"))
			spec.ManagementPolicy = v1alpha1.ManagementPolicy(g.pick("", "Enforce", "Report", "Observe", "Manage"))
			spec.DeletionPolicy = v1alpha1.DeletionPolicy(g.pick("", "Delete", "Retain", "Orphan"))
			spec.ClosedPolicy = v1alpha1.ClosedPolicy(g.pick("", "Keep", "Recreate", "Reopen"))
			spec.Adoption = &v1alpha1.AdoptionSpec{Policy: v1alpha1.AdoptionPolicy(g.pick("", "Never", "IfExists", "Always"))}
			spec.FriendlyName = g.pick("", "a", strings.Repeat("é", 256), strings.Repeat("é", 257))
			spec.Bindings = &v1alpha1.BindingsSpec{Email: &v1alpha1.EmailBindingSpec{
				Address: g.pick("", "a@example.com", strings.Repeat("é", 320), strings.Repeat("é", 321)),
				Name:    g.pick("", "a", strings.Repeat("é", 256), strings.Repeat("é", 257)),
			}}
		}),
	)

	It("has nothing to say of a spec with nothing in it", func() {
		Expect(new(v1alpha1.ConversationSpec{}).Validate()).To(BeEmpty())
	})
})

// expectDatesForGo checks that Go can parse every date of a valid spec.
func expectDatesForGo(spec *v1alpha1.ConversationSpec) {
	GinkgoHelper()
	if len(spec.Validate()) > 0 {
		return
	}
	for _, date := range []string{spec.DateCreated, spec.DateUpdated} {
		if date != "" {
			_, err := time.Parse(time.RFC3339, date)
			Expect(err).NotTo(HaveOccurred())
		}
	}
}

// generator makes values on both sides of the rules, and close to them.
type generator struct{ *rand.Rand }

func (g *generator) pick(choices ...string) string { return choices[g.IntN(len(choices))] }

// text joins one to four of the pieces.
func (g *generator) text(pieces ...string) string {
	var b strings.Builder
	for range 1 + g.IntN(4) {
		b.WriteString(g.pick(pieces...))
	}
	return b.String()
}

// duration returns a duration, usually well formed: each part may be missing or out of order.
func (g *generator) duration() string {
	number := func() string {
		return g.pick("0", "1", "9", "00", "10", "59", "60", "599", "600", "35999", "999999999", "1000000000", "1.5", "-1", "")
	}
	part := func(unit string) string {
		if g.IntN(2) == 0 {
			return ""
		}
		return number() + unit
	}
	switch g.IntN(8) {
	case 0:
		return g.text("P", "T", "0", "1", "D", "H", "M", "S", "W", "PT0S", "PT", "\n")
	case 1:
		units := []string{"D", "H", "M", "S", "W", "Y"}
		g.Shuffle(len(units), func(i, j int) { units[i], units[j] = units[j], units[i] })
		return "P" + part(units[0]) + "T" + part(units[1]) + part(units[2])
	case 2:
		return g.pick("PT0S", "PT1M", "PT10M", "P1D", "PT60S", "PT600S")
	}
	date, clock := part("D"), part("H")+part("M")+part("S")
	if clock != "" {
		clock = "T" + clock
	}
	return "P" + date + clock
}

// date returns a date. About one part of twelve is wrong.
func (g *generator) date() string {
	or := func(good, bad string) string {
		if g.IntN(12) == 0 {
			return bad
		}
		return good
	}
	day := g.pick("01", "09", "28", "28", "28", "29", "30", "31")
	return or(g.pick("2015", "2016", "1900", "2000", "0000", "9999"), g.pick("15", "02015", "-2015")) +
		or("-", "/") + or(g.pick("01", "02", "04", "12"), g.pick("00", "13", "1")) +
		"-" + or(day, g.pick("00", "32", "1")) +
		or("T", g.pick("t", " ", "")) +
		or(g.pick("00", "19", "23"), g.pick("24", "1")) + ":" + or(g.pick("00", "59"), g.pick("60", "1")) +
		or(":"+g.pick("00", "59"), g.pick(":60", "")) +
		or(g.pick("", "", ".5", ".123456789"), g.pick(".", ",5", ".1234567890")) +
		or(g.pick("Z", "+00:00", "-00:00", "+23:59"), g.pick("z", "", "+0100", "+24:00", "+01:60", "Z\n"))
}

// sid is right most of the time, else of another kind, another length, or not hexadecimal.
func (g *generator) sid(prefix string) string {
	length := 32
	if g.IntN(8) == 0 {
		length = 31 + g.IntN(3)
	}
	digits := make([]byte, length)
	for i := range digits {
		digits[i] = "0123456789abcdefABCDEF"[g.IntN(22)]
	}
	if g.IntN(8) == 0 {
		digits[g.IntN(length)] = 'g'
	}
	if g.IntN(8) == 0 {
		prefix = g.pick("IS", "MG", "CH", "AC", strings.ToLower(prefix))
	}
	return prefix + string(digits)
}
