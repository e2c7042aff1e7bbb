// Copyright The conversations-operator Authors
// SPDX-License-Identifier: Apache-2.0

package condition

import (
	"context"
	"errors"
	"fmt"
	"net"
	"net/http"
	"strings"
	"testing"

	apierrors "k8s.io/apimachinery/pkg/api/errors"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
	"k8s.io/apimachinery/pkg/runtime/schema"
	"k8s.io/apimachinery/pkg/util/validation/field"
)

var conversations = schema.GroupResource{Group: "twilio-operator.dev", Resource: "conversations"}

func answered(code int32, message string) error {
	return &apierrors.StatusError{ErrStatus: metav1.Status{Code: code, Message: message}}
}

func TestARefusalOfKubernetesIsToldFromAnErrorThatPasses(t *testing.T) {
	kind := schema.GroupKind{Group: conversations.Group, Kind: "Conversation"}
	for _, c := range []struct {
		name string
		err  error
		want bool
	}{
		{"a permission that is missing", apierrors.NewForbidden(conversations, "vip", errors.New(`User "u" cannot patch resource "conversations"`)), true},
		{"a value that is refused", apierrors.NewInvalid(kind, "vip", field.ErrorList{field.TooLong(field.NewPath("metadata", "annotations"), "", 262144)}), true},
		{"a request that is too large", apierrors.NewRequestEntityTooLargeError("limit is 3145728"), true},
		{"a webhook that denies", answered(http.StatusBadRequest, `admission webhook "w" denied the request: no`), true},
		{"a webhook that denies with another code", answered(http.StatusConflict, `admission webhook "w" denied the request: no`), true},
		{"a policy that denies", answered(http.StatusUnprocessableEntity, `ValidatingAdmissionPolicy 'p' with binding 'b' denied request: no`), true},
		{"a webhook that cannot be asked", apierrors.NewInternalError(errors.New(`failed calling webhook "w": Post "https://10.0.0.1"`)), true},
		{"a conflict", apierrors.NewConflict(conversations, "vip", errors.New("modified")), false},
		{"an object that is gone", apierrors.NewNotFound(conversations, "vip"), false},
		{"a time-out", apierrors.NewTimeoutError("slow", 1), false},
		{"a time-out of etcd", apierrors.NewServerTimeout(conversations, "patch", 1), false},
		{"throttling", apierrors.NewTooManyRequests("later", 1), false},
		{"a token that has run out", apierrors.NewUnauthorized("Unauthorized"), false},
		{"an API server that fails", apierrors.NewInternalError(errors.New("etcd: no leader")), false},
		{"an API server that stops", apierrors.NewServiceUnavailable("stopping"), false},
		{"an API server that cannot be reached", &net.OpError{Op: "dial", Err: errors.New("connection refused")}, false},
		{"a request that took too long", context.DeadlineExceeded, false},
		{"no error", nil, false},
	} {
		if got := Refuses(c.err); got != c.want {
			t.Errorf("%s is a refusal: %v, want %v", c.name, got, c.want)
		}
		if c.err != nil && Refuses(fmt.Errorf("writing: %w", c.err)) != c.want {
			t.Errorf("%s is another thing with words before it", c.name)
		}
	}
}

func TestARefusalOfKubernetesSaysWhatToDo(t *testing.T) {
	for answer, wants := range map[string][]string{
		`secrets "twilio" is forbidden: User "system:serviceaccount:s:m" cannot patch resource "secrets" in API group "" in the namespace "t"`: {
			`cannot patch resource "secrets"`, "docs/rbac.md"},
		"ValidatingAdmissionPolicy 'p' with binding 'b' denied request: no finalizers.": {"'p'", "no finalizers. Let the policy"},
		`admission webhook "w" denied the request: no`:                                  {`"w"`, "Let the policy or webhook"},
		`Conversation "vip" is invalid: metadata.annotations: Too long: may not be more than 262144 bytes`: {
			"256 KiB"},
		"no":                          {"Correct the object"},
		strings.Repeat("long ", 2000): {"… Correct the object", "tried again"},
	} {
		message := Refusal(fmt.Errorf("adding the finalizer: %w", answered(http.StatusForbidden, answer)))
		for _, want := range append(wants, "adding the finalizer: ") {
			if !strings.Contains(strings.ReplaceAll(message, "…. ", "… "), want) {
				t.Errorf("%q does not say %q", message, want)
			}
		}
		if len(message) > MaxMessage {
			t.Errorf("a message of %d bytes is cut", len(message))
		}
	}
	first := Refusal(apierrors.NewInternalError(errors.New(`failed calling webhook "w": Post "https://10.0.0.1:443": i/o timeout`)))
	again := Refusal(apierrors.NewInternalError(errors.New(`failed calling webhook "w": Post "https://10.0.0.1:443": EOF`)))
	if first != again || !strings.Contains(first, "Repair the webhook") {
		t.Errorf("the message is not stable:\n%s\n%s", first, again)
	}
}
