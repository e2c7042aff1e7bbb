// Copyright The conversations-operator Authors
// SPDX-License-Identifier: Apache-2.0

// Command envtest makes sure that the programs of a control plane are on this machine: etcd, kube-apiserver, kubectl and
// kube-controller-manager, or those of them that are named. Where the published programs can be reached, it downloads them
// and checks each against the checksum in archives.txt; elsewhere it builds them from the modules that hack/controlplane
// pins. The programs stay in the folder where setup-envtest keeps its own.
//
// It prints that folder, and nothing else, on stdout; progress goes to stderr. It is run from the root of the repository:
//
//	export KUBEBUILDER_ASSETS="$(go run ./hack/envtest)"
//	go run ./hack/envtest etcd kube-apiserver kubectl
//	go run ./hack/envtest -kubernetes oldest
//	go run ./hack/envtest -for "./internal/plan -run TestName"
//
// The environment decides the rest: a KUBEBUILDER_ASSETS that is set is printed as it is, and nothing is made.
// ENVTEST=download never builds, and ENVTEST=build never downloads.
package main

import (
	"context"
	"flag"
	"fmt"
	"os"
	"os/signal"
	"runtime"
	"slices"
	"strings"
	"syscall"
)

func main() {
	ctx, stop := signal.NotifyContext(context.Background(), os.Interrupt, syscall.SIGTERM)
	defer stop()
	dir, err := run(ctx, os.Args[1:])
	if err != nil {
		fmt.Fprintln(os.Stderr, "envtest:", err)
		os.Exit(1)
	}
	fmt.Fprintln(os.Stdout, dir)
}

// run answers the folder that has the programs which the arguments ask for. It is empty if nobody needs one.
func run(ctx context.Context, args []string) (string, error) {
	flags := flag.NewFlagSet("envtest", flag.ExitOnError)
	kubernetes := flags.String("kubernetes", "newest", "the newest or the oldest version of Kubernetes that the operator supports")
	tests := flags.String("for", "", "arguments of go test: nothing is made if none of their packages needs a control plane")
	_ = flags.Parse(args)
	if dir := os.Getenv("KUBEBUILDER_ASSETS"); dir != "" {
		return dir, nil
	}
	if *tests != "" {
		if needed, err := neededBy(ctx, strings.Fields(*tests)); err != nil || !needed {
			return "", err
		}
	}
	programs, err := programsNamed(flags.Args())
	if err != nil {
		return "", err
	}
	store, err := store(runtime.GOOS, os.Getenv)
	if err != nil {
		return "", err
	}
	release, err := findRelease(ctx, *kubernetes, runtime.GOOS+"/"+runtime.GOARCH)
	if err != nil {
		return "", err
	}
	return (&errand{
		store: store, release: release, programs: programs, way: os.Getenv("ENVTEST"), meter: newMeter(os.Stderr),
	}).run(ctx)
}

// allPrograms are the programs of a control plane.
var allPrograms = []string{"etcd", "kube-apiserver", "kubectl", "kube-controller-manager"}

// programsNamed answers the programs that are named, or all if none is.
func programsNamed(names []string) ([]string, error) {
	for _, name := range names {
		if !slices.Contains(allPrograms, name) {
			return nil, fmt.Errorf("there is no program %q: name some of %s", name, strings.Join(allPrograms, ", "))
		}
	}
	if len(names) == 0 {
		return allPrograms, nil
	}
	return names, nil
}
