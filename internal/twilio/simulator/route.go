// Copyright The conversations-operator Authors
// SPDX-License-Identifier: Apache-2.0

package simulator

import (
	"net/http"
	"net/url"
	"strings"
)

// route is the operation and the resource of a request.
type route struct {
	operation string
	// service is the SID in the path. Empty: the request is account-wide.
	service string
	// key is the last segment of the path, unescaped: a SID or a unique name.
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
		segments = segments[2:]
	}
	return r.resolve(method, segments)
}

func (r route) token(method string) route {
	if r.operation, r.err = OperationToken, nil; method != http.MethodPost {
		r.err = errMethod
	}
	return r
}

func (r route) resolve(method string, segments []string) route {
	var operations map[string]string
	switch {
	case len(segments) == 1 && segments[0] == "Conversations":
		operations = map[string]string{http.MethodPost: OperationCreate, http.MethodGet: OperationList}
	case len(segments) == 2 && segments[0] == "Conversations":
		r.key = segments[1]
		operations = map[string]string{
			http.MethodGet: OperationFetch, http.MethodPost: OperationUpdate, http.MethodDelete: OperationDelete,
		}
	case len(segments) == 1 && segments[0] == "ConversationWithParticipants":
		r.with = true
		operations = map[string]string{http.MethodPost: OperationCreate}
	case r.service != "":
		return r
	case len(segments) == 1 && segments[0] == "Configuration":
		operations = map[string]string{http.MethodGet: OperationConfiguration}
	case segments[0] == "Services":
		if len(segments) == 2 {
			r.key = segments[1]
		}
		operations = map[string]string{http.MethodGet: OperationService}
	default:
		return r
	}
	r.operation, r.err = operations[method], nil
	if r.operation == "" {
		r.operation, r.err = OperationOther, errMethod
	}
	return r
}
