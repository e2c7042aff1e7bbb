// Copyright The conversations-operator Authors
// SPDX-License-Identifier: Apache-2.0

package cli

import (
	"maps"
	"strings"
	"testing"

	corev1 "k8s.io/api/core/v1"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
	"sigs.k8s.io/controller-runtime/pkg/client"

	"github.com/conversations-operator/conversations-operator/internal/twilio/simulator"
)

// keep makes the Secret of a namespace hold exactly these keys.
func keep(t *testing.T, namespace string, data map[string]string) {
	t.Helper()
	secret := &corev1.Secret{ObjectMeta: metav1.ObjectMeta{Namespace: namespace, Name: "twilio"}}
	if err := bed.Client.Get(t.Context(), client.ObjectKeyFromObject(secret), secret); err != nil {
		t.Fatal(err)
	}
	before := secret.DeepCopy()
	secret.Data = map[string][]byte{}
	for key, value := range data {
		secret.Data[key] = []byte(value)
	}
	if err := bed.Client.Patch(t.Context(), secret, client.MergeFrom(before)); err != nil {
		t.Fatal(err)
	}
}

func TestThePluginReadsEveryFormOfASecret(t *testing.T) {
	const namespace = "forms"
	s := newSimulator(t)
	newNamespace(t, s, namespace)
	sh := online(s, namespace)
	other := simulator.APIKey{SID: "SK" + strings.Repeat("2", 32), Secret: "other"}
	if err := s.AddAccount("AC"+strings.Repeat("2", 32), "token", other); err != nil {
		t.Fatal(err)
	}
	if err := s.SetSecondaryAuthToken("", "second"); err != nil {
		t.Fatal(err)
	}
	if err := s.AddOAuthApp("", simulator.OAuthApp{ClientID: "OQ1", ClientSecret: "app"}); err != nil {
		t.Fatal(err)
	}
	current := map[string]string{"TWILIO_ACCOUNT_SID": simulator.DefaultAccountSID, "TWILIO_AUTH_TOKEN": "revoked"}
	for name, c := range map[string]struct {
		next map[string]string
		code int
	}{
		"none":            {nil, 1},
		"a token":         {map[string]string{"TWILIO_AUTH_TOKEN_NEXT": "second"}, 0},
		"an OAuth app":    {map[string]string{"TWILIO_CLIENT_ID_NEXT": "OQ1", "TWILIO_CLIENT_SECRET_NEXT": "app"}, 0},
		"another's key":   {map[string]string{"TWILIO_API_KEY_NEXT": other.SID, "TWILIO_API_SECRET_NEXT": other.Secret}, 1},
		"half an API key": {map[string]string{"TWILIO_API_KEY_NEXT": other.SID}, 1},
	} {
		t.Run(name, func(t *testing.T) {
			data := maps.Clone(current)
			maps.Copy(data, c.next)
			keep(t, namespace, data)
			if r := sh.run(t, "list", "--account=default"); r.code != c.code {
				t.Errorf("ended with %d:\n%s%s", r.code, r.stdout, r.stderr)
			}
		})
	}
	keep(t, namespace, map[string]string{"TWILIO_CLIENT_ID": "OQ1", "TWILIO_CLIENT_SECRET": "app"})
	sh.good(t, "list", "--account=default")
}
