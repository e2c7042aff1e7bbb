// Copyright The conversations-operator Authors
// SPDX-License-Identifier: Apache-2.0

package main

import (
	"context"
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"slices"
	"strings"

	"github.com/google/pprof/profile"

	"github.com/conversations-operator/conversations-operator/api/v1alpha1"
)

// What may be more after many objects came and went: connections come and go, and the names and messages in Events count
// as what made them.
const (
	strayGoroutines = 10
	strayFiles      = 10
	strayHeap       = 1 << 20
	strayPerObject  = 512
)

// footprint is what the manager holds: of the heap what is in use after a collection, Events aside.
type footprint struct{ goroutines, files, heap float64 }

// leaks is what stays behind when many conversations come and go: after the first time, and after the last.
func (b *bench) leaks(ctx context.Context) (figures []figure, err error) {
	const rounds = 3
	n := b.size(1000, 10000)
	// Every allocation of this size is in the profile, on average.
	s, err := b.scene(ctx, props{env: []string{"GODEBUG=memprofilerate=4096"}})
	if err != nil {
		return nil, err
	}
	defer func() { err = errors.Join(err, s.close()) }()
	var first, last footprint
	for round := range rounds {
		if err := s.comeAndGo(ctx, round, n); err != nil {
			return nil, err
		}
		if last, err = s.footprint(ctx, filepath.Join(b.out, fmt.Sprintf("leaks-%d-heap.pprof", round+1))); err != nil {
			return nil, err
		}
		if round == 0 {
			first = last
		}
	}
	stray := float64(strayHeap + strayPerObject*n*(rounds-1))
	return []figure{{
		Name:   fmt.Sprintf("%d times %d conversations came and went: goroutines, open files and heap (Events aside), after the first and the last", rounds, n),
		Budget: "no more",
		Measured: fmt.Sprintf("%.0f and %.0f, %.0f and %.0f, %.1f and %.1f MiB",
			first.goroutines, last.goroutines, first.files, last.files, first.heap/(1<<20), last.heap/(1<<20)),
		OK: last.goroutines <= first.goroutines+strayGoroutines && last.files <= first.files+strayFiles && last.heap <= first.heap+stray,
		Values: map[string]float64{
			"goroutinesFirst": first.goroutines, "goroutinesLast": last.goroutines, "filesFirst": first.files, "filesLast": last.files,
			"heapBytesFirst": first.heap, "heapBytesLast": last.heap,
		},
	}}, nil
}

// comeAndGo creates that many conversations, has them checked for drift, and deletes them.
func (s *scene) comeAndGo(ctx context.Context, round, n int) error {
	name := func(i int) string { return fmt.Sprintf("round-%d-%d", round, i) }
	err := s.create(ctx, n, func(i int, conv *v1alpha1.Conversation) {
		spread(i, conv)
		conv.Name = name(i)
	})
	if err := errors.Join(err, s.seen.allReady(ctx, (round+1)*n)); err != nil {
		return err
	}
	if _, err := s.asksForCheck(ctx); err != nil {
		return err
	}
	err = many(ctx, n, func(ctx context.Context, i int) error {
		if err := s.Bed.Client.Delete(ctx, conversation(home, name(i))); err != nil {
			return fmt.Errorf("deleting a conversation: %w", err)
		}
		return nil
	})
	if err != nil {
		return err
	}
	return s.seen.allGone(ctx, (round+1)*n)
}

// footprint collects the garbage, writes the profile of the heap and says what is left. Events do not count: client-go
// keeps each for some minutes, to count what happens again.
func (s *scene) footprint(ctx context.Context, file string) (f footprint, err error) {
	if err := s.profileTo(ctx, "heap?gc=1", file); err != nil {
		return f, err
	}
	if f.heap, err = heapIn(file, "k8s.io/client-go/tools/events."); err != nil {
		return f, err
	}
	if f.goroutines, err = s.manager.Metric(ctx, "go_goroutines", nil); err != nil {
		return f, err
	}
	f.files, err = s.manager.Metric(ctx, "process_open_fds", nil)
	return f, err
}

// heapIn sums what is in use by a profile of the heap, without what a package holds.
func heapIn(file, without string) (bytes float64, err error) {
	f, err := os.Open(file)
	if err != nil {
		return 0, fmt.Errorf("reading a profile: %w", err)
	}
	defer f.Close()
	heap, err := profile.Parse(f)
	if err != nil {
		return 0, fmt.Errorf("reading a profile: %w", err)
	}
	inUse := slices.IndexFunc(heap.SampleType, func(t *profile.ValueType) bool { return t.Type == "inuse_space" })
	if inUse < 0 {
		return 0, fmt.Errorf("%s is no profile of a heap", file)
	}
	for _, sample := range heap.Sample {
		if !passes(sample, without) {
			bytes += float64(sample.Value[inUse])
		}
	}
	return bytes, nil
}

// passes tells whether any function of the sample's stack is of the package.
func passes(sample *profile.Sample, of string) bool {
	for _, location := range sample.Location {
		for _, line := range location.Line {
			if strings.HasPrefix(line.Function.Name, of) {
				return true
			}
		}
	}
	return false
}
