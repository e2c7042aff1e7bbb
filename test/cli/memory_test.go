// Copyright The conversations-operator Authors
// SPDX-License-Identifier: Apache-2.0

//go:build !race

package cli

// memory is how much an export may take, in KiB, however long it is.
const memory = 100 << 10
