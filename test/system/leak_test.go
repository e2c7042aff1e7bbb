// Copyright The conversations-operator Authors
// SPDX-License-Identifier: Apache-2.0

package system_test

// secrets are what must be found nowhere: tokens of accounts, and the bearer tokens of those who ask for metrics.
var secrets []string
