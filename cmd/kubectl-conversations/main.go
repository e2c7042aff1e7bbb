// Copyright The conversations-operator Authors
// SPDX-License-Identifier: Apache-2.0

// Command kubectl-conversations is a kubectl plugin. kubectl conversations exports conversations at Twilio as
// manifests, previews changes, and finds conversations that differ from their spec or have no owner.
package main

import (
	"context"
	"os"
	"os/signal"
	"syscall"

	"github.com/go-logr/logr"
	"k8s.io/cli-runtime/pkg/genericiooptions"
	"k8s.io/klog/v2"

	"github.com/conversations-operator/conversations-operator/internal/cli"
)

func main() {
	ctx, stop := signal.NotifyContext(context.Background(), os.Interrupt, syscall.SIGTERM)
	// The command's own errors say what went wrong; client-go logs some of that once more.
	klog.SetLogger(logr.Discard())
	// A second Ctrl-C ends the process at once.
	context.AfterFunc(ctx, stop)
	streams := genericiooptions.IOStreams{In: os.Stdin, Out: os.Stdout, ErrOut: os.Stderr}
	code := cli.Run(ctx, os.Args[1:], streams, os.Getenv)
	stop()
	os.Exit(code)
}
