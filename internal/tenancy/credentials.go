// Copyright The conversations-operator Authors
// SPDX-License-Identifier: Apache-2.0

package tenancy

import (
	"fmt"
	"strings"

	corev1 "k8s.io/api/core/v1"

	"github.com/conversations-operator/conversations-operator/internal/twilio"
)

// Keys of the Secret: the environment variables that Twilio's own tools read, and those of an OAuth app.
const (
	keyAccountSID = "TWILIO_ACCOUNT_SID"
	keyAuthToken  = "TWILIO_AUTH_TOKEN"
	keyAPIKey     = "TWILIO_API_KEY"
	keyAPISecret  = "TWILIO_API_SECRET"

	keyClientID     = "TWILIO_CLIENT_ID"
	keyClientSecret = "TWILIO_CLIENT_SECRET"
)

// suffixNext ends the keys of the next credentials, which a rotation lays beside the current ones.
const suffixNext = "_NEXT"

// Next are the credentials which a rotation lays beside the current ones. Until Twilio names the account of the next
// credentials, nobody may use them for another purpose than to ask.
type Next struct {
	Config twilio.Config
	// Problem names the wrong key of next credentials which cannot be used; empty: there is none. A rotation may write the
	// keys one after the other, so the problem does not concern the current credentials.
	Problem string
}

// Credentials reads the Secret of an account into a client's configuration; next is nil if the Secret has no next
// credentials. The problem, empty for good current credentials, names the wrong key and never quotes a value.
func Credentials(acct Account, secret *corev1.Secret) (cfg twilio.Config, next *Next, problem string) {
	f := form{secret: secret}
	cfg.Region, cfg.Edge = acct.CommonSpec().Region, acct.CommonSpec().Edge
	cfg.AccountSID = f.value(keyAccountSID)
	if cfg.AccountSID != "" && !twilio.ValidSID("AC", cfg.AccountSID) {
		return cfg, nil, malformed(secret, keyAccountSID, "AC and 32 hexadecimal digits")
	}
	later := cfg
	if cfg, problem = f.read(cfg); problem != "" {
		return cfg, nil, problem
	}
	f.suffix = suffixNext
	if !f.any() {
		return cfg, nil, ""
	}
	later, wrong := f.read(later)
	if wrong != "" {
		return cfg, &Next{Problem: wrong}, ""
	}
	return cfg, &Next{Config: later}, ""
}

// form reads the current credentials of a Secret, or with a suffix the next ones.
type form struct {
	secret *corev1.Secret
	suffix string
}

func (f form) value(key string) string { return strings.TrimSpace(string(f.secret.Data[key])) }

// any tells whether the Secret has a key of the credentials.
func (f form) any() bool {
	for _, key := range []string{keyAuthToken, keyAPIKey, keyAPISecret, keyClientID, keyClientSecret} {
		if f.value(key+f.suffix) != "" {
			return true
		}
	}
	return false
}

// read puts the credentials into a configuration which has the account's SID already.
func (f form) read(cfg twilio.Config) (twilio.Config, string) {
	clientID, clientSecret := keyClientID+f.suffix, keyClientSecret+f.suffix
	cfg.Username, cfg.Password = f.value(clientID), f.value(clientSecret)
	if cfg.Username == "" && cfg.Password == "" {
		return f.readBasic(cfg)
	}
	cfg.OAuth = true
	for _, other := range []string{keyAuthToken, keyAPIKey, keyAPISecret} {
		if f.value(other+f.suffix) != "" {
			return cfg, fmt.Sprintf("%s has keys of an OAuth app and %s: keep one form of credentials.", name(f.secret), other+f.suffix)
		}
	}
	switch {
	case cfg.Username == "":
		return cfg, missing(f.secret, clientID)
	case cfg.Password == "":
		return cfg, missing(f.secret, clientSecret)
	case !word(cfg.Username) || strings.Contains(cfg.Username, ":"):
		return cfg, malformed(f.secret, clientID, "one word without colons, spaces or line breaks")
	case !word(cfg.Password):
		return cfg, malformed(f.secret, clientSecret, oneWord)
	}
	return cfg, ""
}

// readBasic reads an API key or a token. An API key goes before a token.
func (f form) readBasic(cfg twilio.Config) (twilio.Config, string) {
	apiKey, apiSecret, authToken := keyAPIKey+f.suffix, keyAPISecret+f.suffix, keyAuthToken+f.suffix
	passwordKey := apiSecret
	cfg.Username, cfg.Password = f.value(apiKey), f.value(apiSecret)
	switch {
	case cfg.Username == "" && cfg.Password == "":
		if cfg.AccountSID == "" {
			return cfg, missing(f.secret, keyAccountSID)
		}
		passwordKey = authToken
		cfg.Username, cfg.Password = cfg.AccountSID, f.value(authToken)
		if cfg.Password == "" {
			return cfg, fmt.Sprintf("%s has neither %s nor %s with %s: add one of them.", name(f.secret), authToken, apiKey, apiSecret)
		}
	case cfg.Username == "":
		return cfg, missing(f.secret, apiKey)
	case cfg.Password == "":
		return cfg, missing(f.secret, apiSecret)
	case !twilio.ValidSID("SK", cfg.Username):
		return cfg, malformed(f.secret, apiKey, "SK and 32 hexadecimal digits")
	}
	if !word(cfg.Password) {
		return cfg, malformed(f.secret, passwordKey, oneWord)
	}
	return cfg, ""
}

const oneWord = "one word without spaces or line breaks"

func word(s string) bool {
	return !strings.ContainsFunc(s, func(r rune) bool { return r <= ' ' || r == 0x7f })
}

func name(secret *corev1.Secret) string { return fmt.Sprintf("Secret %q", secret.Name) }

func missing(secret *corev1.Secret, key string) string {
	return fmt.Sprintf("%s has no %s: add it.", name(secret), key)
}

func malformed(secret *corev1.Secret, key, rule string) string {
	return fmt.Sprintf("%s of %s must be %s: correct it.", key, name(secret), rule)
}
