// Copyright The conversations-operator Authors
// SPDX-License-Identifier: Apache-2.0

package retry

import "errors"

// ErrQueued says that the account has no seat for this object yet. The object is woken when a seat is free.
var ErrQueued = errors.New("waiting for a turn")
