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
	"k8s.io/apimachinery/pkg/api/meta"
	"k8s.io/apimachinery/pkg/runtime"
	clientgoscheme "k8s.io/client-go/kubernetes/scheme"
	"k8s.io/client-go/rest"
	ctrl "sigs.k8s.io/controller-runtime"
	"sigs.k8s.io/controller-runtime/pkg/client"
	"sigs.k8s.io/controller-runtime/pkg/client/apiutil"

	"github.com/conversations-operator/conversations-operator/api/v1alpha1"
	"github.com/conversations-operator/conversations-operator/test/invariant"
	"github.com/conversations-operator/conversations-operator/test/testbed"
)

// atOnce is how many points run at a time: nearly all of their time is waiting.
const atOnce = "32"

var (
	scheme  = runtime.NewScheme()
	kube    *rest.Config
	k8s     client.WithWatch
	mapper  meta.RESTMapper
	witness *invariant.Witness
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
	for _, add := range []func(*runtime.Scheme) error{clientgoscheme.AddToScheme, v1alpha1.AddToScheme} {
		if err := add(scheme); err != nil {
			return 0, err
		}
	}
	var stop func() error
	var err error
	if kube, stop, err = testbed.StartAPIServer(); err != nil {
		return 0, err
	}
	defer func() { _ = stop() }()
	if err := connect(); err != nil {
		return 0, err
	}
	ctx, cancel := context.WithCancel(context.Background())
	defer cancel()
	if witness, err = invariant.Watch(ctx, k8s); err != nil {
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

func connect() error {
	httpClient, err := rest.HTTPClientFor(kube)
	if err != nil {
		return err
	}
	if mapper, err = apiutil.NewDynamicRESTMapper(kube, httpClient); err != nil {
		return err
	}
	k8s, err = client.NewWithWatch(kube, client.Options{Scheme: scheme, Mapper: mapper, HTTPClient: httpClient})
	return err
}
