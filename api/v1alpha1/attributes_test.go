// Copyright The conversations-operator Authors
// SPDX-License-Identifier: Apache-2.0

package v1alpha1_test

import (
	"bytes"
	"context"
	"encoding/json"

	"github.com/google/go-cmp/cmp"
	. "github.com/onsi/ginkgo/v2"
	. "github.com/onsi/gomega"
	"sigs.k8s.io/controller-runtime/pkg/client"

	"github.com/conversations-operator/conversations-operator/api/v1alpha1"
)

var _ = Describe("Attributes", func() {
	DescribeTable("come back as they were written:",
		func(ctx context.Context, written, want string) {
			namespace := newNamespace(ctx)
			_, err := apply(ctx, namespace, conversation("spec:\n  attributes: "+written))
			Expect(err).NotTo(HaveOccurred())

			key := client.ObjectKey{Namespace: namespace, Name: "vip"}
			conv := &v1alpha1.Conversation{}
			Expect(k8sClient.Get(ctx, key, conv)).To(Succeed())
			expectJSON(conv.Spec.Attributes.Raw, want)

			By("surviving a write of the whole object from Go")
			generation := conv.Generation
			conv.Finalizers = []string{v1alpha1.Finalizer}
			Expect(k8sClient.Update(ctx, conv)).To(Succeed())
			Expect(k8sClient.Get(ctx, key, conv)).To(Succeed())
			expectJSON(conv.Spec.Attributes.Raw, want)
			Expect(conv.Generation).To(Equal(generation))

			conv.Finalizers = nil
			Expect(k8sClient.Update(ctx, conv)).To(Succeed())
		},
		Entry("an empty object", "{}", `{}`),
		Entry("nested objects and arrays", "{a: {b: [{c: [[], {}]}]}}", `{"a":{"b":[{"c":[[],{}]}]}}`),
		Entry("an array", "[1, two, {three: 3}, [4]]", `[1,"two",{"three":3},[4]]`),
		Entry("an empty array", "[]", `[]`),
		Entry("a string", "feedback", `"feedback"`),
		Entry("an empty string", "''", `""`),
		Entry("a number", "42", `42`),
		Entry("a boolean", "false", `false`),
		Entry("null within", "{a: null, b: [null]}", `{"a":null,"b":[null]}`),
		Entry("integers as far as int64 goes", "[9223372036854775807, -9223372036854775808, 9007199254740993]",
			`[9223372036854775807,-9223372036854775808,9007199254740993]`),
		Entry("floats", "[1.5, 0.1, -2.5e-7, 1e21]", `[1.5,0.1,-2.5e-7,1e+21]`),
		Entry("an integer beyond int64, as near as a float can be", "[9223372036854775808]", `[9223372036854776000]`),
		Entry("unicode", `{"naïve 🎉": "\u2028 <&> \" \\ 日本"}`, `{"naïve 🎉":"\u2028 <&> \" \\ 日本"}`),
		Entry("keys that look like fields of Kubernetes",
			"{apiVersion: v1, kind: Pod, metadata: {name: 5}, status: [], $patch: delete}",
			`{"apiVersion":"v1","kind":"Pod","metadata":{"name":5},"status":[],"$patch":"delete"}`),
		Entry("strings that YAML would read as something else", `{a: "yes", b: "1", c: "null", d: "2015-12-16"}`,
			`{"a":"yes","b":"1","c":"null","d":"2015-12-16"}`),
	)

	It("that are null look left out from Go", func(ctx context.Context) {
		namespace := newNamespace(ctx)
		_, err := apply(ctx, namespace, conversation("spec: {attributes: null}"))
		Expect(err).NotTo(HaveOccurred())

		conv := &v1alpha1.Conversation{}
		Expect(k8sClient.Get(ctx, client.ObjectKey{Namespace: namespace, Name: "vip"}, conv)).To(Succeed())
		Expect(conv.Spec.Attributes).To(BeNil())
	})
})

// expectJSON compares by meaning, but integers digit by digit.
func expectJSON(got []byte, want string) {
	GinkgoHelper()
	Expect(cmp.Diff(parseJSON([]byte(want)), parseJSON(got))).To(BeEmpty())
}

func parseJSON(data []byte) any {
	GinkgoHelper()
	decoder := json.NewDecoder(bytes.NewReader(data))
	decoder.UseNumber()
	var value any
	Expect(decoder.Decode(&value)).To(Succeed())
	return value
}
