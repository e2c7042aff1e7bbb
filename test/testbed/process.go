// Copyright The conversations-operator Authors
// SPDX-License-Identifier: Apache-2.0

package testbed

import (
	"context"
	"errors"
	"fmt"
	"io"
	"os"
	"os/exec"
	"path/filepath"
	"slices"
	"syscall"
	"time"
)

// stopTimeout is longer than the 25 seconds that the manager takes at most to end; after that, SIGKILL.
const stopTimeout = 30 * time.Second

// command is what to run. Its output goes to out, which is closed at its end.
type command struct {
	path string
	args []string
	env  []string // beside the environment of this process
	out  io.WriteCloser
}

// process is a running program. It gets SIGTERM when the context of its start ends.
type process struct {
	name   string
	cmd    *exec.Cmd
	cancel context.CancelFunc
	done   chan struct{} // closed once it ended and err is set
	err    error
}

func (b *Bed) run(ctx context.Context, c command) (*process, error) {
	b.noteArguments(c.args)
	ctx, cancel := context.WithCancel(ctx)
	p := &process{name: filepath.Base(c.path), cancel: cancel, done: make(chan struct{})}
	p.cmd = exec.CommandContext(ctx, c.path, c.args...)
	p.cmd.Dir = b.Root
	p.cmd.Env = append(os.Environ(), c.env...)
	p.cmd.Stdout, p.cmd.Stderr = c.out, c.out
	p.cmd.Cancel = func() error { return p.cmd.Process.Signal(syscall.SIGTERM) }
	p.cmd.WaitDelay = stopTimeout
	// Ctrl-C is for this process alone, which then ends the others in order.
	p.cmd.SysProcAttr = &syscall.SysProcAttr{Setpgid: true}
	if err := p.cmd.Start(); err != nil {
		cancel()
		return nil, errors.Join(fmt.Errorf("starting %s: %w", p.name, err), c.out.Close())
	}
	go func() {
		p.err = errors.Join(p.cmd.Wait(), c.out.Close())
		close(p.done)
	}()
	b.mu.Lock()
	defer b.mu.Unlock()
	b.processes = append(b.processes, p)
	return p, nil
}

func (b *Bed) noteArguments(args []string) {
	b.mu.Lock()
	defer b.mu.Unlock()
	b.arguments = append(b.arguments, args...)
}

// Arguments are those of every program that was run so far: every user of a machine can read them.
func (b *Bed) Arguments() []string {
	b.mu.Lock()
	defer b.mu.Unlock()
	return slices.Clone(b.arguments)
}

// await asks until ready answers nil.
func (p *process) await(ctx context.Context, ready func(context.Context) error) error {
	ctx, cancel := context.WithTimeout(ctx, startTimeout)
	defer cancel()
	ticker := time.NewTicker(pollPeriod)
	defer ticker.Stop()
	for {
		err := ready(ctx)
		if err == nil {
			return nil
		}
		select {
		case <-p.done:
			return fmt.Errorf("%s ended before it was ready: %w", p.name, p.err)
		case <-ctx.Done():
			return errors.Join(fmt.Errorf("waiting for %s: %w", p.name, err), ctx.Err())
		case <-ticker.C:
		}
	}
}

// end sends SIGTERM and waits for the end.
func (p *process) end() {
	p.cancel()
	<-p.done
}

// stop is end, and an error if the program did not end well by itself.
func (p *process) stop() error {
	p.end()
	if code := p.cmd.ProcessState.ExitCode(); code != 0 {
		return fmt.Errorf("%s ended with %s", p.name, p.cmd.ProcessState)
	}
	return nil
}

// kill sends SIGKILL and waits for the end.
func (p *process) kill() {
	_ = p.cmd.Process.Kill()
	<-p.done
	p.cancel()
}
