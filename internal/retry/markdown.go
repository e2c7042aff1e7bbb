// Copyright The conversations-operator Authors
// SPDX-License-Identifier: Apache-2.0

package retry

import (
	"fmt"
	"strings"
	"time"
)

const head = `# Waits and retries

How long the operator and its plugin wait before they look again by themselves, and what ends a wait sooner. Nothing waits
in a worker: an object that waits is in a queue.

| wait | how long | when | sooner |
|---|---|---|---|
`

const errorsHead = `
## What follows from an error of Twilio

| Twilio answers | an object | a check of credentials | a drift check | the plugin |
|---|---|---|---|---|
`

// Texts of several rows of the second table.
const (
	rejects = "CredentialsRejected; Denied"
	behind  = "goes on behind other accounts; Backoff"
	ends    = "it ends with the error"
	again   = "an export tries again (Page); else it ends with the error"
)

// follows are the rows of the second table: how an object, a check of credentials, a drift check and the plugin go on
// after each kind of error.
var follows = []struct {
	kind                              Kind
	answer, object, check, drift, cli string
}{
	{Throttling, "429, or 50063, 50074", "no write; Throttled, then a seat", "Throttled", "Throttled, then a seat", again},
	{Denial, "401, 403", rejects, rejects, "Denied; asks for a check of the credentials", ends},
	{Conflicting, "409, 50353, 50386, 50391", "Progressing; Busy", "TwilioUnavailable; CheckUnavailable", behind, ends},
	{Missing, "404 with 50350 or 50050, of a service", "Rejected; Rejected", rejects, behind, "a plan foresees Rejected"},
	{NoRegion, "50385", "Rejected; Rejected", rejects, behind, ends},
	{Refusal, "any other 4xx", "Rejected; Rejected", rejects, behind, ends},
	{
		Unavailability, "5xx, nothing, or what Twilio cannot have written", "TwilioUnavailable; Unavailable, or Backoff",
		"TwilioUnavailable; CheckUnavailable", "Unavailable, or " + behind, again,
	},
}

const foot = `
The reason is that of the condition Ready; a name after it is a wait of the table above. A conversation that Twilio does not
have, and a name that is taken, are no errors here: the [decision table](decision-table.md) decides about them. The budget of
an account, with its breaker and its holds, decides when a request is sent at all: see
[scaling](scaling.md).

This page is printed from the code: ` + "`go run ./hack/retries -o docs/retries.md`" + `.
`

// Markdown is the page of the docs.
func Markdown() string {
	var b strings.Builder
	b.WriteString(head)
	for _, w := range Waits() {
		fmt.Fprintf(&b, "| %s | %s | %s | %s |\n", w.Name, w.length(), w.When, w.Sooner)
	}
	b.WriteString(errorsHead)
	for _, f := range follows {
		fmt.Fprintf(&b, "| %s | %s | %s | %s | %s |\n", f.answer, f.object, f.check, f.drift, f.cli)
	}
	b.WriteString(foot)
	return b.String()
}

// length is how long a wait is, in words.
func (w *Wait) length() string {
	text := short(w.For)
	if w.Most > 0 {
		text += " to " + short(w.Most)
	}
	if w.Jittered {
		text += ", and up to a fifth more"
	}
	return text
}

// short is a duration without the zeroes at its end.
func short(d time.Duration) string {
	if d >= time.Minute && d%time.Minute == 0 {
		return fmt.Sprintf("%d min", d/time.Minute)
	}
	if d > 0 && d < time.Second {
		return fmt.Sprintf("%d ms", d.Milliseconds())
	}
	return fmt.Sprintf("%d s", int(d.Seconds()))
}
