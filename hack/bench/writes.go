// Copyright The conversations-operator Authors
// SPDX-License-Identifier: Apache-2.0

package main

import (
	"context"
	"time"

	"github.com/conversations-operator/conversations-operator/test/testbed"
)

// auditPause is longer than the moment by which an audit event comes after the answer to its request.
const auditPause = 500 * time.Millisecond

// writes counts the manager's writes since the beginning, of the resources that match; Events never count. It waits until
// none was added for a while.
func (s *scene) writes(ctx context.Context, match func(resource string) bool) (int, error) {
	ticker := time.NewTicker(auditPause)
	defer ticker.Stop()
	for last := -1; ; {
		n, err := s.written(match)
		if err != nil || n == last {
			return n, err
		}
		last = n
		select {
		case <-ctx.Done():
			return 0, ctx.Err()
		case <-ticker.C:
		}
	}
}

func (s *scene) written(match func(resource string) bool) (int, error) {
	events, err := s.Bed.Audit()
	n := 0
	for i := range events {
		e := &events[i]
		if testbed.ByManager(e) && testbed.IsWrite(e) && e.ObjectRef.Resource != "events" && match(e.ObjectRef.Resource) {
			n++
		}
	}
	return n, err
}

func anything(string) bool                   { return true }
func conversations(resource string) bool     { return resource == "conversations" }
func nothingOfAccounts(resource string) bool { return resource != "twilioaccounts" }
