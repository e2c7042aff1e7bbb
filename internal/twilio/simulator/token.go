// Copyright The conversations-operator Authors
// SPDX-License-Identifier: Apache-2.0

package simulator

import (
	"slices"
	"strings"
	"time"
)

// tokenTime is the format of times in page tokens, as seen in twilio-go#226: PTclosed_2024-01-18T03:17:17.005Z_CH….
const tokenTime = "2006-01-02T15:04:05.000Z"

// pageToken is a position in a list. The page begins after the position, or, with back, ends before the position.
type pageToken struct {
	back  bool
	state string
	at    time.Time
	sid   string
}

func (t pageToken) String() string {
	prefix := "PT"
	if t.back {
		prefix = "PB"
	}
	return prefix + t.state + "_" + t.at.Format(tokenTime) + "_" + t.sid
}

func parseToken(text string) (*pageToken, bool) {
	t := &pageToken{back: strings.HasPrefix(text, "PB")}
	if len(text) < 2 || (!t.back && !strings.HasPrefix(text, "PT")) {
		return nil, false
	}
	parts := strings.Split(text[2:], "_")
	if len(parts) != 3 || !slices.Contains(states, parts[0]) || !conversationSID.MatchString(parts[2]) {
		return nil, false
	}
	at, err := time.Parse(tokenTime, parts[1])
	if err != nil {
		return nil, false
	}
	t.state, t.at, t.sid = parts[0], at, parts[2]
	return t, true
}
