// Copyright The conversations-operator Authors
// SPDX-License-Identifier: Apache-2.0

package main

import (
	"context"
	"fmt"
	"os"
	"path/filepath"

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

// startManagers starts the run's managers, each with a log of its own.
func (s *soak) startManagers(ctx context.Context) error {
	if err := os.MkdirAll(s.logs, 0o755); err != nil {
		return fmt.Errorf("making the folder of the logs: %w", err)
	}
	for i, args := range crew[s.crew] {
		log := filepath.Join(s.logs, fmt.Sprintf("manager-%d.log", i))
		if err := os.Remove(log); err != nil && !os.IsNotExist(err) {
			return fmt.Errorf("removing the last log: %w", err)
		}
		args = append([]string{"--cluster-name=" + clusterName, "--twilio-base-url=" + s.twilio.URL}, args...)
		m, err := s.bed.StartManager(ctx, testbed.ManagerOptions{Args: args, Log: log})
		if err != nil {
			return err
		}
		s.managers = append(s.managers, m)
	}
	return nil
}
