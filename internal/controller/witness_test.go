// Copyright The conversations-operator Authors
// SPDX-License-Identifier: Apache-2.0

package controller_test

import (
	. "github.com/onsi/ginkgo/v2"
	. "github.com/onsi/gomega"
	"sigs.k8s.io/controller-runtime/pkg/client"

	"github.com/conversations-operator/conversations-operator/api/v1alpha1"
)

// versions is how many versions of an object there were: its creation and every write since.
func versions(conv *v1alpha1.Conversation) int {
	return seen.Versions(client.ObjectKeyFromObject(conv))
}

var _ = AfterEach(func() { Expect(seen.Complaints()).To(BeEmpty()) })
