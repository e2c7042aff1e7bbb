// Copyright The conversations-operator Authors
// SPDX-License-Identifier: Apache-2.0

// Package crash shows that no crash, no lost answer and no race ever duplicates or loses a conversation. Its matrix runs
// every story once without a fault, numbers the calls to Kubernetes and to Twilio that the story makes, and then runs it
// again for every call and everything that can happen to it. A new story is one row of stories.
package crash

import (
	"context"
	"flag"
	"fmt"
	"os"
	"testing"
	"time"

	"github.com/go-logr/logr"
	. "github.com/onsi/gomega"
	ctrl "sigs.k8s.io/controller-runtime"
	"sigs.k8s.io/controller-runtime/pkg/client"

	"github.com/conversations-operator/conversations-operator/test/testbed/cluster"
	"github.com/conversations-operator/conversations-operator/test/testbed/witness"
)

// atOnce is how many points run at a time: nearly all of their time is waiting.
const atOnce = "32"

var (
	kube *cluster.Cluster
	k8s  client.WithWatch
	seen *witness.Witness
)

func TestMain(m *testing.M) {
	flag.Parse()
	code, err := run(m)
	if err != nil {
		fmt.Fprintln(os.Stderr, err)
		os.Exit(1)
	}
	os.Exit(code)
}

func run(m *testing.M) (int, error) {
	if err := flag.Set("test.parallel", atOnce); err != nil {
		return 0, err
	}
	ctrl.SetLogger(logr.Discard())
	SetDefaultEventuallyTimeout(time.Minute)
	SetDefaultEventuallyPollingInterval(200 * time.Millisecond)
	var err error
	if kube, err = cluster.Start(); err != nil {
		return 0, err
	}
	defer func() { _ = kube.Stop() }()
	k8s = kube.Client
	ctx, cancel := context.WithCancel(context.Background())
	defer cancel()
	seen = &witness.Witness{Client: k8s}
	if err := seen.Watch(ctx); err != nil {
		return 0, err
	}
	code := m.Run()
	return code, summarise()
}

// summarise says how much was covered: on stdout, which go test shows with -v only, and in the file CRASH_SUMMARY.
func summarise() error {
	text := fmt.Sprintf("%d crash points covered in %d stories\n", covered.Load(), len(stories))
	if _, err := fmt.Fprint(os.Stdout, text); err != nil {
		return err
	}
	if path := os.Getenv("CRASH_SUMMARY"); path != "" {
		return os.WriteFile(path, []byte(text), 0o600)
	}
	return nil
}
