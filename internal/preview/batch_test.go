// Copyright The conversations-operator Authors
// SPDX-License-Identifier: Apache-2.0

package preview

import (
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"

	"github.com/conversations-operator/conversations-operator/api/v1alpha1"
	"github.com/conversations-operator/conversations-operator/internal/twilio"
)

var noon = time.Date(2026, 1, 2, 12, 0, 0, 0, time.UTC)

// recorded is the status of an object whose conversation was created and updated then.
func recorded(sid string, created, updated time.Time) *v1alpha1.Conversation {
	c := &v1alpha1.Conversation{}
	c.Status.SID, c.Status.DateCreated, c.Status.DateUpdated = sid, new(metav1.NewTime(created)), new(metav1.NewTime(updated))
	return c
}

func TestAListIsBelievedUnlessItIsOlderThanTheStatus(t *testing.T) {
	for _, c := range []struct {
		name  string
		entry *twilio.Conversation
		want  bool
	}{
		{"an entry as it was recorded", &twilio.Conversation{SID: "CH1", DateUpdated: &noon}, true},
		{"an entry that was updated since", &twilio.Conversation{SID: "CH1", DateUpdated: new(noon.Add(time.Second))}, true},
		{"an entry without a date of its update", &twilio.Conversation{SID: "CH1"}, true},
		{"an entry that is older than the status", &twilio.Conversation{SID: "CH1", DateUpdated: new(noon.Add(-time.Second))}, false},
		{"an entry that nobody asked for", &twilio.Conversation{SID: "CH2", DateUpdated: &noon}, false},
	} {
		t.Run(c.name, func(t *testing.T) {
			b := NewBatch(nil)
			b.Add(Place{SID: "CH1"}, recorded("CH1", noon.Add(-time.Hour), noon))
			w := b.services[""]
			if got := w.sees(c.entry); got != c.want {
				t.Fatalf("got %t", got)
			}
			if _, unseen := w.unseen["CH1"]; unseen == c.want {
				t.Error("what was seen is still looked for, or what was not is not")
			}
		})
	}
}

func TestAListBeginsWhereItsConversationsWereCreated(t *testing.T) {
	early, late := noon.Add(-48*time.Hour), noon.Add(48*time.Hour)
	undated := &v1alpha1.Conversation{}
	undated.Status.SID = "CH3"
	for _, c := range []struct {
		name string
		add  []*v1alpha1.Conversation
		want twilio.ListOptions
	}{
		{"the dates bound it", []*v1alpha1.Conversation{recorded("CH1", late, late), recorded("CH2", early, late), recorded("CH3", noon, noon)},
			twilio.ListOptions{StartDate: early, EndDate: late, SkipUnreadable: true}},
		{"the date of one is not known", []*v1alpha1.Conversation{recorded("CH1", late, late), undated},
			twilio.ListOptions{StartDate: time.Unix(0, 0), SkipUnreadable: true}},
	} {
		t.Run(c.name, func(t *testing.T) {
			b := NewBatch(nil)
			for _, conv := range c.add {
				b.Add(Place{Service: "IS1", SID: conv.Status.SID}, conv)
			}
			if diff := cmp.Diff(c.want, b.services["IS1"].options()); diff != "" {
				t.Error(diff)
			}
		})
	}
}
