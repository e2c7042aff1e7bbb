// Copyright The conversations-operator Authors
// SPDX-License-Identifier: Apache-2.0

package main

import (
	"os"
	"path/filepath"
	"strings"
	"testing"
)

const built = "1.2.3-linux-amd64"

func TestWhatIsNotPublishedIsBuilt(t *testing.T) {
	e := newErrand(t, "Hello")
	// setup-envtest leaves its folders read-only.
	if err := os.MkdirAll(filepath.Join(e.store, "k8s", built), 0o555); err != nil {
		t.Fatal(err)
	}
	e.expect(t, built, "built")
}

func TestWhatIsThereIsLeftAlone(t *testing.T) {
	e := newErrand(t, "Hello")
	dir := filepath.Join(e.store, "k8s", built)
	if err := os.MkdirAll(dir, 0o755); err != nil {
		t.Fatal(err)
	}
	if err := os.WriteFile(filepath.Join(dir, "greeter"), []byte("#!/bin/sh\necho older\n"), 0o755); err != nil {
		t.Fatal(err)
	}
	e.expect(t, built, "older")
}

func TestOfBuildsAtOnceOneDoesTheWorkAndTheOthersWait(t *testing.T) {
	e := newErrand(t, "Hello")
	var output strings.Builder
	e.meter.out = &output
	done := make(chan error)
	for range 3 {
		go func() {
			_, err := (&errand{store: e.store, release: e.release, programs: e.programs, meter: e.meter}).run(t.Context())
			done <- err
		}()
	}
	for range 3 {
		if err := <-done; err != nil {
			t.Error(err)
		}
	}
	if n := strings.Count(output.String(), "Built the control plane"); n != 1 {
		t.Errorf("it was built %d times:\n%s", n, output.String())
	}
	e.expect(t, built, "built")
}

func TestABuildThatFailsSaysWhyAndLeavesNothingBehind(t *testing.T) {
	e := newErrand(t, "Undefined")
	_, err := e.run(t.Context())
	if err == nil || !strings.Contains(err.Error(), "undefined: greeter.Undefined") {
		t.Errorf("the error is %v", err)
	}
	expectFiles(t, filepath.Join(e.store, "k8s", built))
}

func TestABuildTellsHowManyPackagesThereAre(t *testing.T) {
	e := newErrand(t, "Hello")
	var output strings.Builder
	e.meter.out = &output
	e.expect(t, built, "built")
	if want := "Building greeter of Kubernetes v1.2.3: 2 packages\n"; !strings.Contains(output.String(), want) {
		t.Errorf("it says:\n%s\nwant %q in it", output.String(), want)
	}
}

func TestBinariesAreNamedAsTheGoCommandDoes(t *testing.T) {
	for pkg, want := range map[string]string{
		"go.etcd.io/etcd/server/v3": "server", "k8s.io/kubernetes/cmd/kubectl": "kubectl", "example.com/v2ray": "v2ray",
	} {
		if got := binary(pkg); got != want {
			t.Errorf("the binary of %s is %s; want %s", pkg, got, want)
		}
	}
}

func TestAMeterMovesInATerminalAndAddsLinesElsewhere(t *testing.T) {
	var out strings.Builder
	m := &meter{out: &out, terminal: true}
	m.show("%d of 12", 10)
	m.show("a moment later")
	m.say("done")
	if want := "\r10 of 12\r        \rdone\n"; out.String() != want {
		t.Errorf("a terminal shows %q; want %q", out.String(), want)
	}
	out.Reset()
	m = &meter{out: &out}
	m.show("%d of 12", 10)
	m.show("a moment later")
	m.say("done")
	if want := "10 of 12\ndone\n"; out.String() != want {
		t.Errorf("a file has %q; want %q", out.String(), want)
	}
}
