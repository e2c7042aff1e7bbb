// Copyright The conversations-operator Authors
// SPDX-License-Identifier: Apache-2.0

// Package twilio is a client of Twilio's Conversations (classic) API, version 1:
// every operation of the Conversation resource, account-wide and inside one
// Conversation Service.
//
// It sends each write exactly once and waits for nothing: who calls decides what
// to retry, and when. (A read that finds its kept connection closed is repeated
// by net/http.) Every error of a request is an [*Error] that matches one of the
// Err… classes with [errors.Is]. Answers are believed only if Twilio itself can
// have written them: a proxy's page, a body that broke off or a conversation
// other than the one asked for end as [ErrUnavailable], so that nothing is ever
// concluded from them.
package twilio
