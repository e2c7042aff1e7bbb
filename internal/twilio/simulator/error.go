// Copyright The conversations-operator Authors
// SPDX-License-Identifier: Apache-2.0

package simulator

import (
	"fmt"
	"net/http"
)

// apiError is an error in Twilio's format.
type apiError struct {
	status, code int // the answer leaves out code 0, as Twilio sometimes leaves out the code
	message      string
}

func (e *apiError) Error() string { return fmt.Sprintf("%d/%d: %s", e.status, e.code, e.message) }

// The codes and messages come from Twilio's error dictionary.
var (
	errAuthenticate     = &apiError{http.StatusUnauthorized, 20003, "Authenticate"}
	errUsername         = &apiError{http.StatusUnauthorized, 20003, "Authentication Error - invalid username"}
	errSuspended        = &apiError{http.StatusForbidden, 20403, "Forbidden"}
	errMethod           = &apiError{http.StatusMethodNotAllowed, 20004, "Method not allowed"}
	errTooMany          = &apiError{http.StatusTooManyRequests, 20429, "Too Many Requests"}
	errUpdateRate       = &apiError{http.StatusTooManyRequests, 50063, "Actions per second limit exceeded"}
	errCreateRate       = &apiError{http.StatusTooManyRequests, 50074, "Global actions per second limit exceeded"}
	errPageWithoutToken = badRequest(0, "Paged requests must include a PageToken")
	errBodyTooLarge     = &apiError{http.StatusRequestEntityTooLarge, 0, "Request body too large"}
	errForm             = badRequest(20001, "The request body must be application/x-www-form-urlencoded")
	errPageSize         = badRequest(20007, "Page size too large")

	errFriendlyNameLength = badRequest(50003, "Friendly name too long")
	errUniqueNameLength   = badRequest(50004, "Unique name too long")
	errAttributesLength   = badRequest(50303, "Attributes too long")
	errAttributes         = badRequest(50304, "Attributes not valid JSON")
	errDateCreated        = badRequest(50308, "Invalid Date Created parameter")
	errDateUpdated        = badRequest(50309, "Invalid Date Updated parameter")
	errMessagingService   = badRequest(50341, "Invalid messaging service SID")
	errNotOurMessaging    = badRequest(50342, "Messaging service does not belong to account")
	errStateEmpty         = badRequest(50374, "'State' field can't be empty")
	errInactiveShort      = badRequest(50375, "TimeToInactive should be greater or equal to 1 minute")
	errClosedShort        = badRequest(50376, "TimeToClosed should be greater or equal to 10 minutes")
	errClosed             = badRequest(50377, "Can't update conversation as it's in final closed state")
	errState              = badRequest(50378, "'State' parameter value is invalid")
	errInactiveFormat     = badRequest(50379, "TimeToInactive format is invalid")
	errClosedFormat       = badRequest(50380, "TimeToClosed format is invalid")
	errCreatedClosed      = badRequest(50384, "Initial state can't be 'closed'")
	errInitializing       = badRequest(50386,
		"Conversation in 'initializing' state may not be updated or used for message sending")
	errUniqueNameSID = badRequest(50390, "Unique name should not match conversation sid pattern")
	errDateOrder     = badRequest(50396, "EndDate parameter should be greater than StartDate parameter")

	// Twilio does not document the status of this error.
	errHookRefused = badRequest(50056, "Webhook disabled processing of command")

	errNameTaken = &apiError{http.StatusConflict, 50353, "Conversation with provided unique name already exists"}
	errNameHeld  = &apiError{http.StatusConflict, 50391, "Conflicting conversation modification"}
)

func badRequest(code int, message string) *apiError {
	return &apiError{http.StatusBadRequest, code, message}
}

func missingParameter(key string) *apiError {
	return badRequest(20001, "Missing required parameter "+key+" in the post body")
}

func invalidParameter(key string) *apiError { return badRequest(20001, key+" is invalid") }

// notFound returns a 404. It names the resource by its path without /v1, as Twilio does.
func notFound(path string, code int) *apiError {
	return &apiError{http.StatusNotFound, code, fmt.Sprintf("The requested resource %s was not found", path)}
}
