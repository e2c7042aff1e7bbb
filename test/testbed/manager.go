// Copyright The conversations-operator Authors
// SPDX-License-Identifier: Apache-2.0

package testbed

import (
	"context"
	"fmt"
	"io"
	"net"
	"net/http"
	"os"
	"path/filepath"
)

// ManagerOptions are how the manager runs.
type ManagerOptions struct {
	// Args are its flags, beside those that say where its probes listen.
	Args []string
	// Log is the file that its log is appended to; left out, one in the bed's folder.
	Log string
}

// Manager is the manager's binary under the ServiceAccount of config/default, and so with the permissions of its Role
// and ClusterRole alone.
type Manager struct {
	// Log is the path of its log.
	Log string

	bed        *Bed
	path       string
	args       []string
	kubeconfig string
	process    *process
}

// StartManager starts the manager and waits until it is ready. [Bed.Install] must have been called.
func (b *Bed) StartManager(ctx context.Context, o ManagerOptions) (*Manager, error) {
	bin, err := b.binaries(ctx)
	if err != nil {
		return nil, err
	}
	m := &Manager{Log: o.Log, bed: b, path: filepath.Join(bin, "manager"), args: o.Args}
	if m.Log == "" {
		m.Log = filepath.Join(b.Dir, "manager.log")
	}
	if m.kubeconfig, err = b.managerKubeconfig(ctx); err != nil {
		return nil, err
	}
	return m, m.Start(ctx)
}

// Start starts the manager again, after [Manager.Stop] or [Manager.Kill], and waits until it is ready.
func (m *Manager) Start(ctx context.Context) error {
	log, err := os.OpenFile(m.Log, os.O_CREATE|os.O_WRONLY|os.O_APPEND, 0o600)
	if err != nil {
		return fmt.Errorf("opening the manager's log: %w", err)
	}
	probes, err := freeAddress(ctx)
	if err != nil {
		return err
	}
	m.process, err = m.bed.run(ctx, command{
		path: m.path, args: append([]string{"--health-probe-bind-address=" + probes}, m.args...),
		env: []string{"KUBECONFIG=" + m.kubeconfig}, out: log,
	})
	if err != nil {
		return err
	}
	err = m.process.await(ctx, func(ctx context.Context) error { return get(ctx, "http://"+probes+"/readyz", io.Discard) })
	if err != nil {
		return fmt.Errorf("%w; its log is %s", err, m.Log)
	}
	return nil
}

// Stop sends SIGTERM and waits for the end, which must be a good one.
func (m *Manager) Stop() error { return m.process.stop() }

// Kill sends SIGKILL and waits for the end.
func (m *Manager) Kill() { m.process.kill() }

// Restart is Stop and Start.
func (m *Manager) Restart(ctx context.Context) error {
	if err := m.Stop(); err != nil {
		return err
	}
	return m.Start(ctx)
}

// PID of the process that runs or ran last.
func (m *Manager) PID() int { return m.process.cmd.Process.Pid }

// Done is closed once the process that runs now has ended.
func (m *Manager) Done() <-chan struct{} { return m.process.done }

// freeAddress is an address of 127.0.0.1 that nobody listens on.
func freeAddress(ctx context.Context) (string, error) {
	var lc net.ListenConfig
	l, err := lc.Listen(ctx, "tcp", "127.0.0.1:0")
	if err != nil {
		return "", fmt.Errorf("finding a free port: %w", err)
	}
	return l.Addr().String(), l.Close()
}

// get copies the body of a good answer.
func get(ctx context.Context, url string, to io.Writer) error {
	req, err := http.NewRequestWithContext(ctx, http.MethodGet, url, nil)
	if err != nil {
		return err
	}
	return send(req, to)
}

// send copies the body of a good answer; another is an error.
func send(req *http.Request, to io.Writer) error {
	resp, err := httpClient.Do(req)
	if err != nil {
		return err
	}
	defer resp.Body.Close()
	if resp.StatusCode/100 != 2 {
		body, _ := io.ReadAll(io.LimitReader(resp.Body, 1<<10))
		return fmt.Errorf("%s %s: %s: %s", req.Method, req.URL, resp.Status, body)
	}
	_, err = io.Copy(to, resp.Body)
	return err
}
