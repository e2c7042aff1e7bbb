// Copyright The conversations-operator Authors
// SPDX-License-Identifier: Apache-2.0

package cluster

import (
	"context"
	"errors"
	"fmt"
	"net/http"
	"time"

	"github.com/go-logr/logr"
	"k8s.io/apimachinery/pkg/api/meta"
	"k8s.io/client-go/rest"
	ctrl "sigs.k8s.io/controller-runtime"
	"sigs.k8s.io/controller-runtime/pkg/client"
	"sigs.k8s.io/controller-runtime/pkg/config"
	metricsserver "sigs.k8s.io/controller-runtime/pkg/metrics/server"

	"github.com/conversations-operator/conversations-operator/internal/controller"
	"github.com/conversations-operator/conversations-operator/internal/controller/options"
)

const (
	// gracePeriod is what the manager's reconcilers have to come to an end, and stopTimeout, which is longer, what all of it has.
	gracePeriod = 20 * time.Second
	stopTimeout = time.Minute
)

// Manager is the operator's manager, in this process. Its fields are set before it starts.
type Manager struct {
	// Options are what its flags would say.
	Options options.Manager
	// Around is put around its client, if there is one.
	Around func(client.Client) client.Client
	// API carries its requests to the API server, and Watches those of its cache; left out, connections like everybody's do.
	API, Watches http.RoundTripper
	// Log is where it logs; left out, where controller-runtime does.
	Log logr.Logger

	cluster *Cluster
	manager ctrl.Manager
	cancel  context.CancelFunc
	done    chan struct{} // closed once it ended and err is set
	err     error
}

// StartManager starts a manager, which runs until [Manager.Stop] is called. It may still have to read what there is, see
// [Manager.Synced].
func (c *Cluster) StartManager(m *Manager) error {
	m.cluster = c
	mgr, err := ctrl.NewManager(m.config(), m.options())
	if err != nil {
		return fmt.Errorf("making a manager: %w", err)
	}
	ctx, cancel := context.WithCancel(context.Background())
	if err := controller.Setup(ctx, mgr, m.Options); err != nil {
		cancel()
		return fmt.Errorf("setting the manager up: %w", err)
	}
	m.manager, m.cancel, m.done = mgr, cancel, make(chan struct{})
	go func() {
		defer close(m.done)
		m.err = mgr.Start(ctx)
	}()
	return nil
}

func (m *Manager) config() *rest.Config {
	if m.API == nil {
		return rest.CopyConfig(m.cluster.Config)
	}
	return &rest.Config{Host: m.cluster.Config.Host, QPS: -1, Transport: m.API}
}

func (m *Manager) options() ctrl.Options {
	o := ctrl.Options{
		Scheme: m.cluster.Client.Scheme(), Logger: m.Log, Cache: controller.CacheOptions(m.Options),
		MapperProvider:          func(*rest.Config, *http.Client) (meta.RESTMapper, error) { return m.cluster.mapper, nil },
		Metrics:                 metricsserver.Options{BindAddress: "0"},
		Controller:              config.Controller{SkipNameValidation: new(true)},
		GracefulShutdownTimeout: new(gracePeriod),
	}
	if m.Watches != nil {
		o.Cache.HTTPClient = &http.Client{Transport: m.Watches}
	}
	if m.Around != nil {
		o.NewClient = func(cfg *rest.Config, o client.Options) (client.Client, error) {
			c, err := client.New(cfg, o)
			if err != nil {
				return nil, err
			}
			return m.Around(c), nil
		}
	}
	return o
}

// Synced waits until the manager has read what there is; false: ctx ended before.
func (m *Manager) Synced(ctx context.Context) bool { return m.manager.GetCache().WaitForCacheSync(ctx) }

// Elected is closed once the manager works.
func (m *Manager) Elected() <-chan struct{} { return m.manager.Elected() }

// Cache is what the manager has seen.
func (m *Manager) Cache() client.Reader { return m.manager.GetCache() }

// Done is closed once the manager has ended.
func (m *Manager) Done() <-chan struct{} { return m.done }

// Stop ends the manager and waits for the end, which must be a good one. It may be called again.
func (m *Manager) Stop() error {
	m.cancel()
	select {
	case <-m.done:
		return m.err
	case <-time.After(stopTimeout):
		return errors.New("the manager did not end within " + stopTimeout.String())
	}
}
