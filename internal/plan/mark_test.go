// Copyright The conversations-operator Authors
// SPDX-License-Identifier: Apache-2.0

package plan

import (
	"testing"
	"time"

	"k8s.io/apimachinery/pkg/types"

	"github.com/conversations-operator/conversations-operator/internal/twilio"
)

// marked is what Twilio has of a create under an intent, which kept the text of the attributes.
func marked(i *Intent) with {
	return func(c *twilio.Conversation) { c.Attributes += i.Mark() }
}

// intentOf is what an object with that UID would announce for the same create at the same time.
func intentOf(uid string) *Intent {
	f := given(wanted)
	f.Object.UID, f.TwilioNow = types.UID("uid-"+uid), noon
	return new(NewIntent(f))
}

// keeping is an account of which it is known that Twilio keeps marks.
var keeping = accountIs(Account{SID: accountSID, KeepsMarks: true})

func TestAMarkTellsWhichCreateMadeAConversation(t *testing.T) {
	theirs := marked(intentOf("other"))
	cases := []struct {
		name  string
		facts func() *Facts
		want  bool
	}{
		{"A conversation with the mark of the create is ours, although Twilio said that the name exists",
			func() *Facts {
				f := given(wanted, intends(0, true), exists)
				finds(marked(f.Intent))(f)
				return f
			}, true},
		{"A conversation with the mark of the create is ours, whatever a clock that jumped says of its date",
			func() *Facts {
				f := given(wanted, intends(0, true))
				finds(bornAt(noon.Add(-2*time.Hour)), marked(f.Intent))(f)
				return f
			}, true},
		{"A conversation with the mark of an earlier create is ours, too",
			func() *Facts {
				f := given(wanted, intends(0, true))
				first := marked(f.Intent)
				all(later(10*time.Second), edit(friendly("newer")), intends(0, true), exists)(f)
				finds(called("VIP"), first)(f)
				return f
			}, true},
		{"A conversation with another mark is not ours, however alike and young",
			func() *Facts { return given(wanted, intends(0, true), finds(theirs)) }, false},
		{"A conversation without a mark is ours by its values and date where nothing is known of marks",
			func() *Facts { return given(wanted, intends(0, true), finds()) }, true},
		{"A conversation without a mark is not ours where Twilio keeps marks",
			func() *Facts { return given(wanted, intends(0, true), keeping, finds()) }, false},
		{"Space of another length is no mark",
			func() *Facts {
				return given(wanted, intends(0, true), finds(func(c *twilio.Conversation) { c.Attributes += " \n" }))
			}, true},
	}
	for _, c := range cases {
		t.Run(c.name, func(t *testing.T) {
			f := c.facts()
			if got := f.ours(); got != c.want {
				t.Errorf("ours: %t", got)
			}
		})
	}
}

func TestAMarkIsSpaceBehindTheAttributes(t *testing.T) {
	text := func(n int) string { return `"` + long(n-2) + `"` }
	cases := []struct {
		name  string
		facts *Facts
		// text is what the attributes of the create begin with; bare: they carry no mark.
		text string
		bare bool
	}{
		{"attributes of the spec", given(named("vip"), attributesOf(`{"a":1}`)), `{"a":1}`, false},
		{"no attributes", given(named("vip")), `{}`, false},
		{"a generated name is proof enough", given(attributesOf(`{"a":1}`)), `{"a":1}`, true},
		{"the longest attributes that leave room", given(named("vip"), attributesOf(text(MaxAttributes-markBits))), text(MaxAttributes - markBits), false},
		{"attributes that leave no room", given(named("vip"), attributesOf(text(MaxAttributes-markBits+1))), text(MaxAttributes - markBits + 1), true},
	}
	for _, c := range cases {
		t.Run(c.name, func(t *testing.T) {
			i := NewIntent(c.facts)
			p := i.Signed(CreateParams(c.facts))
			want := c.text + i.Mark()
			if c.bare {
				want = c.text
			}
			if got := *p.Attributes; got != want {
				t.Errorf("attributes %q, want %q", got, want)
			}
			if !SameAttributes(*p.Attributes, c.text) {
				t.Errorf("%q does not mean %q", *p.Attributes, c.text)
			}
			if len(*p.Attributes) > MaxAttributes {
				t.Errorf("%d bytes are more than Twilio takes", len(*p.Attributes))
			}
		})
	}
}

func TestMarksDiffer(t *testing.T) {
	f := given(wanted)
	f.TwilioNow = noon
	first := NewIntent(f)
	f.Now = f.Now.Add(time.Millisecond)
	for name, other := range map[string]*Intent{"another object": intentOf("other"), "a moment later": new(NewIntent(f))} {
		if other.Mark() == first.Mark() {
			t.Errorf("%s has the same mark", name)
		}
	}
	if again := ParseIntent(first.String()); again.Mark() != first.Mark() {
		t.Error("the mark is lost with the text of the intent")
	}
}
