// Copyright The conversations-operator Authors
// SPDX-License-Identifier: Apache-2.0

package twilio

import "strings"

// sidDigits is how many hexadecimal digits follow the two letters of a SID.
const sidDigits = 32

// ValidSID reports whether s has the shape of Twilio's identifiers of one kind: the two letters of the kind ("AC"
// account, "CH" conversation, "IS" service, "MG" messaging service, "SK" API key) and 32 hexadecimal digits of either
// case.
func ValidSID(prefix, s string) bool {
	digits, found := strings.CutPrefix(s, prefix)
	return found && len(digits) == sidDigits && strings.Trim(digits, "0123456789abcdefABCDEF") == ""
}

// EmptyOrSID reports whether s is empty or has the shape of a SID, for those which Twilio may leave out or answer as null.
func EmptyOrSID(prefix, s string) bool { return s == "" || ValidSID(prefix, s) }
