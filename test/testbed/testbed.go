// Copyright The conversations-operator Authors
// SPDX-License-Identifier: Apache-2.0

// Package testbed runs the whole system on 127.0.0.1, for the demo, the benchmarks and the system tests: etcd,
// kube-apiserver and, if wanted, kube-controller-manager; the manifests of config/default; the manager's binary under the
// ServiceAccount and the permissions that these give it; and the simulator's binary in place of Twilio.
//
//	bed, err := testbed.Start(ctx, testbed.Options{Audit: auditv1.LevelMetadata})
//	defer bed.Close()
//	err = bed.Install(ctx)
//	twilio, err := bed.StartSimulator(ctx, testbed.SimulatorOptions{})
//	manager, err := bed.StartManager(ctx, testbed.ManagerOptions{Args: []string{"--twilio-base-url=" + twilio.URL}})
//
// Every program ends when the context of its start ends, and at the latest when the bed is closed.
package testbed

import (
	"context"
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"slices"
	"sync"
	"time"

	"k8s.io/apimachinery/pkg/runtime"
	auditv1 "k8s.io/apiserver/pkg/apis/audit/v1"
	clientgoscheme "k8s.io/client-go/kubernetes/scheme"
	"k8s.io/client-go/rest"
	"sigs.k8s.io/controller-runtime/pkg/client"
	"sigs.k8s.io/controller-runtime/pkg/envtest"

	"github.com/conversations-operator/conversations-operator/api/v1alpha1"
)

const (
	// startTimeout is how long a program may take until it answers: two busy cores need a few seconds, and a manager of
	// 100,000 objects, which is ready when it has read them, a minute.
	startTimeout = 3 * time.Minute
	// pollPeriod is how often something that cannot tell by itself is asked whether it is ready.
	pollPeriod = 20 * time.Millisecond
)

// Options are what a bed consists of. The zero value is a bare control plane.
type Options struct {
	// Audit is how much of each request the API server's audit log keeps, see [Bed.Audit]; left out, there is none.
	Audit auditv1.Level
	// ControllerManager runs kube-controller-manager too, as far as namespaces, garbage collection and ServiceAccounts
	// are concerned. Nothing runs Deployments.
	ControllerManager bool
	// Bin is a folder that has the binaries manager and twilio-simulator; left out, they are built.
	Bin string
}

// Bed is a running control plane and what was started beside it.
type Bed struct {
	// Root is the checkout's folder; relative paths in [Bed.Kubectl] start there.
	Root string
	// Dir is a temporary folder that [Bed.Close] removes.
	Dir string
	// Kubeconfig is the path of a kubeconfig with all permissions, and Config the same; its requests are not limited.
	Kubeconfig string
	Config     *rest.Config
	// Client has all permissions and knows the operator's kinds.
	Client client.WithWatch

	options     Options
	environment *envtest.Environment
	build       build

	mu        sync.Mutex
	processes []*process
	arguments []string
}

// Start starts a control plane. KUBEBUILDER_ASSETS must name the folder of its binaries, as `go run ./hack/envtest` does.
func Start(ctx context.Context, o Options) (*Bed, error) {
	root, err := FindRoot()
	if err != nil {
		return nil, err
	}
	dir, err := os.MkdirTemp("", "testbed-")
	if err != nil {
		return nil, fmt.Errorf("making a folder: %w", err)
	}
	b := &Bed{Root: root, Dir: dir, Kubeconfig: filepath.Join(dir, "admin.kubeconfig"), options: o}
	if err := b.start(ctx); err != nil {
		return nil, errors.Join(err, b.Close())
	}
	return b, nil
}

func (b *Bed) start(ctx context.Context) error {
	if err := b.startAPIServer(); err != nil {
		return err
	}
	if err := ctx.Err(); err != nil {
		return err
	}
	if err := os.WriteFile(b.Kubeconfig, b.environment.KubeConfig, 0o600); err != nil {
		return fmt.Errorf("writing the kubeconfig: %w", err)
	}
	scheme := runtime.NewScheme()
	if err := errors.Join(clientgoscheme.AddToScheme(scheme), v1alpha1.AddToScheme(scheme)); err != nil {
		return fmt.Errorf("making the scheme: %w", err)
	}
	var err error
	if b.Client, err = client.NewWithWatch(b.Config, client.Options{Scheme: scheme}); err != nil {
		return fmt.Errorf("making a client: %w", err)
	}
	if b.options.ControllerManager {
		return b.startControllerManager(ctx)
	}
	return nil
}

// Close ends every program that the bed started, the youngest first, and removes its folder. It may be called again.
func (b *Bed) Close() error {
	b.mu.Lock()
	processes := b.processes
	b.processes = nil
	b.mu.Unlock()
	for _, p := range slices.Backward(processes) {
		p.end()
	}
	var err error
	if b.environment != nil {
		err = b.environment.Stop()
	}
	return errors.Join(err, os.RemoveAll(b.Dir))
}

// FindRoot answers the folder of the go.mod above the working directory: the checkout's.
func FindRoot() (string, error) {
	dir, err := os.Getwd()
	if err != nil {
		return "", fmt.Errorf("finding the checkout: %w", err)
	}
	for {
		if _, err := os.Stat(filepath.Join(dir, "go.mod")); err == nil {
			return dir, nil
		}
		parent := filepath.Dir(dir)
		if parent == dir {
			return "", errors.New("finding the checkout: no go.mod above the working directory")
		}
		dir = parent
	}
}
