// Copyright The conversations-operator Authors
// SPDX-License-Identifier: Apache-2.0

package controller_test

import (
	"context"

	. "github.com/onsi/ginkgo/v2"
	. "github.com/onsi/gomega"
	"sigs.k8s.io/controller-runtime/pkg/client"

	"github.com/conversations-operator/conversations-operator/api/v1alpha1"
	"github.com/conversations-operator/conversations-operator/test/invariant"
)

// witness sees every version of every Conversation and account that the API server hands out, and checks what must hold of
// each.
type witness struct{ *invariant.Witness }

func observe(ctx context.Context) *witness {
	GinkgoHelper()
	w, err := invariant.Watch(ctx, k8s)
	Expect(err).NotTo(HaveOccurred())
	return &witness{w}
}

// writes is how many versions of an object there were: its creation and every write since.
func (w *witness) writes(conv *v1alpha1.Conversation) int {
	return w.Versions(client.ObjectKeyFromObject(conv))
}

var _ = AfterEach(func() { Expect(seen.Complaints()).To(BeEmpty()) })
