// Copyright The conversations-operator Authors
// SPDX-License-Identifier: Apache-2.0

package drift

import (
	"strconv"
	"testing"
	"testing/synctest"
	"time"

	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"

	"k8s.io/apimachinery/pkg/types"

	"github.com/conversations-operator/conversations-operator/api/v1alpha1"
	"github.com/conversations-operator/conversations-operator/internal/controller/account"
	"github.com/conversations-operator/conversations-operator/internal/controller/vanished"
	"github.com/conversations-operator/conversations-operator/internal/retry"
	"github.com/conversations-operator/conversations-operator/internal/tenancy"
)

func TestALongCheckGoesOn(t *testing.T) {
	for _, c := range []struct {
		name        string
		began, read time.Duration
		want        bool
	}{
		{"one that reads, for a day", 24 * time.Hour, time.Second, true},
		{"one that was interrupted for less than an interval", 2 * time.Hour, retry.DriftCheck.For - time.Second, true},
		{"one that read nothing for an interval", 2 * time.Hour, retry.DriftCheck.For, false},
	} {
		t.Run(c.name, func(t *testing.T) {
			synctest.Test(t, func(t *testing.T) {
				check := &check{started: time.Now().Add(-c.began), progressed: time.Now().Add(-c.read)}
				if got := check.stands(&v1alpha1.TwilioAccount{}, &account.Live{}); got != c.want {
					t.Errorf("it goes on: %t, want %t", got, c.want)
				}
			})
		})
	}
}

func TestWritesAreKnownForAsLongAsAnyCheckTakes(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		r, conv := driftReconciler(), &v1alpha1.Conversation{ObjectMeta: metav1.ObjectMeta{UID: "written"}}
		known := func() bool { return r.conversations.WroteSince(conv, time.Time{}) }
		r.conversations.Wrote(conv)
		began := time.Now()
		<-time.After(2 * writesKept)
		r.note(tenancy.Key{}, func(p *progress) { p.check = &check{started: began} })
		r.prune()
		if !known() {
			t.Error("a write since the beginning of a check is forgotten")
		}
		r.giveUp(tenancy.Key{})
		r.prune()
		if known() {
			t.Error("a write is remembered that nobody asks for any more")
		}
	})
}

func TestWhoVanishedIsRecreatedBeforeTheEndOnlyIfThereCannotBeTooMany(t *testing.T) {
	for _, c := range []struct {
		name                          string
		managed, lost, others, unread int
		want                          bool
	}{
		{"a few of many, and a few to read", 1000, 3, 0, 7, true},
		{"a few of many, and a tenth to read", 1000, 3, 0, 97, true},
		{"a few of many, and more than a tenth to read", 1000, 3, 0, 98, false},
		{"a few, and many were lost since the last check", 1000, 3, 90, 8, false},
		{"too many already", 100, 50, 0, 0, false},
		{"a few of a few, and nothing to read", 12, 10, 0, 0, true},
		{"a few of a few, and one to read", 12, 10, 0, 1, false},
	} {
		t.Run(c.name, func(t *testing.T) {
			check := &check{managed: c.managed, lost: c.lost, gone: vanished.NewLosses(), lossOf: "AC"}
			for i := range c.lost {
				check.vanished = append(check.vanished, &v1alpha1.Conversation{})
				check.gone.Note("AC", types.UID(strconv.Itoa(i)), vanished.Loss{Listed: true})
			}
			for i := range c.others {
				check.gone.Note("AC", types.UID("other"+strconv.Itoa(i)), vanished.Loss{Account: tenancy.Key{Kind: v1alpha1.TwilioAccountKind}})
			}
			s := newServiceCheck("IS")
			for i := range c.unread {
				s.unseen[strconv.Itoa(i)] = []*v1alpha1.Conversation{{}}
			}
			check.services = append(check.services, s)
			if got := len(check.release()); got != 0 != c.want || c.want && got != c.lost {
				t.Errorf("%d of %d are released", got, c.lost)
			}
			if got := len(check.release()); got != 0 {
				t.Errorf("%d are released twice", got)
			}
		})
	}
}
