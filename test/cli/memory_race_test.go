// Copyright The conversations-operator Authors
// SPDX-License-Identifier: Apache-2.0

//go:build race

package cli

// memory is more by as much as the race detector takes: five to ten times, as its documentation says.
const memory = 10 * 100 << 10
