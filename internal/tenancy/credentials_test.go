// Copyright The conversations-operator Authors
// SPDX-License-Identifier: Apache-2.0

package tenancy_test

import (
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
	corev1 "k8s.io/api/core/v1"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"

	"github.com/conversations-operator/conversations-operator/api/v1alpha1"
	"github.com/conversations-operator/conversations-operator/internal/tenancy"
)

var (
	accountSID = "AC" + strings.Repeat("a", 32)
	oldKey     = "SK" + strings.Repeat("1", 32)
	newKey     = "SK" + strings.Repeat("2", 32)
)

// secretOf is a Secret with pairs of a key and a value.
func secretOf(data [][]string) *corev1.Secret {
	secret := &corev1.Secret{ObjectMeta: metav1.ObjectMeta{Name: "twilio"}, Data: map[string][]byte{}}
	for _, pairs := range data {
		for i := 0; i < len(pairs); i += 2 {
			secret.Data[pairs[i]] = []byte(pairs[i+1])
		}
	}
	return secret
}

func TestTheNextCredentialsOfASecret(t *testing.T) {
	const old, next = "old", "next"
	token := []string{"TWILIO_ACCOUNT_SID", accountSID, "TWILIO_AUTH_TOKEN", old}
	key := []string{"TWILIO_API_KEY", oldKey, "TWILIO_API_SECRET", old}
	nextKey := []string{"TWILIO_API_KEY_NEXT", newKey, "TWILIO_API_SECRET_NEXT", next}
	nextToken := []string{"TWILIO_AUTH_TOKEN_NEXT", next}
	app := []string{"TWILIO_CLIENT_ID_NEXT", "OQ1", "TWILIO_CLIENT_SECRET_NEXT", next}
	tests := []struct {
		name string
		data [][]string
		// user and password are the next ones; empty: there are none.
		user, password string
		// problem is of the current ones, nextProblem of the next ones.
		problem, nextProblem string
	}{
		{"there are none", [][]string{token}, "", "", "", ""},
		{"they are empty", [][]string{key, {"TWILIO_API_KEY_NEXT", " \n"}}, "", "", "", ""},
		{"a key follows a key", [][]string{key, nextKey}, newKey, next, "", ""},
		{"a token follows a token", [][]string{token, nextToken}, accountSID, next, "", ""},
		{"a key follows a token", [][]string{token, nextKey}, newKey, next, "", ""},
		{"a token follows a key", [][]string{key, {"TWILIO_ACCOUNT_SID", accountSID}, nextToken}, accountSID, next, "", ""},
		{"a key goes before a token", [][]string{token, nextToken, nextKey}, newKey, next, "", ""},
		{"an OAuth app follows a key", [][]string{key, app}, "OQ1", next, "", ""},
		{"an OAuth app without its secret", [][]string{key, app[:2]}, "", "", "", `Secret "twilio" has no TWILIO_CLIENT_SECRET_NEXT: add it.`},
		{"a secret without its OAuth app", [][]string{key, app[2:]}, "", "", "", `Secret "twilio" has no TWILIO_CLIENT_ID_NEXT: add it.`},
		{"an OAuth app in two words", [][]string{key, app, {"TWILIO_CLIENT_SECRET_NEXT", "hun ter"}}, "", "",
			"", `TWILIO_CLIENT_SECRET_NEXT of Secret "twilio" must be one word without spaces or line breaks: correct it.`},
		{"an OAuth app and a key", [][]string{key, app, nextKey}, "", "",
			"", `Secret "twilio" has keys of an OAuth app and TWILIO_API_KEY_NEXT: keep one form of credentials.`},
		{"an OAuth app and a token in front", [][]string{token, {"TWILIO_CLIENT_ID", "OQ1"}}, "", "",
			`Secret "twilio" has keys of an OAuth app and TWILIO_AUTH_TOKEN: keep one form of credentials.`, ""},
		{"a token without an account", [][]string{key, nextToken}, "", "", "", `Secret "twilio" has no TWILIO_ACCOUNT_SID: add it.`},
		{"a key without its secret", [][]string{key, nextKey[:2]}, "", "", "", `Secret "twilio" has no TWILIO_API_SECRET_NEXT: add it.`},
		{"a secret without its key", [][]string{key, nextKey[2:]}, "", "", "", `Secret "twilio" has no TWILIO_API_KEY_NEXT: add it.`},
		{"a key that is none", [][]string{key, nextKey, {"TWILIO_API_KEY_NEXT", accountSID}}, "", "",
			"", `TWILIO_API_KEY_NEXT of Secret "twilio" must be SK and 32 hexadecimal digits: correct it.`},
		{"a token in two words", [][]string{token, {"TWILIO_AUTH_TOKEN_NEXT", "to ken"}}, "", "",
			"", `TWILIO_AUTH_TOKEN_NEXT of Secret "twilio" must be one word without spaces or line breaks: correct it.`},
		{"next ones alone", [][]string{nextKey}, "", "", `Secret "twilio" has no TWILIO_ACCOUNT_SID: add it.`, ""},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			cfg, later, problem := tenancy.Credentials(&v1alpha1.TwilioAccount{}, secretOf(tt.data))
			if problem != tt.problem {
				t.Fatalf("says %q", problem)
			}
			if problem == "" && cfg.Password != old {
				t.Errorf("the current ones are %+v", cfg)
			}
			var got tenancy.Next
			if later != nil {
				got = *later
			}
			if got.Config.OAuth != strings.HasPrefix(got.Config.Username, "OQ") {
				t.Errorf("OAuth: %t", got.Config.OAuth)
			}
			if diff := cmp.Diff([]string{tt.user, tt.password, tt.nextProblem}, []string{got.Config.Username, got.Config.Password, got.Problem}); diff != "" {
				t.Error(diff)
			}
		})
	}
}
