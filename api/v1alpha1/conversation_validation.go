// Copyright The conversations-operator Authors
// SPDX-License-Identifier: Apache-2.0

package v1alpha1

import (
	"regexp"
	"slices"
	"strconv"
	"strings"
	"time"
	"unicode"
	"unicode/utf8"

	"k8s.io/apimachinery/pkg/util/validation/field"
)

// Validate returns the errors with which the CRD would refuse a new object with this spec, with the same fields and
// messages. It serves where no API server has checked the spec: for files, and for objects that were stored before a
// rule became stricter.
//
// Two mistakes only the API server can see: a field that is set to an empty string (here such a field looks left out),
// and a change of an immutable field.
func (s *ConversationSpec) Validate() field.ErrorList {
	path := field.NewPath("spec")
	errs := slices.Concat(
		s.AccountRef.validate(path.Child("accountRef")),
		check(path.Child("chatServiceSid"), s.ChatServiceSID, 34, chatServiceSIDRule),
		check(path.Child("friendlyName"), s.FriendlyName, 256),
		check(path.Child("uniqueName"), s.UniqueName, 256, uniqueNameRules...),
		oneOf(path.Child("state"), s.State, StateActive, StateInactive, StateClosed),
		s.Timers.validate(path.Child("timers")),
		check(path.Child("messagingServiceSid"), s.MessagingServiceSID, 34, messagingServiceSIDRule),
		s.Bindings.validate(path.Child("bindings")),
		check(path.Child("dateCreated"), s.DateCreated, 64, dateRule),
		check(path.Child("dateUpdated"), s.DateUpdated, 64, dateRule),
		s.Adoption.validate(path.Child("adoption")),
		oneOf(path.Child("managementPolicy"), s.ManagementPolicy,
			ManagementPolicyEnforce, ManagementPolicyReport, ManagementPolicyObserve),
		oneOf(path.Child("deletionPolicy"), s.DeletionPolicy, DeletionPolicyDelete, DeletionPolicyRetain),
		oneOf(path.Child("closedPolicy"), s.ClosedPolicy, ClosedPolicyKeep, ClosedPolicyRecreate),
	)
	if strings.Contains(s.UniqueName, "/") && (s.Adoption == nil || s.Adoption.SID == "") {
		errs = append(errs, field.Forbidden(path.Child("uniqueName"),
			"must not contain a slash unless `adoption.sid` is set: Twilio cannot look up such a name"))
	}
	return errs
}

func (r *AccountReference) validate(path *field.Path) field.ErrorList {
	if r == nil {
		return nil
	}
	errs := oneOf(path.Child("kind"), r.Kind, TwilioAccountKind, ClusterTwilioAccountKind)
	if r.Name == "" {
		return append(errs, field.Required(path.Child("name"), ""))
	}
	return append(errs, check(path.Child("name"), r.Name, 253, accountNameRule)...)
}

func (t *TimersSpec) validate(path *field.Path) field.ErrorList {
	if t == nil {
		return nil
	}
	return append(
		check(path.Child("inactive"), t.Inactive, 64, durationRule("PT1M"), minimumRule(time.Minute, "one minute (PT1M)")),
		check(path.Child("closed"), t.Closed, 64, durationRule("PT10M"), minimumRule(10*time.Minute, "ten minutes (PT10M)"))...,
	)
}

func (b *BindingsSpec) validate(path *field.Path) field.ErrorList {
	if b == nil || b.Email == nil {
		return nil
	}
	email := path.Child("email")
	return append(
		check(email.Child("address"), b.Email.Address, 320),
		check(email.Child("name"), b.Email.Name, 256)...,
	)
}

func (a *AdoptionSpec) validate(path *field.Path) field.ErrorList {
	if a == nil {
		return nil
	}
	return append(
		oneOf(path.Child("policy"), a.Policy, AdoptionPolicyNever, AdoptionPolicyIfExists),
		check(path.Child("sid"), a.SID, 34, conversationSIDRule)...,
	)
}

// rule is a condition that a value must meet, and the message of the error otherwise.
type rule struct {
	message string
	holds   func(value string) bool
}

// check returns one error for every rule that the value breaks. An empty value breaks no rule.
func check(path *field.Path, value string, maxLength int, rules ...rule) field.ErrorList {
	if value == "" {
		return nil
	}
	if utf8.RuneCountInString(value) > maxLength {
		return field.ErrorList{field.TooLong(path, value, maxLength)}
	}
	var errs field.ErrorList
	for _, r := range rules {
		if !r.holds(value) {
			errs = append(errs, field.Invalid(path, value, r.message))
		}
	}
	return errs
}

