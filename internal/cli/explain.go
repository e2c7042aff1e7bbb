// Copyright The conversations-operator Authors
// SPDX-License-Identifier: Apache-2.0

package cli

import (
	"context"
	"errors"
	"fmt"
	"net"
	"net/url"
	"strings"

	apierrors "k8s.io/apimachinery/pkg/api/errors"
	"k8s.io/apimachinery/pkg/api/meta"
	"k8s.io/client-go/discovery"
	"k8s.io/client-go/tools/clientcmd"

	"github.com/conversations-operator/conversations-operator/internal/export"
	"github.com/conversations-operator/conversations-operator/internal/twilio"
)

// interruptedError says how far the command came before Ctrl-C.
type interruptedError struct{ message string }

func (e *interruptedError) Error() string { return e.message }

// partialError is an error with a description of the data saved before the error.
type partialError struct {
	err   error
	saved string
}

func (e *partialError) Error() string { return e.err.Error() + ". " + e.saved }
func (e *partialError) Unwrap() error { return e.err }

// explain returns a single line with the cause of the error, the remedy, and the details that Twilio adds to some errors.
func explain(err error) string {
	text := advise(err)
	if e, ok := errors.AsType[*twilio.Error](err); ok && e.Details != "" {
		text += "; Twilio's details: " + e.Details
	}
	return strings.Join(strings.Fields(text), " ")
}

func advise(err error) string {
	if e, ok := errors.AsType[*partialError](err); ok {
		return advise(e.err) + ". " + e.saved
	}
	if e, ok := errors.AsType[*rejectedError](err); ok {
		return fmt.Sprintf("%s: correct the credentials of %s", e.err, e.source)
	}
	if _, ok := errors.AsType[*twilio.Error](err); ok {
		return adviseTwilio(err)
	}
	if e, ok := errors.AsType[*noClusterError](err); ok {
		if clientcmd.IsEmptyConfig(e.err) {
			return strings.Replace(err.Error(), e.Error(), "no cluster is configured: set KUBECONFIG, or --kubeconfig and --context", 1)
		}
		return strings.Replace(err.Error(), e.Error(), "the kubeconfig cannot be used: "+e.Error(), 1)
	}
	if e, ok := errors.AsType[*unreachableError](err); ok {
		return adviseKubernetes(e)
	}
	switch {
	case errors.Is(err, context.Canceled):
		return "interrupted"
	case errors.Is(err, export.ErrOther):
		return err.Error() + ": repeat the flags and the account of that export, or begin anew with --restart"
	case errors.Is(err, export.ErrShort):
		return err.Error() + ": begin anew with --restart"
	}
	return err.Error()
}

func adviseTwilio(err error) string {
	switch {
	case errors.Is(err, context.Canceled):
		return "interrupted"
	case errors.Is(err, twilio.ErrRegion):
		return fmt.Sprintf("%s: %s, or TWILIO_REGION and TWILIO_EDGE", err, twilio.RegionAdvice)
	case errors.Is(err, twilio.ErrDenied):
		return fmt.Sprintf("%s: correct the credentials or their permissions", err)
	case errors.Is(err, twilio.ErrThrottled):
		return fmt.Sprintf("%s: the account gets too many requests; wait, and run the command again", err)
	case errors.Is(err, twilio.ErrUnavailable):
		e, _ := errors.AsType[*twilio.Error](err)
		if e.Status == 0 {
			return fmt.Sprintf("%s: check the network, TWILIO_REGION and TWILIO_EDGE, or --twilio-base-url, and run the command again", err)
		}
		return fmt.Sprintf("%s: run the command again", err)
	case errors.Is(err, twilio.ErrNotFound):
		return fmt.Sprintf("%s: check the sid or name, and --service", err)
	}
	return err.Error()
}

func adviseKubernetes(e *unreachableError) string {
	_, isURL := errors.AsType[*url.Error](e.err)
	_, isNet := errors.AsType[net.Error](e.err)
	_, noGroup := errors.AsType[*discovery.ErrGroupDiscoveryFailed](e.err)
	switch {
	case errors.Is(e.err, context.Canceled):
		return "interrupted"
	case isURL || isNet:
		return fmt.Sprintf("no Kubernetes cluster answers at %s: check --kubeconfig and --context, and whether the cluster runs", e.host)
	case meta.IsNoMatchError(e.err), noGroup:
		return fmt.Sprintf("the cluster at %s does not know the operator's kinds: install the operator, or check --context", e.host)
	case apierrors.IsUnauthorized(e.err):
		return fmt.Sprintf("the cluster at %s does not take your credentials: log in again, or check --context", e.host)
	}
	return e.err.Error()
}
