// Copyright The conversations-operator Authors
// SPDX-License-Identifier: Apache-2.0

package scale

import (
	"os"
	"runtime"

	. "github.com/onsi/ginkgo/v2"
	. "github.com/onsi/gomega"

	"github.com/conversations-operator/conversations-operator/api/v1alpha1"
)

var _ = Describe("A manager that is started and stopped twenty times", func() {
	It("leaves no goroutine, no file and no memory behind", func() {
		const cycles, objects = 20, 20
		t := newTenant()
		t.many(objects)
		t.synced(objects)
		cycle := func() {
			GinkgoHelper()
			m := startManager(t.Namespace)
			// It works beside the manager of the suite, on the same objects.
			t.edited("c0000")
			Expect(m.Stop()).To(Succeed())
		}
		cycle()
		Eventually(goroutines.settled).Should(BeTrue())
		before, files, memory := runtime.NumGoroutine(), openFiles(), heap()
		for range cycles {
			cycle()
		}
		Eventually(runtime.NumGoroutine).Should(BeNumerically("<=", before+goroutineSlack))
		Eventually(openFiles).Should(BeNumerically("<=", files+fileSlack))
		Expect(heap()).To(BeNumerically("<=", memory+memorySlack))
		Expect(seen.Are(t.Namespace, v1alpha1.ReasonSynced)).To(Equal(objects))
	})
})

// The suite's own manager, its connections and its witness come and go a little. A leak would be twenty times as much as a
// cycle leaves behind.
const (
	goroutineSlack = 15
	fileSlack      = 8
	memorySlack    = 8 << 20
)

// count notices when the number of goroutines stays as it is.
type count struct{ last int }

var goroutines = &count{}

func (c *count) settled() bool {
	n := runtime.NumGoroutine()
	same := n == c.last
	c.last = n
	return same
}

func openFiles() int {
	GinkgoHelper()
	all, err := os.ReadDir("/dev/fd")
	Expect(err).NotTo(HaveOccurred())
	return len(all)
}

// heap is what is in use once what is not has been collected.
func heap() uint64 {
	runtime.GC()
	var stats runtime.MemStats
	runtime.ReadMemStats(&stats)
	return stats.HeapAlloc
}
