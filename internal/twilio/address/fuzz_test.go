// Copyright The conversations-operator Authors
// SPDX-License-Identifier: Apache-2.0

package address_test

import (
	"net/http"
	"testing"

	"github.com/conversations-operator/conversations-operator/internal/twilio"
)

func FuzzAnswer(f *testing.F) {
	entry := `{"sid":"` + sid + `","type":"sms","address":"` + number + `","auto_creation":{"enabled":true,"type":"webhook","webhook_method":"get"}}`
	for _, body := range []string{"", "null", "{}", "[]", entry, entry[:60], `{"address_configurations":[` + entry + `,null],"meta":{}}`} {
		f.Add(body)
	}
	f.Fuzz(func(t *testing.T, body string) {
		all := answering(t, http.StatusOK, body)
		if got, err := all.Fetch(t.Context(), number); err == nil && (!got.Valid() || !got.AddressedBy(number)) {
			t.Errorf("%+v was believed", got)
		}
		for one, err := range all.List(t.Context(), twilio.PageOptions{SkipUnreadable: true}) {
			if err == nil && !one.Valid() {
				t.Errorf("%+v was believed", one)
			}
		}
	})
}
