// Copyright The conversations-operator Authors
// SPDX-License-Identifier: Apache-2.0

// Package cluster runs an API server that serves the operator's kinds and nothing else, and managers in the process of the
// tests: for tests that count requests, break connections, or look into a cache. What runs the binary is package testbed.
package cluster

import (
	"errors"
	"fmt"

	"k8s.io/apimachinery/pkg/api/meta"
	"k8s.io/apimachinery/pkg/runtime"
	clientgoscheme "k8s.io/client-go/kubernetes/scheme"
	"k8s.io/client-go/rest"
	"sigs.k8s.io/controller-runtime/pkg/client"
	"sigs.k8s.io/controller-runtime/pkg/client/apiutil"

	"github.com/conversations-operator/conversations-operator/api/v1alpha1"
	"github.com/conversations-operator/conversations-operator/test/testbed"
)

// Cluster is a running API server.
type Cluster struct {
	// Config has all permissions, and its requests are not limited.
	Config *rest.Config
	// Client has all permissions. Its scheme knows the operator's kinds and those of Kubernetes.
	Client client.WithWatch

	mapper meta.RESTMapper
	stop   func() error
}

// Start starts etcd and a kube-apiserver. KUBEBUILDER_ASSETS must name the folder of their binaries.
func Start() (*Cluster, error) {
	c := &Cluster{}
	var err error
	if c.Config, c.stop, err = testbed.StartAPIServer(); err != nil {
		return nil, err
	}
	if err := c.connect(); err != nil {
		return nil, errors.Join(err, c.stop())
	}
	return c, nil
}

func (c *Cluster) connect() error {
	scheme := runtime.NewScheme()
	if err := errors.Join(clientgoscheme.AddToScheme(scheme), v1alpha1.AddToScheme(scheme)); err != nil {
		return fmt.Errorf("making the scheme: %w", err)
	}
	httpClient, err := rest.HTTPClientFor(c.Config)
	if err != nil {
		return fmt.Errorf("making a client: %w", err)
	}
	if c.mapper, err = apiutil.NewDynamicRESTMapper(c.Config, httpClient); err != nil {
		return fmt.Errorf("making a client: %w", err)
	}
	c.Client, err = client.NewWithWatch(c.Config, client.Options{Scheme: scheme, Mapper: c.mapper, HTTPClient: httpClient})
	if err != nil {
		return fmt.Errorf("making a client: %w", err)
	}
	return nil
}

// Stop ends the API server and etcd. Managers must have ended before, or it waits for them.
func (c *Cluster) Stop() error { return c.stop() }
