// Copyright The conversations-operator Authors
// SPDX-License-Identifier: Apache-2.0

package simulator

import (
	"errors"
	"fmt"
	"slices"
	"time"
)

// Operations in [Match] and [Request].
const (
	OperationCreate        = "create"
	OperationFetch         = "fetch"
	OperationList          = "list"
	OperationUpdate        = "update"
	OperationDelete        = "delete"
	OperationConfiguration = "configuration"
	OperationService       = "service"
	OperationToken         = "token"
	OperationOther         = "other"

	OperationCreateAddress = "createAddress"
	OperationFetchAddress  = "fetchAddress"
	OperationListAddresses = "listAddresses"
	OperationUpdateAddress = "updateAddress"
	OperationDeleteAddress = "deleteAddress"

	OperationCreateService              = "createService"
	OperationDeleteService              = "deleteService"
	OperationFetchServiceConfiguration  = "fetchServiceConfiguration"
	OperationUpdateServiceConfiguration = "updateServiceConfiguration"
	OperationFetchServiceWebhooks       = "fetchServiceWebhooks"
	OperationUpdateServiceWebhooks      = "updateServiceWebhooks"
	OperationFetchServiceNotifications  = "fetchServiceNotifications"
	OperationUpdateServiceNotifications = "updateServiceNotifications"
)

var allOperations = []string{
	OperationCreate, OperationFetch, OperationList, OperationUpdate, OperationDelete, OperationConfiguration,
	OperationService, OperationToken, OperationOther,
	OperationCreateAddress, OperationFetchAddress, OperationListAddresses, OperationUpdateAddress, OperationDeleteAddress,
	OperationCreateService, OperationDeleteService, OperationFetchServiceConfiguration, OperationUpdateServiceConfiguration,
	OperationFetchServiceWebhooks, OperationUpdateServiceWebhooks,
	OperationFetchServiceNotifications, OperationUpdateServiceNotifications,
}

// Rule is a fault: an effect on the requests that match. The first matching rule, in the order of addition, is the only
// rule that applies to a request.
type Rule struct {
	// ID is the name of the rule. Left out: the simulator makes up an ID.
	ID     string `json:"id"`
	Match  Match  `json:"match"`
	Effect Effect `json:"effect"`
	// Seen and Applied count the requests that matched, and the requests that got the effect. AddRule ignores their
	// values.
	Seen    int `json:"seen"`
	Applied int `json:"applied"`
}

// Match selects the requests of a rule: a request must match every field that is set.
type Match struct {
	Method     string `json:"method,omitempty"`
	PathRegexp string `json:"pathRegexp,omitempty"`
	// FormKey must be in the form. FormValue, if set, must be its value.
	FormKey   string `json:"formKey,omitempty"`
	FormValue string `json:"formValue,omitempty"`
	// SID is the SID of the conversation, address configuration or service, even if the request names the unique name or the
	// address.
	SID string `json:"sid,omitempty"`
	// UniqueName is the unique name of the conversation, or the unique name that the request sets.
	UniqueName string `json:"uniqueName,omitempty"`
	// Operation is one of the Operation constants.
	Operation string `json:"operation,omitempty"`
	Account   string `json:"account,omitempty"`
	// Skip is how many matching requests pass before the first effect.
	Skip int `json:"skip,omitempty"`
	// Count is how many requests get the effect. Zero: all.
	Count int `json:"count,omitempty"`
	// Probability is the chance of a matching request to get the effect, drawn with Seed. Zero: always.
	Probability float64 `json:"probability,omitempty"`
	Seed        uint64  `json:"seed,omitempty"`
}

// check refuses a match that fits no request.
func (m Match) check() error {
	switch {
	case m.Operation != "" && !slices.Contains(allOperations, m.Operation):
		return fmt.Errorf("operation %q of the rule is not one of %q", m.Operation, allOperations)
	case m.FormValue != "" && m.FormKey == "":
		return errors.New("formValue of the rule needs a formKey")
	case m.Skip < 0 || m.Count < 0:
		return fmt.Errorf("skip %d and count %d of the rule must not be negative", m.Skip, m.Count)
	case m.Probability < 0 || m.Probability > 1:
		return fmt.Errorf("probability %g of the rule is not from 0 to 1", m.Probability)
	}
	return nil
}

// Effect changes the handling of a request. Unless a field says otherwise, the effect replaces the handling. After an
// effect that only delays or holds, the simulator handles the request.
type Effect struct {
	// Status is the status of the answer. The answer has an error body with Code and Message, unless Body, HTML or
	// EmptyBody says otherwise.
	Status  int    `json:"status,omitempty"`
	Code    int    `json:"code,omitempty"`
	Message string `json:"message,omitempty"`
	// RetryAfter is the header Retry-After, in seconds. RetryAfterAsDate sends the header as a date of the simulator's
	// clock.
	RetryAfter       int  `json:"retryAfter,omitempty"`
	RetryAfterAsDate bool `json:"retryAfterAsDate,omitempty"`
	// HTML answers with the error page of a proxy.
	HTML bool `json:"html,omitempty"`
	// Body is the text of the answer, sent as ContentType (left out: text/plain).
	Body        string `json:"body,omitempty"`
	ContentType string `json:"contentType,omitempty"`
	// EmptyBody answers without a body. If Status is not set, the simulator handles the request and answers its status.
	EmptyBody bool `json:"emptyBody,omitempty"`
	// TruncateBody breaks the connection in the middle of the body. If Status is not set, the simulator handles the
	// request.
	TruncateBody bool `json:"truncateBody,omitempty"`
	// Redirect answers with this Location, and with 302 unless Status is set.
	Redirect string `json:"redirect,omitempty"`
	// AfterEffect handles the request first, so that the request has taken effect before all other fields apply.
	AfterEffect bool `json:"afterEffect,omitempty"`
	// DropBefore breaks the connection before the request is handled, DropAfter after the request has taken effect.
	// Note: Go's HTTP client repeats a GET by itself if a reused connection breaks.
	DropBefore bool `json:"dropBefore,omitempty"`
	DropAfter  bool `json:"dropAfter,omitempty"`
	// Delay waits, in real time, even if the client disconnects: the request then takes effect late.
	Delay time.Duration `json:"delay,omitempty"`
	// Hang holds the request until the client disconnects, and then discards the request; or until the rule is released
	// or removed, and then continues.
	Hang bool `json:"hang,omitempty"`
	// Hold holds the request until the rule is released or removed, and then continues, even if the client has
	// disconnected.
	Hold bool `json:"hold,omitempty"`
}

// check refuses an effect that cannot be an answer.
func (e Effect) check() error {
	switch {
	case e.Status != 0 && (e.Status < 200 || e.Status > 599):
		return fmt.Errorf("status %d of the rule is not from 200 to 599", e.Status)
	case e.Status == 0 && (e.Code != 0 || e.Message != ""):
		return errors.New("code and message of the rule need a status")
	}
	return nil
}
