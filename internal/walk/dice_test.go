// Copyright The conversations-operator Authors
// SPDX-License-Identifier: Apache-2.0

package walk_test

import (
	"fmt"
	"math/rand/v2"
	"strings"
	"time"

	apiextensionsv1 "k8s.io/apiextensions-apiserver/pkg/apis/apiextensions/v1"

	"github.com/conversations-operator/conversations-operator/api/v1alpha1"
	"github.com/conversations-operator/conversations-operator/internal/twilio"
)

// dice draws what the properties are tried on. The same seed draws the same.
type dice struct{ *rand.Rand }

func newDice(seed int) dice { return dice{rand.New(rand.NewPCG(uint64(seed), 0))} }

func one[T any](d dice, of ...T) T { return of[d.IntN(len(of))] }

func (d dice) chance(percent int) bool { return d.IntN(100) < percent }

// value is a text or, half of the time, none.
func (d dice) value(of ...string) string {
	if d.chance(50) {
		return ""
	}
	return one(d, of...)
}

// sid is a SID of a kind.
func sid(kind string, digit byte) string { return kind + strings.Repeat(string(digit), 32) }

// jsonOf is the value of a field; nil for no text.
func jsonOf(text string) *apiextensionsv1.JSON {
	if text == "" {
		return nil
	}
	return &apiextensionsv1.JSON{Raw: []byte(text)}
}

// emailIn makes room for what is set in it.
func emailIn(c *twilio.Conversation) *twilio.EmailBinding {
	if c.Bindings.Email == nil {
		c.Bindings.Email = &twilio.EmailBinding{}
	}
	return c.Bindings.Email
}

var someAttributes = []string{`{}`, `{"a":1}`, `{"a":1.0,"b":[true]}`, `[1,2]`, `"text"`, `{"n":9007199254740993}`, `null`}

// spec draws a spec that the CRD takes. What must not change later is left out.
func (d dice) spec() v1alpha1.ConversationSpec {
	s := v1alpha1.ConversationSpec{
		FriendlyName: d.value("VIP", " vip ", "Other"), UniqueName: d.value("vip", "other"),
		MessagingServiceSID: d.value(sid("MG", '1'), sid("MG", '2')),
		Attributes:          jsonOf(d.value(someAttributes...)),
		State:               one[v1alpha1.ConversationState](d, "", "", "active", "inactive", "closed"),
		DateCreated:         "",
		ManagementPolicy:    one[v1alpha1.ManagementPolicy](d, "", "", "", "Enforce", "Report", "Observe"),
		DeletionPolicy:      one[v1alpha1.DeletionPolicy](d, "", "", "Delete", "Retain"),
		ClosedPolicy:        one[v1alpha1.ClosedPolicy](d, "", "", "Keep", "Recreate"),
		Suspend:             d.chance(3),
	}
	if d.chance(40) {
		s.Timers = &v1alpha1.TimersSpec{Inactive: d.value("PT1M", "PT60S", "PT5M", "PT0S"), Closed: d.value("PT10M", "PT1H", "PT0S")}
	}
	if d.chance(30) {
		s.Bindings = &v1alpha1.BindingsSpec{Email: &v1alpha1.EmailBindingSpec{Address: d.value("A@example.com", "b@example.com"), Name: d.value("Anna")}}
	}
	if d.chance(40) {
		s.Adoption = &v1alpha1.AdoptionSpec{Policy: one[v1alpha1.AdoptionPolicy](d, "", "Never", "IfExists", "IfExists")}
	}
	return s
}

// conversation draws what somebody else may have at Twilio.
func (d dice) conversation(n int, now time.Time) *modelled {
	c := &modelled{Conversation: twilio.Conversation{
		SID: fmt.Sprintf("CH%032x", 1000+n), AccountSID: accountSID, ChatServiceSID: serviceSID,
		MessagingServiceSID: one(d, messagingSID, sid("MG", '1'), sid("MG", '2'), ""),
		FriendlyName:        d.value("VIP", "other", strings.Repeat("x", 300)),
		UniqueName:          d.value("vip", "other", "a/b", "k8s.someone.else", generated),
		Attributes:          one(d, append(someAttributes, ` {"b": 1, "a": 1e2} `, `{"n":123456789012345678901234567890}`, `{"a":1,"a":2}`, `1e400`, `not JSON`)...),
		State:               one(d, twilio.StateActive, twilio.StateActive, twilio.StateInactive, twilio.StateClosed),
		DateCreated:         new(now.Add(-time.Hour)), Bindings: &twilio.Bindings{},
	}}
	if d.chance(30) {
		long := strings.Repeat("x", 400)
		c.Bindings.Email = &twilio.EmailBinding{Address: d.value("a@example.com", "b@example.com", long), Name: d.value("Anna", "Berta", long)}
	}
	if c.State == twilio.StateActive && d.chance(30) {
		c.inactive = 5 * time.Minute
		c.Timers.DateInactive = new(now.Add(c.inactive))
	}
	if c.State != twilio.StateClosed && d.chance(30) {
		c.closed = 20 * time.Minute
		c.Timers.DateClosed = new(now.Add(c.closed))
	}
	return c
}

// meddle is what somebody else, a participant or time does to a conversation.
func (d dice) meddle(m *model, c *modelled) string {
	kind := one(d, "message", "name", "attributes", "state", "timer", "unique name", "binding", "time")
	if c.State == twilio.StateClosed {
		kind = "time"
	}
	switch kind {
	case "message":
		m.message(c)
	case "name":
		c.FriendlyName = one(d, "VIP", "meddled")
	case "attributes":
		c.Attributes = one(d, `{"meddled":true}`, `{"a": 1}`)
	case "state":
		m.apply(c, twilio.Params{State: new(one(d, twilio.StateActive, twilio.StateInactive, twilio.StateClosed))})
	case "timer":
		m.apply(c, twilio.Params{TimersClosed: new(one(d, "PT10M", "PT0S"))})
	case "unique name":
		if name := one(d, "", "meddled"); m.find(name) == nil {
			c.UniqueName = name
		}
	case "binding":
		emailIn(&c.Conversation).Address = "meddled@example.com"
	}
	m.advance(one(d, time.Second, time.Minute, 11*time.Minute))
	return kind
}
