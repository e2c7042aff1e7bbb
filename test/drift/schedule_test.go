// Copyright The conversations-operator Authors
// SPDX-License-Identifier: Apache-2.0

package drift

import (
	"time"

	. "github.com/onsi/ginkgo/v2"
	. "github.com/onsi/gomega"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"

	"github.com/conversations-operator/conversations-operator/api/v1alpha1"
)

var _ = Describe("The time of a drift check", func() {
	// checkedAgo makes the last drift check end so long ago, and answers when that was.
	checkedAgo := func(w *world, d time.Duration) time.Time {
		GinkgoHelper()
		at := metav1.NewTime(time.Now().Add(-d).Truncate(time.Second))
		w.changeStatus(func(s *v1alpha1.AccountStatus) { s.LastDriftCheck = &v1alpha1.DriftCheck{CompletionTime: &at} })
		return at.Time
	}
	last := func(w *world) func() time.Time {
		return func() time.Time { return w.account().Status.LastDriftCheck.CompletionTime.Time }
	}
	interval := func(w *world, seconds *int32) {
		GinkgoHelper()
		w.changeAccount(func(acct *v1alpha1.TwilioAccount) { acct.Spec.DriftCheckIntervalSeconds = seconds })
		// An edit lets the credentials be checked, which tells that it was seen.
		Eventually(func() bool {
			acct := w.account()
			return acct.Status.ObservedGeneration == acct.Generation
		}).Should(BeTrue())
	}

	It("is every ten minutes unless the account says otherwise, restarts included", func() {
		w := newWorldWith(func(*v1alpha1.TwilioAccountSpec) {})
		w.many(5, same(`{}`))
		for _, c := range []struct {
			ago time.Duration
			due bool
		}{{9 * time.Minute, false}, {12 * time.Minute, true}} {
			w.stop()
			at := checkedAgo(w, c.ago)
			since, before := w.mark(), reconciles()
			w.start()
			Eventually(reconciles).Should(BeNumerically(">=", before+5))
			if c.due {
				Eventually(last(w)).Should(BeTemporally(">", at))
				only(since, map[string]int{"list": 1})
			} else {
				only(since, map[string]int{})
				Expect(last(w)()).To(BeTemporally("==", at))
			}
		}
	})

	It("follows an edit of the interval, and there is none while that is 0", func() {
		w := newWorldWith(func(s *v1alpha1.TwilioAccountSpec) { s.DriftCheckIntervalSeconds = new(int32(3600)) })
		w.many(5, same(`{}`))
		at := checkedAgo(w, 40*time.Minute)
		since := w.mark()
		interval(w, new(int32(0)))
		only(since, map[string]int{})
		interval(w, new(int32(3000)))
		only(since, map[string]int{})
		interval(w, new(int32(1800)))
		Eventually(last(w)).Should(BeTemporally(">", at))
		only(since, map[string]int{"list": 1})

		By("not checking when it is off and long ago, after a restart either")
		interval(w, new(int32(0)))
		checkedAgo(w, 1000*time.Hour)
		w.stop()
		before := reconciles()
		w.start()
		Eventually(reconciles).Should(BeNumerically(">=", before+5))
		only(since, map[string]int{"list": 1})
		Expect(w.check().Requests).To(BeEquivalentTo(1), "unless it is asked for")

		By("being as before when the interval goes")
		at = checkedAgo(w, time.Hour)
		interval(w, nil)
		Eventually(last(w)).Should(BeTemporally(">", at))
		only(since, map[string]int{"list": 3})
	})

	It("is the end of the interval also without anybody asking", func() {
		w := newWorldWith(func(s *v1alpha1.TwilioAccountSpec) { s.DriftCheckIntervalSeconds = new(int32(30)) })
		w.many(5, same(`{friendlyName: Mine}`))
		w.stop()
		at := checkedAgo(w, 27*time.Second)
		since := w.mark()
		w.start()
		Eventually(last(w)).Should(BeTemporally(">", at))
		Expect(w.account().Status.LastDriftCheck.StartTime.Sub(at)).To(BeNumerically(">=", 30*time.Second))
		only(since, map[string]int{"list": 1})
	})
})
