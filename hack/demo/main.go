// Copyright The conversations-operator Authors
// SPDX-License-Identifier: Apache-2.0

// Command demo shows the operator at work against a simulated Twilio, on 127.0.0.1 alone: a control plane, the manager's
// binary under its own ServiceAccount, conversations that are applied, edited, changed at Twilio, created twice and deleted.
// Each step checks what came of it. Then the demo stays until Ctrl-C, unless the environment has ONCE set. With -brief it shows
// what kubectl answers to get and events alone, for a picture. `make demo` runs it.
package main

import (
	"errors"
	"flag"
	"fmt"
	"os"
	"path/filepath"
	"time"

	"github.com/conversations-operator/conversations-operator/test/testbed/stage"
)

func main() {
	ctx, stop := stage.Begin()
	d := &demo{out: os.Stdout, start: time.Now(), stay: os.Getenv("ONCE") == "", bin: "bin", logs: filepath.Join("bin", "demo")}
	flag.BoolVar(&d.brief, "brief", false, "Show what kubectl answers to get and events alone.")
	flag.Parse()
	err := d.run(ctx)
	interrupted := ctx.Err() != nil
	// A second Ctrl-C ends the clearing up too.
	stop()
	if d.Stage != nil {
		err = errors.Join(err, d.Close())
	}
	if err != nil && (!interrupted || !d.stay) {
		_, _ = fmt.Fprintf(os.Stderr, "\nThe demo failed: %v\n", err)
		os.Exit(1)
	}
}
