// Copyright The conversations-operator Authors
// SPDX-License-Identifier: Apache-2.0

package simulator

import (
	"cmp"
	"encoding/json"
	"net/url"
	"slices"
	"strconv"
	"strings"
	"time"
	"unicode/utf8"
)

// Twilio's limits on the values of a conversation: names in characters, attributes in bytes.
const (
	friendlyNameMax = 256
	uniqueNameMax   = 256
	attributesMax   = 16 << 10
)

// edit applies the form of a request to a conversation.
type edit struct {
	c        *Conversation
	creating bool
	tenant   *tenant
	quirks   Quirks
	now      time.Time
}

// fields are the parameters of a create and an update, in the order of their checks.
var fields = []struct {
	key string
	set func(*edit, string) *apiError
}{
	{"FriendlyName", (*edit).friendlyName},
	{"UniqueName", (*edit).uniqueName},
	{"DateCreated", (*edit).dateCreated},
	{"DateUpdated", (*edit).dateUpdated},
	{"MessagingServiceSid", (*edit).messagingService},
	{"Attributes", (*edit).attributes},
	{"State", (*edit).state},
	{"Timers.Inactive", (*edit).inactiveTimer},
	{"Timers.Closed", (*edit).closedTimer},
	{"Bindings.Email.Address", (*edit).emailAddress},
	{"Bindings.Email.Name", (*edit).emailName},
}

// known counts the parameters of a conversation in a form. Twilio ignores all other parameters.
func known(form url.Values) int {
	n := 0
	for _, f := range fields {
		if form.Has(f.key) {
			n++
		}
	}
	return n
}

func (e *edit) apply(form url.Values) *apiError {
	for _, f := range fields {
		if !form.Has(f.key) {
			continue
		}
		if err := f.set(e, form.Get(f.key)); err != nil {
			return err
		}
	}
	return nil
}

// friendlyName keeps the old name if the new name is empty: Twilio answers 200 and does not clear the name
// (twilio-php#711).
func (e *edit) friendlyName(v string) *apiError {
	if utf8.RuneCountInString(v) > friendlyNameMax {
		return errFriendlyNameLength
	}
	e.c.FriendlyName = cmp.Or(v, e.c.FriendlyName)
	return nil
}

func (e *edit) uniqueName(v string) *apiError {
	if utf8.RuneCountInString(v) > cmp.Or(e.quirks.UniqueNameMax, uniqueNameMax) {
		return errUniqueNameLength
	}
	if conversationSID.MatchString(v) {
		return errUniqueNameSID
	}
	e.c.UniqueName = v
	return nil
}

func (e *edit) dateCreated(v string) *apiError {
	t, err := time.Parse(time.RFC3339, v)
	if err != nil {
		return errDateCreated
	}
	e.c.DateCreated = t.UTC().Truncate(time.Millisecond)
	return nil
}

func (e *edit) dateUpdated(v string) *apiError {
	t, err := time.Parse(time.RFC3339, v)
	if err != nil {
		return errDateUpdated
	}
	e.c.DateUpdated = t.UTC().Truncate(time.Millisecond)
	return nil
}

func (e *edit) messagingService(v string) *apiError {
	if !messagingServiceSID.MatchString(v) {
		return errMessagingService
	}
	cfg := e.tenant.configuration
	owned := cfg.MessagingServices
	if len(owned) > 0 && v != cfg.DefaultMessagingServiceSID && !slices.Contains(owned, v) {
		return errNotOurMessaging
	}
	e.c.MessagingServiceSID = v
	return nil
}

func (e *edit) attributes(v string) *apiError {
	length := len(v)
	if e.quirks.CountAttributesInCharacters {
		length = utf8.RuneCountInString(v)
	}
	if length > attributesMax {
		return errAttributesLength
	}
	if !json.Valid([]byte(v)) {
		return errAttributes
	}
	if e.quirks.RefuseScalarAttributes && json.Unmarshal([]byte(v), &map[string]any{}) != nil {
		return errAttributes
	}
	if e.quirks.NormalizeAttributes {
		v = normalize(v)
	}
	e.c.Attributes = v
	return nil
}

// normalize re-encodes valid JSON.
func normalize(text string) string {
	d := json.NewDecoder(strings.NewReader(text))
	d.UseNumber()
	var v any
	_ = d.Decode(&v)
	return string(encode(v))
}

func (e *edit) state(v string) *apiError {
	switch {
	case v == "":
		return errStateEmpty
	case v != Active && v != Inactive && v != Closed:
		return errState
	case v == Closed && e.creating:
		return errCreatedClosed
	}
	e.c.State = v
	return nil
}

func (e *edit) inactiveTimer(v string) *apiError {
	return e.timer(&e.c.Timers.Inactive, v, shortestInactiveTimer, errInactiveFormat, errInactiveShort)
}

func (e *edit) closedTimer(v string) *apiError {
	return e.timer(&e.c.Timers.Closed, v, shortestClosedTimer, errClosedFormat, errClosedShort)
}

func (e *edit) timer(t *Timer, v string, shortest time.Duration, malformed, short *apiError) *apiError {
	d, err := parseDuration(v)
	switch {
	case err != nil:
		return malformed
	case d < shortest && (d != 0 || e.quirks.RefuseZeroTimers):
		return short
	}
	t.set(v, e.now)
	return nil
}

func (e *edit) emailAddress(v string) *apiError {
	e.bind(&e.c.Email.Address, v)
	return nil
}

func (e *edit) emailName(v string) *apiError {
	e.bind(&e.c.Email.Name, v)
	return nil
}

func (e *edit) bind(field *string, v string) {
	if v != "" || !e.quirks.KeepBindings {
		*field = v
	}
}

func parseBool(key, v string, to *bool) *apiError {
	b, err := strconv.ParseBool(v)
	if err != nil {
		return invalidParameter(key)
	}
	*to = b
	return nil
}
