// Copyright The conversations-operator Authors
// SPDX-License-Identifier: Apache-2.0

package main

import (
	"github.com/conversations-operator/conversations-operator/test/testbed"
)

const clusterName = "soak"

// shardLabel is the label by which shards select their objects.
const shardLabel = "shard"

// shards are its values.
var shards = []string{"a", "b"}

// crew are the managers of a run, by the value of the flag -managers: the arguments that each has beside those of all.
var crew = map[string][][]string{
	// one manager keeps all objects.
	"one": {{}},
	// Of overlap, both keep all objects at the same time, as a leader that was frozen and the one after it do.
	"overlap": {{}, {}},
	// Of shards, each keeps those with its label, and objects move from one to the other.
	"shards": {
		{"--shards=2", "--watch-label-selector=" + shardLabel + "=" + shards[0]},
		{"--shards=2", "--watch-label-selector=" + shardLabel + "=" + shards[1]},
	},
}

// managersOf a crew.
func managersOf(crew [][]string) []testbed.ManagerOptions {
	out := make([]testbed.ManagerOptions, len(crew))
	for i, args := range crew {
		out[i].Args = args
	}
	return out
}
