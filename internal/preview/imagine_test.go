// Copyright The conversations-operator Authors
// SPDX-License-Identifier: Apache-2.0

package preview

import (
	"testing"

	"github.com/conversations-operator/conversations-operator/api/v1alpha1"
	"github.com/conversations-operator/conversations-operator/internal/plan"
	"github.com/conversations-operator/conversations-operator/internal/twilio"
	"github.com/conversations-operator/conversations-operator/internal/walk"
)

func TestANameThatAnObjectTakesIsTakenForTheObjectsAfterIt(t *testing.T) {
	p := &Preview{Creations: Creations{}, Service: "IS1"}
	as := func(name string) *world {
		conv := &v1alpha1.Conversation{}
		conv.Namespace, conv.Name = "ns", name
		return &world{Preview: p, object: conv, pass: &walk.Pass{Facts: plan.Facts{Object: conv}}}
	}
	conv := &twilio.Conversation{SID: "CH1"}
	as("first").remember("vip", conv)
	if c := as("first").before("vip"); c != nil {
		t.Error("an object finds its own name taken")
	}
	if c := as("second").before("vip"); c == nil || c.conv != conv || c.object != "ns/first" {
		t.Errorf("the second object finds %+v", c)
	}
	if c := as("second").before("other"); c != nil {
		t.Errorf("nobody took the name, and it is taken by %+v", c)
	}
}

func TestAnOutcomeWritesIfTwilioWouldChange(t *testing.T) {
	for _, c := range []struct {
		name  string
		steps []plan.Verb
		want  bool
	}{
		{"no step", nil, false},
		{"an adoption is recorded in the object alone", []plan.Verb{plan.Adopt}, false},
		{"an adoption that corrects", []plan.Verb{plan.Adopt, plan.Update}, true},
		{"a deletion", []plan.Verb{plan.Delete}, true},
	} {
		t.Run(c.name, func(t *testing.T) {
			if got := (&Outcome{Steps: c.steps}).Writes(); got != c.want {
				t.Errorf("got %t", got)
			}
		})
	}
}
