// Copyright The conversations-operator Authors
// SPDX-License-Identifier: Apache-2.0

// Package twilio is a client of Twilio's Conversations (classic) API, version 1: every operation of the Conversation
// resource, account-wide and inside one Conversation Service.
//
// The client sends each write exactly once and waits for no retry: the caller decides which requests to retry, and
// when. (net/http repeats a read which finds its kept connection closed.) Every error of a request is an [*Error] which
// matches one of the Err… classes with [errors.Is]. The client believes an answer only if Twilio itself can have
// written the answer: a proxy's page, a body which broke off or another conversation than the requested conversation
// end as [ErrUnavailable], so that no caller ever concludes anything from them.
package twilio
