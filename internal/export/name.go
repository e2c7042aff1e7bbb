// Copyright The conversations-operator Authors
// SPDX-License-Identifier: Apache-2.0

package export

import (
	"strings"

	"github.com/conversations-operator/conversations-operator/internal/plan"
	"github.com/conversations-operator/conversations-operator/internal/twilio"
)

const (
	// maxReadable is the length of a unique name's part in an object's name, in characters. With the digits of the sid, the
	// whole name fits into a label.
	maxReadable = 48
	// sidShown is the number of the sid's digits in an object's name, 48 bits. The digits tell names with an equal readable
	// part apart.
	sidShown = 12
)

// Name returns the name of a conversation's object. The name depends on the sid and the unique name alone, so every export
// gives a conversation the same name. The name holds enough digits of the sid to differ from the name of any other
// conversation.
func Name(conv *twilio.Conversation) string {
	sid := strings.ToLower(conv.SID)
	readable := ""
	if !strings.HasPrefix(conv.UniqueName, plan.GeneratedPrefix) {
		readable = label(conv.UniqueName)
	}
	if readable == "" {
		return sid
	}
	return readable + "-" + sid[len(sid)-sidShown:]
}

// label returns the part of a text which an object's name can hold; empty: the name can hold no character of the text.
func label(text string) string {
	var b strings.Builder
	gap := false
	for _, r := range strings.ToLower(text) {
		if r >= 'a' && r <= 'z' || r >= '0' && r <= '9' {
			if gap && b.Len() > 0 {
				b.WriteByte('-')
			}
			b.WriteRune(r)
			gap = false
		} else {
			gap = true
		}
		if b.Len() >= maxReadable {
			break
		}
	}
	return b.String()
}
