// Copyright The conversations-operator Authors
// SPDX-License-Identifier: Apache-2.0

package plan

import (
	"crypto/sha256"
	"strings"
	"time"

	"github.com/conversations-operator/conversations-operator/internal/twilio"
)

// markBits is the length of a mark in bits. Each bit is a character.
const markBits = 32

// The two characters of a mark. Both are insignificant space in JSON.
const (
	markZero = ' '
	markOne  = '\t'
)

// Mark is the sign of a create: space after the JSON of the attributes. JSON gives such space no meaning, and Twilio
// keeps the text of attributes as sent. So a conversation shows which create made the conversation, even if another
// cluster sends the same values under the same unique name in the same second.
func (i *Intent) Mark() string {
	sum := sha256.Sum256([]byte(i.UID + " " + i.Time.UTC().Format(time.RFC3339Nano)))
	var b strings.Builder
	for bit := range markBits {
		if sum[bit/8]>>(bit%8)&1 == 0 {
			b.WriteByte(markZero)
		} else {
			b.WriteByte(markOne)
		}
	}
	return b.String()
}

// Signed is the form of the announced create, with the mark. A generated unique name is proof by itself and needs no
// mark. Attributes without room for a mark have no mark.
func (i *Intent) Signed(p twilio.Params) twilio.Params {
	if !i.Marked {
		return p
	}
	text := noAttributes
	if p.Attributes != nil {
		text = *p.Attributes
	}
	p.Attributes = new(text + i.Mark())
	return p
}

// markable tells whether a create for the facts' object carries a mark.
func markable(f *Facts) bool {
	text := attributes(&f.Object.Spec)
	return f.CreateName() != f.Generated && max(len(text), len(noAttributes))+markBits <= MaxAttributes
}

// markOf is the mark at the end of the attributes; empty without a mark.
func markOf(attributes string) string {
	at := len(attributes) - markBits
	// Attributes are JSON, so a text of space alone has no mark.
	if at <= 0 || strings.Trim(attributes[at:], string(markZero)+string(markOne)) != "" {
		return ""
	}
	return attributes[at:]
}

// Bears tells whether the conversation shows the mark of the intent's create. Such an answer shows that Twilio keeps
// marks.
func Bears(conv *twilio.Conversation, i *Intent) bool {
	return i != nil && i.Marked && markOf(conv.Attributes) == i.Mark()
}
