// Copyright The conversations-operator Authors
// SPDX-License-Identifier: Apache-2.0

package simulator

import (
	"net/url"
	"testing"
)

// The vectors come from Twilio's documentation and twilio-go's own tests.
func TestSignature(t *testing.T) {
	form := url.Values{
		"CallSid": {"CA1234567890ABCDE"}, "Caller": {"+14158675309"}, "Digits": {"1234"}, "From": {"+14158675309"},
		"To": {"+18005551212"},
	}
	const target = "https://mycompany.com/myapp.php?foo=1&bar=2"
	if got := sign("12345", target, form); got != "RSOYDt4T1cUTdK1PDd93/VVr8B8=" {
		t.Errorf("the documented request is signed %s", got)
	}
	form.Set("ReasonConferenceEnded", "test")
	form.Set("Reason", "Participant")
	if got := sign("12345", target, form); got != "vOEb5UThFn24KEfnOFLQY2AE5FY=" {
		t.Errorf("names that begin alike are signed %s", got)
	}
}
