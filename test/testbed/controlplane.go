// Copyright The conversations-operator Authors
// SPDX-License-Identifier: Apache-2.0

package testbed

import (
	"context"
	"errors"
	"fmt"
	"os"
	"path/filepath"

	corev1 "k8s.io/api/core/v1"
	"sigs.k8s.io/controller-runtime/pkg/client"
)

// assets is the folder of the control plane's binaries.
func assets(name string) (string, error) {
	dir := os.Getenv("KUBEBUILDER_ASSETS")
	path := filepath.Join(dir, name)
	if _, err := os.Stat(path); dir == "" || err != nil {
		return "", errors.New("KUBEBUILDER_ASSETS names no folder with " + name + `: set it to "$(go run ./hack/envtest)"`)
	}
	return path, nil
}

func (b *Bed) startAPIServer() error {
	for _, name := range []string{"etcd", "kube-apiserver", "kubectl"} {
		if _, err := assets(name); err != nil {
			return err
		}
	}
	environment := newEnvironment()
	if b.options.Audit != "" {
		if err := b.configureAudit(environment.ControlPlane.GetAPIServer().Configure()); err != nil {
			return err
		}
	}
	b.environment = environment
	cfg, err := environment.Start()
	if err != nil {
		return fmt.Errorf("starting etcd and kube-apiserver: %w", err)
	}
	cfg.QPS = -1
	b.Config = cfg
	return nil
}

// startControllerManager waits until it has made the ServiceAccount that every namespace has.
func (b *Bed) startControllerManager(ctx context.Context) error {
	path, err := assets("kube-controller-manager")
	if err != nil {
		return err
	}
	certs := b.environment.ControlPlane.GetAPIServer().CertDir
	log, err := os.Create(filepath.Join(b.Dir, "kube-controller-manager.log"))
	if err != nil {
		return fmt.Errorf("making a log file: %w", err)
	}
	p, err := b.run(ctx, command{path: path, out: log, args: []string{
		"--kubeconfig=" + b.Kubeconfig,
		"--leader-elect=false",
		"--secure-port=0",
		"--service-account-private-key-file=" + filepath.Join(certs, "sa-signer.key"),
		"--root-ca-file=" + filepath.Join(certs, "apiserver.crt"),
		"--controllers=namespace-controller,garbage-collector-controller,serviceaccount-controller," +
			"serviceaccount-token-controller,root-ca-certificate-publisher-controller,clusterrole-aggregation-controller",
	}})
	if err != nil {
		return err
	}
	key := client.ObjectKey{Namespace: "default", Name: "default"}
	return p.await(ctx, func(ctx context.Context) error { return b.Client.Get(ctx, key, &corev1.ServiceAccount{}) })
}
