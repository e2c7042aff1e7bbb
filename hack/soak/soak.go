// Copyright The conversations-operator Authors
// SPDX-License-Identifier: Apache-2.0

package main

import (
	"context"
	"errors"
	"fmt"
	"io"
	"math/rand/v2"
	"sync"
	"time"

	"github.com/conversations-operator/conversations-operator/test/testbed"
	"github.com/conversations-operator/conversations-operator/test/testbed/random"
	"github.com/conversations-operator/conversations-operator/test/testbed/stage"
	"github.com/conversations-operator/conversations-operator/test/testbed/witness"
)

const (
	// clients work side by side, each in a namespace of its own.
	clients = 8
	// service is a Conversation Service beside the default one.
	service = "IS11111111111111111111111111111111"
	// driftInterval is the time between drift checks, in seconds.
	driftInterval = 60
	// settleTime is how long everything may take to settle once nothing is in its way any more.
	settleTime = 5 * time.Minute
	// reportPeriod is how often progress is said, and logPeriod how often the simulator's log is read.
	reportPeriod = 10 * time.Second
	logPeriod    = time.Second
)

// soak is one run.
type soak struct {
	out       io.Writer
	bin, logs string
	// crew is which managers there are.
	crew   string
	length time.Duration
	seed   uint64
	rate   float64
	// minKills and minCreated are what the run must have had to prove something.
	minKills, minCreated int

	// Stage is nil until it is set up.
	*stage.Stage
	witness *witness.Witness
	workers []*worker
	kills   kills
	ledger  *ledger
}

// choices are those of one part of the run, whatever the others do.
func (s *soak) choices(part uint64) *rand.Rand { return random.Source(s.seed, part) }

func (s *soak) say(format string, args ...any) { _, _ = fmt.Fprintf(s.out, format+"\n", args...) }

func (s *soak) run(ctx context.Context) error {
	s.say("Seed %d, managers: %s. Starting a control plane, the simulator and the managers", s.seed, s.crew)
	if err := s.start(ctx); err != nil {
		return err
	}
	s.say("Killing managers for %s", s.length)
	if err := s.storm(ctx); err != nil {
		return err
	}
	s.say("The storm is over. Waiting until everything has settled")
	settling, cancel := context.WithTimeout(ctx, settleTime)
	defer cancel()
	if err := s.settle(settling); err != nil {
		return err
	}
	first, err := s.census(ctx)
	if err != nil {
		return err
	}
	first.print(s.out, "Census")
	s.say("Deleting all that is left")
	if err := s.clear(settling); err != nil {
		return err
	}
	last, err := s.census(ctx)
	if err != nil {
		return err
	}
	last.print(s.out, "Census after the deletion of all")
	return errors.Join(first.verdict(), last.verdict(), s.enough(first))
}

// enough tells whether the run was rough enough.
func (s *soak) enough(c *census) (err error) {
	if s.kills.total() < s.minKills {
		err = errors.Join(err, fmt.Errorf("the manager was killed %d times, not %d", s.kills.total(), s.minKills))
	}
	if c.created < s.minCreated {
		err = errors.Join(err, fmt.Errorf("%d conversations were created, not %d", c.created, s.minCreated))
	}
	return err
}

func (s *soak) start(ctx context.Context) (err error) {
	s.Stage, err = stage.Start(ctx, stage.Props{
		Bed: testbed.Options{ControllerManager: true, Bin: s.bin},
		Simulator: testbed.SimulatorOptions{Args: []string{
			"--latency=10ms", "--create-delete-rate=30", "--update-rate=30", "--max-concurrent-requests=100", "--request-log=20000",
			"--service=" + service,
		}},
		Cluster: clusterName, Managers: managersOf(crew[s.crew]), Logs: s.logs,
	})
	if err != nil {
		return err
	}
	s.witness = &witness.Witness{Client: s.Bed.Client}
	if err := s.witness.Watch(ctx); err != nil {
		return err
	}
	for i := range clients {
		t := testbed.FirstTenant(namespace(i))
		t.DriftCheckInterval = driftInterval
		if err := t.Create(ctx, s.Bed.Client); err != nil {
			return err
		}
		s.workers = append(s.workers, &worker{client: s.Bed.Client, namespace: namespace(i), random: s.choices(uint64(i) + 1)})
	}
	s.ledger = newLedger()
	return s.addFaults(ctx)
}

func namespace(i int) string { return fmt.Sprintf("soak-%d", i) }

// storm lasts as long as the run; the managers are up at its end.
func (s *soak) storm(whole context.Context) error {
	ctx, cancel := context.WithCancelCause(whole)
	defer cancel(nil)
	end, done := context.WithTimeout(ctx, s.length)
	defer done()
	var all sync.WaitGroup
	do := func(what func(ctx, end context.Context) error) {
		all.Go(func() {
			if err := what(ctx, end); err != nil {
				cancel(err)
			}
		})
	}
	for _, w := range s.workers {
		do(func(ctx, end context.Context) error { return w.work(ctx, end, s.rate/clients) })
	}
	// What is started ends with the context of its start, and the managers must outlive the storm.
	for i, m := range s.Managers {
		do(func(_, end context.Context) error { return s.kill(whole, end, m, s.choices(uint64(clients+1+i))) })
	}
	do(s.follow)
	do(s.report)
	all.Wait()
	return context.Cause(ctx)
}

// report says now and then what has happened.
func (s *soak) report(_, end context.Context) error {
	start := time.Now()
	return every(end, reportPeriod, func() error {
		var created, edited, deleted int64
		for _, w := range s.workers {
			created, edited, deleted = created+w.created.Load(), edited+w.edited.Load(), deleted+w.deleted.Load()
		}
		s.say("%4.0f s: %d objects applied, %d edits, %d deletions; %s; %s",
			time.Since(start).Seconds(), created, edited, deleted, s.kills.String(), s.ledger)
		return nil
	})
}

// every does something again and again until the context ends.
func every(ctx context.Context, period time.Duration, do func() error) error {
	ticker := time.NewTicker(period)
	defer ticker.Stop()
	for {
		select {
		case <-ctx.Done():
			return nil
		case <-ticker.C:
			if err := do(); err != nil {
				return err
			}
		}
	}
}
