// Copyright The conversations-operator Authors
// SPDX-License-Identifier: Apache-2.0

package simulator

import (
	"net/http"
	"net/url"
	"slices"
	"strings"
)

// route is the operation and the resource of a request.
type route struct {
	operation string
	// service is the SID in the path. Empty: the request is account-wide.
	service string
	// key is the last segment of the path, unescaped: a SID, a unique name or an address.
	key string
	// path is the path in error messages: unescaped and without /v1.
	path string
	// with is true for ConversationWithParticipants.
	with bool
	err  *apiError
}

// parseRoute parses a path. It splits the path before it unescapes the segments, so that a name may hold every
// character but "/". Twilio finds no name with "/", not even an escaped one (twilio-python#503).
func parseRoute(method string, u *url.URL) route {
	r := route{operation: OperationOther, path: strings.TrimPrefix(u.Path, "/v1")}
	r.err = notFound(r.path, 20404)
	var segments []string
	for escaped := range strings.SplitSeq(strings.TrimPrefix(u.EscapedPath(), "/"), "/") {
		segment, err := url.PathUnescape(escaped)
		if err != nil || segment == "" || segment == "." || segment == ".." || strings.Contains(segment, "/") {
			return r
		}
		segments = append(segments, segment)
	}
	if r.path == "/v2/token" {
		return r.token(method)
	}
	if len(segments) < 2 || segments[0] != "v1" {
		return r
	}
	segments = segments[1:]
	if segments[0] == "Services" && len(segments) > 2 {
		r.service = segments[1]
		return r.resolve(method, "Services/*/", segments[2:])
	}
	return r.resolve(method, "", segments)
}

func (r route) token(method string) route {
	if r.operation, r.err = OperationToken, nil; method != http.MethodPost {
		r.err = errMethod
	}
	return r
}

// resources are the operations of each path, by method. A star stands for a SID or a name.
var resources = map[string]map[string]string{
	"Conversations":                           collection(OperationList, OperationCreate),
	"Conversations/*":                         single(OperationFetch, OperationUpdate, OperationDelete),
	"ConversationWithParticipants":            {http.MethodPost: OperationCreate},
	"Services/*/Conversations":                collection(OperationList, OperationCreate),
	"Services/*/Conversations/*":              single(OperationFetch, OperationUpdate, OperationDelete),
	"Services/*/ConversationWithParticipants": {http.MethodPost: OperationCreate},
	"Configuration":                           {http.MethodGet: OperationConfiguration},
	"Configuration/Addresses":                 collection(OperationListAddresses, OperationCreateAddress),
	"Configuration/Addresses/*":               single(OperationFetchAddress, OperationUpdateAddress, OperationDeleteAddress),
	"Services":                                collection(OperationService, OperationCreateService),
	"Services/*":                              {http.MethodGet: OperationService, http.MethodDelete: OperationDeleteService},
	"Services/*/Configuration":                single(OperationFetchServiceConfiguration, OperationUpdateServiceConfiguration, ""),
	"Services/*/Configuration/Webhooks":       single(OperationFetchServiceWebhooks, OperationUpdateServiceWebhooks, ""),
	"Services/*/Configuration/Notifications":  single(OperationFetchServiceNotifications, OperationUpdateServiceNotifications, ""),
}

func collection(list, create string) map[string]string {
	return map[string]string{http.MethodGet: list, http.MethodPost: create}
}

func single(fetch, update, remove string) map[string]string {
	return map[string]string{http.MethodGet: fetch, http.MethodPost: update, http.MethodDelete: remove}
}

// resolve finds the operation of a path below scope, which is empty or the path of a service.
func (r route) resolve(method, scope string, segments []string) route {
	last := len(segments) - 1
	operations, found := resources[scope+strings.Join(append(slices.Clone(segments[:last]), "*"), "/")]
	if found {
		r.key = segments[last]
	} else if operations, found = resources[scope+strings.Join(segments, "/")]; !found {
		return r
	}
	r.with = segments[0] == "ConversationWithParticipants"
	r.operation, r.err = operations[method], nil
	if r.operation == "" {
		r.operation, r.err = OperationOther, errMethod
	}
	return r
}

// isAddress reports whether the request is about one address configuration.
func (r route) isAddress() bool {
	return r.operation == OperationFetchAddress || r.operation == OperationUpdateAddress || r.operation == OperationDeleteAddress
}
