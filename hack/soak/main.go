// Copyright The conversations-operator Authors
// SPDX-License-Identifier: Apache-2.0

// Command soak kills managers at random moments, over and over, while clients create, edit and delete hundreds of
// conversations and Twilio, which the simulator stands in for, fails in every way it can at 30 % of its requests. In the end it takes a
// census: every object must have its conversation, as its spec says, and there must be no other. `make soak` runs it.
//
//	go run ./hack/soak -for 1m -kills 15 -created 300   # shorter
//	go run ./hack/soak -seed 42                         # the same choices as another run of that seed
//	go run ./hack/soak -managers overlap                # two managers that keep the same objects at the same time
//	go run ./hack/soak -managers shards                 # two managers that each keep the objects with a label
//
// It ends with 1 if the census finds anything, or if the run was too gentle to prove something.
package main

import (
	"errors"
	"flag"
	"fmt"
	"os"
	"time"

	"github.com/conversations-operator/conversations-operator/test/testbed/random"
	"github.com/conversations-operator/conversations-operator/test/testbed/stage"
)

func main() {
	ctx, stop := stage.Begin()
	s := &soak{out: os.Stdout, bin: "bin", logs: "bin/soak"}
	flag.DurationVar(&s.length, "for", 10*time.Minute, "How long managers are killed and the clients work.")
	flag.Uint64Var(&s.seed, "seed", random.Seed(), "What all choices are drawn from; left out, one is drawn and printed.")
	flag.IntVar(&s.minKills, "kills", 200, "How many kills there must be.")
	flag.IntVar(&s.minCreated, "created", 5000, "How many conversations must have been created.")
	flag.Float64Var(&s.rate, "rate", 36, "How much the clients do a second, all together.")
	flag.StringVar(&s.crew, "managers", "one", "Which managers there are: one, two that overlap, or two shards.")
	flag.Parse()
	if crew[s.crew] == nil {
		_, _ = fmt.Fprintf(os.Stderr, "There are no managers %q: choose one, overlap or shards.\n", s.crew)
		os.Exit(2)
	}
	err := s.run(ctx)
	// A second Ctrl-C ends the clearing up too.
	stop()
	if s.Stage != nil {
		err = errors.Join(err, s.Close())
	}
	if err != nil {
		_, _ = fmt.Fprintf(os.Stderr, "\nThe soak of seed %d failed: %v\nThe managers' logs are in %s.\n", s.seed, err, s.logs)
		os.Exit(1)
	}
}
