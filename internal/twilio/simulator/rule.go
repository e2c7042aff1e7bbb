// Copyright The conversations-operator Authors
// SPDX-License-Identifier: Apache-2.0

package simulator

import (
	"errors"
	"fmt"
	"slices"
	"time"
)

// Operations, as [Match] and [Request] name them.
const (
	OperationCreate        = "create"
	OperationFetch         = "fetch"
	OperationList          = "list"
	OperationUpdate        = "update"
	OperationDelete        = "delete"
	OperationConfiguration = "configuration"
	OperationService       = "service"
	OperationOther         = "other"
)

var allOperations = []string{
	OperationCreate, OperationFetch, OperationList, OperationUpdate, OperationDelete, OperationConfiguration,
	OperationService, OperationOther,
}

// Rule is a fault: what happens to the requests that match. The first matching rule, in the order they were added, is
// the only one applied to a request.
type Rule struct {
	// ID names the rule; left out, one is made up.
	ID     string `json:"id"`
	Match  Match  `json:"match"`
	Effect Effect `json:"effect"`
	// Seen and Applied count the requests that matched and those that got the effect. They are only reported.
	Seen    int `json:"seen"`
	Applied int `json:"applied"`
}

// Match says which requests a rule is for: those that fit every field that is set.
type Match struct {
	Method     string `json:"method,omitempty"`
	PathRegexp string `json:"pathRegexp,omitempty"`
	// FormKey must be in the form, with the value FormValue unless that is empty.
	FormKey   string `json:"formKey,omitempty"`
	FormValue string `json:"formValue,omitempty"`
	// SID is that of the conversation, however the request addresses it.
	SID string `json:"sid,omitempty"`
	// UniqueName is that of the conversation, or the one that the request sets.
	UniqueName string `json:"uniqueName,omitempty"`
	// Operation is one of the Operation constants.
	Operation string `json:"operation,omitempty"`
	Account   string `json:"account,omitempty"`
	// Skip lets that many matching requests pass first.
	Skip int `json:"skip,omitempty"`
	// Count is how many requests get the effect; zero, all.
	Count int `json:"count,omitempty"`
	// Probability with which a matching request gets the effect, drawn from Seed; zero, always.
	Probability float64 `json:"probability,omitempty"`
	Seed        uint64  `json:"seed,omitempty"`
}

// check refuses what no request could ever match.
func (m Match) check() error {
	switch {
	case m.Operation != "" && !slices.Contains(allOperations, m.Operation):
		return fmt.Errorf("operation %q of the rule is none of %q", m.Operation, allOperations)
	case m.FormValue != "" && m.FormKey == "":
		return errors.New("formValue of the rule needs a formKey")
	case m.Skip < 0 || m.Count < 0:
		return fmt.Errorf("skip %d and count %d of the rule must not be negative", m.Skip, m.Count)
	case m.Probability < 0 || m.Probability > 1:
		return fmt.Errorf("probability %g of the rule is not from 0 to 1", m.Probability)
	}
	return nil
}

// Effect is what happens to a request. Unless said otherwise it comes instead of handling the request; an effect that
// only delays or holds lets the request be handled afterwards.
type Effect struct {
	// Status answers with this status, and with an error body of Code and Message unless Body, HTML or EmptyBody says
	// otherwise.
	Status  int    `json:"status,omitempty"`
	Code    int    `json:"code,omitempty"`
	Message string `json:"message,omitempty"`
	// RetryAfter is the header of that name, in seconds; RetryAfterAsDate sends it as a date of the simulator's clock.
	RetryAfter       int  `json:"retryAfter,omitempty"`
	RetryAfterAsDate bool `json:"retryAfterAsDate,omitempty"`
	// HTML answers with the page of a proxy.
	HTML bool `json:"html,omitempty"`
	// Body answers with this text as ContentType (left out, text/plain).
	Body        string `json:"body,omitempty"`
	ContentType string `json:"contentType,omitempty"`
	// EmptyBody answers with no body. Without a Status, the request is handled and its status is answered.
	EmptyBody bool `json:"emptyBody,omitempty"`
	// TruncateBody breaks the connection in the middle of the body. Without a Status, the request is handled.
	TruncateBody bool `json:"truncateBody,omitempty"`
	// Redirect answers with this Location (and 302, unless Status says otherwise).
	Redirect string `json:"redirect,omitempty"`
	// AfterEffect handles the request first: everything else in the effect comes although the request took effect.
	AfterEffect bool `json:"afterEffect,omitempty"`
	// DropBefore breaks the connection before the request is handled; DropAfter, after it took effect. Mind that Go's
	// client repeats a GET by itself when a connection that it used before breaks.
	DropBefore bool `json:"dropBefore,omitempty"`
	DropAfter  bool `json:"dropAfter,omitempty"`
	// Delay waits, in real time, also when the client does not: the request takes effect late.
	Delay time.Duration `json:"delay,omitempty"`
	// Hang waits until the client goes, and then forgets the request, or until the rule is released or removed, and
	// then goes on.
	Hang bool `json:"hang,omitempty"`
	// Hold waits until the rule is released or removed, and then goes on, whether or not the client is still there.
	Hold bool `json:"hold,omitempty"`
}

// check refuses what no request could ever be answered with.
func (e Effect) check() error {
	switch {
	case e.Status != 0 && (e.Status < 200 || e.Status > 599):
		return fmt.Errorf("status %d of the rule is not from 200 to 599", e.Status)
	case e.Status == 0 && (e.Code != 0 || e.Message != ""):
		return errors.New("code and message of the rule need a status")
	}
	return nil
}
