// Copyright The conversations-operator Authors
// SPDX-License-Identifier: Apache-2.0

package tenancy

import (
	"fmt"
	"strings"

	corev1 "k8s.io/api/core/v1"

	"github.com/conversations-operator/conversations-operator/internal/twilio"
)

// Keys of the Secret: the environment variables that Twilio's own tools read.
const (
	keyAccountSID = "TWILIO_ACCOUNT_SID"
	keyAuthToken  = "TWILIO_AUTH_TOKEN"
	keyAPIKey     = "TWILIO_API_KEY"
	keyAPISecret  = "TWILIO_API_SECRET"
)

// Credentials reads the Secret of an account into a client's configuration. The problem, empty for a good Secret, names
// the wrong key and never quotes a value.
func Credentials(acct Account, secret *corev1.Secret) (cfg twilio.Config, problem string) {
	cfg.Region, cfg.Edge = acct.CommonSpec().Region, acct.CommonSpec().Edge
	value := func(key string) string { return strings.TrimSpace(string(secret.Data[key])) }
	cfg.AccountSID = value(keyAccountSID)
	switch {
	case cfg.AccountSID != "" && !twilio.ValidSID("AC", cfg.AccountSID):
		return cfg, malformed(secret, keyAccountSID, "AC and 32 hexadecimal digits")
	case value(keyAPIKey) != "" || value(keyAPISecret) != "":
		cfg.Username, cfg.Password = value(keyAPIKey), value(keyAPISecret)
		switch {
		case cfg.Username == "":
			return cfg, missing(secret, keyAPIKey)
		case cfg.Password == "":
			return cfg, missing(secret, keyAPISecret)
		case !twilio.ValidSID("SK", cfg.Username):
			return cfg, malformed(secret, keyAPIKey, "SK and 32 hexadecimal digits")
		}
	case cfg.AccountSID == "":
		return cfg, missing(secret, keyAccountSID)
	case value(keyAuthToken) == "":
		return cfg, fmt.Sprintf("%s has neither %s nor %s with %s: add one of them.", name(secret), keyAuthToken, keyAPIKey, keyAPISecret)
	default:
		cfg.Username, cfg.Password = cfg.AccountSID, value(keyAuthToken)
	}
	if strings.ContainsFunc(cfg.Password, func(r rune) bool { return r <= ' ' || r == 0x7f }) {
		return cfg, malformed(secret, passwordKey(cfg), "one word without spaces or line breaks")
	}
	return cfg, ""
}

func passwordKey(cfg twilio.Config) string {
	if cfg.Username == cfg.AccountSID {
		return keyAuthToken
	}
	return keyAPISecret
}

func name(secret *corev1.Secret) string { return fmt.Sprintf("Secret %q", secret.Name) }

func missing(secret *corev1.Secret, key string) string {
	return fmt.Sprintf("%s has no %s: add it.", name(secret), key)
}

func malformed(secret *corev1.Secret, key, rule string) string {
	return fmt.Sprintf("%s of %s must be %s: correct it.", key, name(secret), rule)
}
