// Copyright The conversations-operator Authors
// SPDX-License-Identifier: Apache-2.0

package testbed

import (
	"cmp"
	"context"
	"fmt"
	"io"
	"os"
	"path/filepath"
	"slices"
	"strings"
)

// ManagerOptions are how the manager runs.
type ManagerOptions struct {
	// Args are its flags, beside those that say where its probes and its metrics listen: the latter without TLS, unless
	// --metrics-secure is among them.
	Args []string
	// Log is the file that its log is appended to; left out, one in the bed's folder.
	Log string
	// Env is added to its environment.
	Env []string
	// Image is the folder of an unpacked image: the manager runs in it, as its user and without writing into it. Left out,
	// the binary runs as it is.
	Image string
	// Namespace is where its Deployment and ServiceAccount are; left out, [Namespace].
	Namespace string
	// Probe is what it must answer before it counts as started; left out, readyz. One that cannot get ready answers healthz.
	Probe string
}

// Manager is the manager's binary under the ServiceAccount of its Deployment, and so with the permissions of its roles
// alone.
type Manager struct {
	// Log is the path of its log.
	Log string
	// MetricsAddress is where it serves /metrics, host and port.
	MetricsAddress string
	// ProfileAddress is where it serves /debug/pprof, host and port.
	ProfileAddress string

	bed        *Bed
	path       string
	args, env  []string
	probe      string
	kubeconfig string
	container  *container
	process    *process
}

// StartManager starts the manager and waits until it answers its probe. [Bed.Install] must have been called.
func (b *Bed) StartManager(ctx context.Context, o ManagerOptions) (*Manager, error) {
	m := &Manager{Log: o.Log, bed: b, args: o.Args, env: o.Env, probe: cmp.Or(o.Probe, "readyz")}
	if m.Log == "" {
		m.Log = filepath.Join(b.Dir, "manager.log")
	}
	var err error
	if m.kubeconfig, err = b.managerKubeconfig(ctx, cmp.Or(o.Namespace, Namespace)); err != nil {
		return nil, err
	}
	if o.Image != "" {
		return m, m.startInImage(ctx, o.Image)
	}
	bin, err := b.binaries(ctx)
	if err != nil {
		return nil, err
	}
	m.path = filepath.Join(bin, "manager")
	return m, m.Start(ctx)
}

// startInImage starts the manager of an unpacked image, with its kubeconfig beside it.
func (m *Manager) startInImage(ctx context.Context, image string) (err error) {
	const kubeconfig = "kubeconfig"
	m.path = filepath.Join(image, "manager")
	m.container = &container{root: image}
	if err := m.container.put(m.kubeconfig, kubeconfig); err != nil {
		return fmt.Errorf("giving the manager its kubeconfig: %w", err)
	}
	// Each way begins in the folder.
	m.kubeconfig = kubeconfig
	if m.container, err = newContainer(ctx, image, "/manager", "--help"); err != nil {
		return err
	}
	return m.Start(ctx)
}

// Start starts the manager again, after [Manager.Stop] or [Manager.Kill], and waits until it answers its probe.
func (m *Manager) Start(ctx context.Context) error {
	log, err := os.OpenFile(m.Log, os.O_CREATE|os.O_WRONLY|os.O_APPEND, 0o600)
	if err != nil {
		return fmt.Errorf("opening the manager's log: %w", err)
	}
	free, err := freeAddresses(ctx, 3)
	if err != nil {
		return err
	}
	probes := free[0]
	m.MetricsAddress, m.ProfileAddress = free[1], free[2]
	c := command{
		path: m.path, env: append([]string{"KUBECONFIG=" + m.kubeconfig}, m.env...), out: log,
		args: append([]string{
			"--health-probe-bind-address=" + probes, "--metrics-bind-address=" + m.MetricsAddress, "--metrics-secure=false",
			"--pprof-bind-address=" + m.ProfileAddress,
		}, m.args...),
	}
	if m.container != nil {
		line := m.container.args("/manager", c.args...)
		c.path, c.args = line[0], line[1:]
	}
	m.process, err = m.bed.run(ctx, c)
	if err != nil {
		return err
	}
	err = m.process.await(ctx, func(ctx context.Context) error { return get(ctx, "http://"+probes+"/"+m.probe, io.Discard) })
	if err != nil {
		return fmt.Errorf("%w; its log is %s", err, m.Log)
	}
	return nil
}

// logShown is how many lines of its log are shown where something failed.
const logShown = 50

// LogEnd is the end of its log, for the report of a failure, or why that cannot be read.
func (m *Manager) LogEnd() string {
	log, err := os.ReadFile(m.Log)
	if err != nil {
		return err.Error()
	}
	lines := slices.Collect(strings.Lines(string(log)))
	return strings.Join(lines[max(0, len(lines)-logShown):], "")
}

// Profile writes a profile, "heap" or "profile?seconds=30", in the format of pprof.
func (m *Manager) Profile(ctx context.Context, name string, to io.Writer) error {
	return get(ctx, "http://"+m.ProfileAddress+"/debug/pprof/"+name, to)
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

// Isolation says how the manager of an image is kept apart from this machine.
func (m *Manager) Isolation() string { return m.container.isolation.name }

// Contained tells whether the manager of an image sees the image alone, can't write into it and runs as its user.
func (m *Manager) Contained() bool { return m.container.isolation.contained }

// Path of the binary.
func (m *Manager) Path() string { return m.path }

// PID of the process that runs or ran last.
func (m *Manager) PID() int { return m.process.cmd.Process.Pid }

// Done is closed once the process that runs now has ended.
func (m *Manager) Done() <-chan struct{} { return m.process.done }
