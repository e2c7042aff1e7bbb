// Copyright The conversations-operator Authors
// SPDX-License-Identifier: Apache-2.0

// Command demo shows the operator at work against a simulated Twilio, on 127.0.0.1 alone: a control plane, the manager's
// binary under its own ServiceAccount, conversations that are applied, edited, changed at Twilio, created twice and deleted.
// Each step checks what came of it. Then the demo stays until Ctrl-C, unless the environment has ONCE set. With -brief it shows
// what kubectl answers to get and events alone, for a picture. `make demo` runs it.
package main

import (
	"context"
	"errors"
	"flag"
	"fmt"
	"os"
	"os/signal"
	"path/filepath"
	"syscall"
	"time"

	"github.com/go-logr/logr"
	ctrl "sigs.k8s.io/controller-runtime"
)

func main() {
	ctx, stop := signal.NotifyContext(context.Background(), os.Interrupt, syscall.SIGTERM)
	// What starts the control plane logs for developers of tests.
	ctrl.SetLogger(logr.Discard())
	d := &demo{out: os.Stdout, start: time.Now(), stay: os.Getenv("ONCE") == "", bin: "bin", logs: filepath.Join("bin", "demo")}
	flag.BoolVar(&d.brief, "brief", false, "Show what kubectl answers to get and events alone.")
	flag.Parse()
	err := d.run(ctx)
	interrupted := ctx.Err() != nil
	// A second Ctrl-C ends the clearing up too.
	stop()
	if d.bed != nil {
		err = errors.Join(err, d.bed.Close())
	}
	if err != nil && (!interrupted || !d.stay) {
		_, _ = fmt.Fprintf(os.Stderr, "\nThe demo failed: %v\n", err)
		os.Exit(1)
	}
}
