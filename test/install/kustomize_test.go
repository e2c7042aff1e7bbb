// Copyright The conversations-operator Authors
// SPDX-License-Identifier: Apache-2.0

package install_test

import (
	. "github.com/onsi/ginkgo/v2"
	. "github.com/onsi/gomega"
)

var _ = DescribeTable("kubectl apply and delete leave nothing behind",
	func(args ...string) {
		before := objects()
		kubectl(append([]string{"apply", "--server-side"}, args...)...)
		kubectl("wait", "-f", "config/crd/bases", "--for=condition=Established", "--timeout=60s")
		Expect(objects()).NotTo(Equal(before))
		kubectl(append([]string{"delete", "--timeout=60s"}, args...)...)
		Eventually(objects).Should(Equal(before))
	},
	Entry("config/default", "-k", "config/default"),
	Entry("dist/install.yaml", "-f", "dist/install.yaml"),
)
