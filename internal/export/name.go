// Copyright The conversations-operator Authors
// SPDX-License-Identifier: Apache-2.0

package export

import (
	"strings"

	"github.com/conversations-operator/conversations-operator/internal/plan"
	"github.com/conversations-operator/conversations-operator/internal/twilio"
)

const (
	// maxReadable is how much of a unique name an object's name shows: the whole fits into a label.
	maxReadable = 48
	// sidShown is how many digits of the sid tell apart what reads the same, 48 bits.
	sidShown = 12
)

// Name is the name of the object of a conversation. It depends on the sid and the unique name alone, so that the same
// conversation has the same name whenever it is exported, and it holds enough of the sid to be nobody else's.
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

// label is what a name of an object can show of a text; empty where nothing of it can be shown.
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
