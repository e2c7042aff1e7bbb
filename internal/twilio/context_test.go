// Copyright The conversations-operator Authors
// SPDX-License-Identifier: Apache-2.0

package twilio_test

import (
	"context"
	"errors"
	"net/http"
	"testing"

	"github.com/conversations-operator/conversations-operator/internal/twilio"
)

func TestAContextThatIsOverSendsNothing(t *testing.T) {
	host := newHost(t, answering(http.StatusOK, minimal))
	ctx, cancel := context.WithCancel(t.Context())
	cancel()
	client := newClient(t, host.URL)
	s := client.Conversations("")
	_, createErr := s.Create(ctx, everything())
	_, fetchErr := s.Fetch(ctx, convSID)
	_, updateErr := s.Update(ctx, convSID, everything())
	_, deleteErr := s.Delete(ctx, convSID, nil)
	_, configurationErr := client.FetchConfiguration(ctx)
	var listErr error
	for _, err := range s.List(ctx, twilio.ListOptions{}) {
		listErr = err
	}
	for _, err := range []error{createErr, fetchErr, updateErr, deleteErr, configurationErr, listErr} {
		e, ok := errors.AsType[*twilio.Error](err)
		if !ok || e.Sent() || twilio.Ambiguous(err) || !errors.Is(err, context.Canceled) || classesOf(err) != "unavailable" {
			t.Errorf("got %#v", err)
		}
	}
	if n := len(host.seen()); n != 0 {
		t.Errorf("%d requests were sent", n)
	}
}

func TestAContextThatEndsWhileWaiting(t *testing.T) {
	ctx, cancel := context.WithCancel(t.Context())
	host := newHost(t, func(_ http.ResponseWriter, r *http.Request) {
		cancel()
		<-r.Context().Done()
	})
	_, err := newClient(t, host.URL).Conversations("").Create(ctx, everything())
	if !errors.Is(err, context.Canceled) || !twilio.Ambiguous(err) {
		t.Errorf("got %#v", err)
	}
	if err.Error() != "no answer from Twilio: the request was cancelled" {
		t.Error(err)
	}
}

func TestAContextThatIsOverIsTheReasonWhateverTheTransportSays(t *testing.T) {
	ctx, cancel := context.WithCancel(t.Context())
	client := newClient(t, "http://127.0.0.1", func(c *twilio.Config) { c.Transport = cancelling{cancel} })
	if _, err := client.Conversations("").Create(ctx, everything()); !errors.Is(err, context.Canceled) || !twilio.Ambiguous(err) {
		t.Errorf("got %#v", err)
	}
}
