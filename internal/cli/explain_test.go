// Copyright The conversations-operator Authors
// SPDX-License-Identifier: Apache-2.0

package cli

import (
	"context"
	"errors"
	"fmt"
	"net/url"
	"testing"

	apierrors "k8s.io/apimachinery/pkg/api/errors"
	"k8s.io/apimachinery/pkg/api/meta"

	"github.com/conversations-operator/conversations-operator/internal/export"
	"github.com/conversations-operator/conversations-operator/internal/twilio"
)

func TestAnErrorSaysWhatToDo(t *testing.T) {
	const host = "https://cluster"
	answer := func(status, code int, message string) error {
		return fmt.Errorf("reading: %w", &twilio.Error{Status: status, Code: code, Message: message})
	}
	unreachable := func(err error) error { return &unreachableError{host: host, err: err} }
	for _, c := range []struct {
		name string
		err  error
		want string
	}{
		{"credentials that Twilio rejects", answer(401, 20003, "Authenticate"),
			"reading: Twilio answered 401: Authenticate (20003): correct the credentials or their permissions"},
		{"credentials whose place is known", &rejectedError{source: "the environment", err: errors.New("denied")},
			"denied: correct the credentials of the environment"},
		{"too many requests", answer(429, 20429, "Too many"),
			"reading: Twilio answered 429: Too many (20429): the account gets too many requests; wait, and run the command again"},
		{"no answer", &twilio.Error{Err: errors.New("gone")},
			"no answer from Twilio: the connection failed: check the network, TWILIO_REGION and TWILIO_EDGE, or --twilio-base-url, and run the command again"},
		{"an outage", answer(503, 0, ""), "reading: Twilio answered 503: run the command again"},
		{"a name that is not there", answer(404, 50350, "not found"), "reading: Twilio answered 404: not found (50350): check the sid or name, and --service"},
		{"an interrupt while Twilio is asked", &twilio.Error{Err: context.Canceled}, "interrupted"},
		{"an interrupt", fmt.Errorf("listing: %w", context.Canceled), "interrupted"},
		{"a cluster that does not answer", unreachable(&url.Error{Op: "Get", URL: host, Err: errors.New("refused")}),
			"no Kubernetes cluster answers at https://cluster: check --kubeconfig and --context, and whether the cluster runs"},
		{"a cluster without the operator", unreachable(&meta.NoKindMatchError{}),
			"the cluster at https://cluster does not know the operator's kinds: install the operator, or check --context"},
		{"a login that ran out", unreachable(apierrors.NewUnauthorized("expired")),
			"the cluster at https://cluster does not take your credentials: log in again, or check --context"},
		{"another export", fmt.Errorf("here: %w", export.ErrOther),
			"here: " + export.ErrOther.Error() + ": repeat the flags and the account of that export, or begin anew with --restart"},
		{"what was saved of an export", &partialError{err: answer(503, 0, ""), saved: "Ten are there."},
			"reading: Twilio answered 503: run the command again. Ten are there."},
		{"an error with details of Twilio's", fmt.Errorf("reading: %w", &twilio.Error{Status: 400, Code: 20001, Message: "no", Details: `{"a":1}`}),
			`reading: Twilio answered 400: no (20001); Twilio's details: {"a":1}`},
		{"an error of two lines is one line", errors.New("first\n\tsecond"), "first second"},
	} {
		t.Run(c.name, func(t *testing.T) {
			if got := explain(c.err); got != c.want {
				t.Errorf("got  %q\nwant %q", got, c.want)
			}
		})
	}
}
