// Copyright The conversations-operator Authors
// SPDX-License-Identifier: Apache-2.0

package twilio

import "strings"

// Method is the HTTP method of a webhook, in upper case: Twilio takes either case, and answers now one and now the other.
type Method string

// UnmarshalText reads a method of any case.
func (m *Method) UnmarshalText(text []byte) error {
	*m = Method(strings.ToUpper(string(text)))
	return nil
}