func oneOf[T ~string](path *field.Path, value T, allowed ...T) field.ErrorList {
	if value == "" || slices.Contains(allowed, value) {
		return nil
	}
	return field.ErrorList{field.NotSupported(path, value, allowed)}
}

func patternRule(pattern, message string) rule {
	return rule{message: message, holds: regexp.MustCompile(pattern).MatchString}
}

var (
	chatServiceSIDRule = patternRule(`^IS[0-9a-fA-F]{32}$`,
		"must be the SID of a Conversation Service: IS followed by 32 hexadecimal digits")
	messagingServiceSIDRule = patternRule(`^MG[0-9a-fA-F]{32}$`,
		"must be the SID of a Messaging Service: MG followed by 32 hexadecimal digits")
	conversationSIDRule = patternRule(`^CH[0-9a-fA-F]{32}$`,
		"must be the SID of a conversation: CH followed by 32 hexadecimal digits")
	accountNameRule = patternRule(`^[a-z0-9]([-a-z0-9]*[a-z0-9])?([.][a-z0-9]([-a-z0-9]*[a-z0-9])?)*$`,
		"must be the name of an account: lower-case letters, digits, hyphens and dots, starting and ending with a letter or digit")

	sidShape = regexp.MustCompile(`^[a-zA-Z]{2}[0-9a-fA-F]{32}$`)
	// reservedPrefix matches upper and lower case, because Twilio does not document whether unique names are
	// case-sensitive.
	reservedPrefix  = regexp.MustCompile(`(?i)^k8s[.]`)
	uniqueNameRules = []rule{
		{"must not be `.` or `..`", func(v string) bool { return v != "." && v != ".." }},
		{"must not contain control characters", func(v string) bool { return !strings.ContainsFunc(v, unicode.IsControl) }},
		{"must not start or end with a space", func(v string) bool { return v == strings.TrimSpace(v) }},
		{"must not be shaped like a SID: two letters followed by 32 hexadecimal digits",
			func(v string) bool { return !sidShape.MatchString(v) }},
		{"must not start with `k8s.` in upper or lower case: generated names have this prefix",
			func(v string) bool { return !reservedPrefix.MatchString(v) }},
	}

	dateShape = regexp.MustCompile(`^[0-9]{4}-[0-9]{2}-[0-9]{2}T([01][0-9]|2[0-3]):[0-5][0-9]:[0-5][0-9]([.][0-9]{1,9})?` +
		`(Z|[-+]([01][0-9]|2[0-3]):[0-5][0-9])$`)
	dateRule = rule{"must be a date and time in RFC 3339, such as 2015-12-16T22:18:37Z", isDateTime}

	durationShape = regexp.MustCompile(`^P(?:([0-9]{1,9})D)?(?:T(?:([0-9]{1,9})H)?(?:([0-9]{1,9})M)?(?:([0-9]{1,9})S)?)?$`)
)

func isDateTime(value string) bool {
	if !dateShape.MatchString(value) {
		return false
	}
	_, err := time.Parse(time.DateOnly, value[:len(time.DateOnly)])
	return err == nil
}

func durationRule(example string) rule {
	return rule{
		message: "must be an ISO 8601 duration of whole days, hours, minutes and seconds, such as " + example +
			", PT36H or P1D; Twilio takes no weeks, months, years or fractions",
		holds: func(v string) bool {
			_, ok := TimerSeconds(v)
			return ok
		},
	}
}

// minimumRule accepts a malformed duration, so that only durationRule reports that mistake.
func minimumRule(minimum time.Duration, text string) rule {
	return rule{
		message: "must be at least " + text + ", or PT0S for no timer",
		holds: func(v string) bool {
			seconds, ok := TimerSeconds(v)
			return !ok || v == "PT0S" || seconds >= int64(minimum/time.Second)
		},
	}
}

// TimerSeconds returns the length of a timer in seconds, and whether Twilio accepts the text as a timer: an ISO 8601 duration of
// whole days, hours, minutes and seconds (https://www.twilio.com/docs/conversations/states-timers).
func TimerSeconds(value string) (int64, bool) {
	parts := durationShape.FindStringSubmatch(value)
	if parts == nil || !strings.ContainsAny(value[len(value)-1:], "DHMS") {
		return 0, false
	}
	var seconds int64
	for i, unit := range []int64{86400, 3600, 60, 1} {
		if parts[i+1] == "" {
			continue
		}
		n, err := strconv.ParseInt(parts[i+1], 10, 64)
		if err != nil {
			return 0, false
		}
		seconds += n * unit
	}
	return seconds, true
}
