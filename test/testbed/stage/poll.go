// Copyright The conversations-operator Authors
// SPDX-License-Identifier: Apache-2.0

package stage

import (
	"context"
	"time"
)

// pollPeriod is how often something is asked that cannot be watched.
const pollPeriod = 20 * time.Millisecond

// Poll asks until the answer is true or an error, or ctx ends, which is an error too.
func Poll(ctx context.Context, done func() (bool, error)) error {
	ticker := time.NewTicker(pollPeriod)
	defer ticker.Stop()
	for {
		if ok, err := done(); ok || err != nil {
			return err
		}
		select {
		case <-ctx.Done():
			return ctx.Err()
		case <-ticker.C:
		}
	}
}
