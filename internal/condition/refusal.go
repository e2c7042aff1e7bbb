// Copyright The conversations-operator Authors
// SPDX-License-Identifier: Apache-2.0

package condition

import (
	"errors"
	"net/http"
	"regexp"
	"strings"

	apierrors "k8s.io/apimachinery/pkg/api/errors"
)

// maxKubeAnswer bounds how much of the API server's answer a message quotes, so that the advice still has room.
const maxKubeAnswer = 2048

var (
	// admissionDenied matches the API server's words when a policy or a webhook denied a request, whatever the status code
	// is.
	admissionDenied = regexp.MustCompile(`denied (the )?request`)
	// webhookFailed matches the API server's words when an admission webhook could not be asked. The end of the sentence
	// has addresses and times.
	webhookFailed = regexp.MustCompile(`failed calling webhook ("[^"]*").*`)
	// notPermitted matches the API server's words for a missing permission.
	notPermitted = regexp.MustCompile(`User ".*" cannot [a-z]+ resource `)
)

// Refuses tells whether an error is the API server's decision against this very request: a missing permission, an
// admission policy or webhook, a limit. A conflict, a missing object, a time-out, throttling, an expired token, and an
// API server that fails or cannot be reached are no refusals: they say nothing of the next try.
func Refuses(err error) bool {
	answer, ok := errors.AsType[*apierrors.StatusError](err)
	if !ok {
		return false
	}
	if text := answer.ErrStatus.Message; admissionDenied.MatchString(text) || webhookFailed.MatchString(text) {
		return true
	}
	switch code := answer.ErrStatus.Code; code {
	case http.StatusUnauthorized, http.StatusNotFound, http.StatusRequestTimeout, http.StatusConflict, http.StatusGone, http.StatusTooManyRequests:
		return false
	default:
		return code >= http.StatusBadRequest && code < http.StatusInternalServerError
	}
}

// Refusal says which request of the operator the API server refuses, in the API server's words, and how to mend the
// cause.
func Refusal(err error) string {
	text := strings.Join(strings.Fields(webhookFailed.ReplaceAllString(err.Error(), "failed calling webhook $1")), " ")
	return "Kubernetes refuses a request of the operator: " + Shorten(strings.TrimRight(text, ". "), maxKubeAnswer) + ". " +
		remedy(text) + " It is tried again."
}

// remedy says how to mend the cause of such a refusal.
func remedy(text string) string {
	switch {
	case notPermitted.MatchString(text):
		return "Give the operator that permission; docs/rbac.md lists those that it needs."
	case webhookFailed.MatchString(text):
		return "Repair the webhook, or let it pass over what the operator writes."
	case admissionDenied.MatchString(text):
		return "Let the policy or webhook admit what the operator writes."
	case strings.Contains(text, "metadata.annotations: Too long"):
		return "Remove annotations: those of an object may have 256 KiB together, and the operator adds its own."
	}
	return "Correct the object, or whatever refuses the request."
}
