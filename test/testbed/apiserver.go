// Copyright The conversations-operator Authors
// SPDX-License-Identifier: Apache-2.0

package testbed

import (
	"errors"
	"fmt"
	"path/filepath"

	"k8s.io/client-go/rest"
	"sigs.k8s.io/controller-runtime/pkg/envtest"
)

// StartAPIServer starts etcd and a kube-apiserver that serves the operator's kinds, and nothing else, until stop is called:
// for tests that run the operator in their own process. Requests are not limited.
func StartAPIServer() (config *rest.Config, stop func() error, err error) {
	root, err := FindRoot()
	if err != nil {
		return nil, nil, err
	}
	environment := newEnvironment()
	environment.CRDDirectoryPaths, environment.ErrorIfCRDPathMissing = []string{filepath.Join(root, "config", "crd", "bases")}, true
	if config, err = environment.Start(); err != nil {
		return nil, nil, errors.Join(fmt.Errorf("starting etcd and kube-apiserver: %w", err), environment.Stop())
	}
	config.QPS = -1
	return config, environment.Stop, nil
}

// newEnvironment gives programs the time that they may take on a busy machine: the tests of several packages run at a time.
func newEnvironment() *envtest.Environment {
	return &envtest.Environment{
		ControlPlaneStartTimeout: startTimeout, ControlPlaneStopTimeout: startTimeout,
		CRDInstallOptions: envtest.CRDInstallOptions{MaxTime: startTimeout},
	}
}
