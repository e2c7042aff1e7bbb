// Copyright The conversations-operator Authors
// SPDX-License-Identifier: Apache-2.0

package main

import (
	"context"
	"errors"
	"fmt"
	"io"
	"os"
	"path/filepath"
	"strings"
	"time"

	"github.com/conversations-operator/conversations-operator/test/testbed"
)

// patience is how long a step may take to come true; each takes a fraction of it.
const patience = 30 * time.Second

// demo is one showing.
type demo struct {
	out   io.Writer
	start time.Time
	// stay until Ctrl-C at the end.
	stay bool
	// bin has the operator's binaries, and logs is where the manager's log stays after the end.
	bin, logs string

	bed     *testbed.Bed
	twilio  *testbed.Simulator
	manager *testbed.Manager
}

// run shows one step after another, until one does not come true.
func (d *demo) run(ctx context.Context) error {
	for _, step := range []func(context.Context) error{
		d.startControlPlane, d.startOperator, d.applySamples, d.compare, d.edit, d.correct, d.remove,
	} {
		if err := step(ctx); err != nil {
			return err
		}
	}
	d.say("Everything came true")
	if !d.stay {
		return nil
	}
	d.explain()
	select {
	case <-ctx.Done():
		return nil
	case <-d.manager.Done():
		return fmt.Errorf("the manager ended by itself; its log is %s", d.manager.Log)
	}
}

func (d *demo) startControlPlane(ctx context.Context) (err error) {
	d.say("Starting etcd, kube-apiserver and kube-controller-manager on 127.0.0.1")
	d.bed, err = testbed.Start(ctx, testbed.Options{ControllerManager: true, Bin: d.bin})
	return err
}

func (d *demo) startOperator(ctx context.Context) error {
	samples, err := d.bed.Samples(ctx)
	if err != nil {
		return err
	}
	if d.twilio, err = d.bed.StartSimulator(ctx, samples.Simulator()); err != nil {
		return err
	}
	d.say("Started the simulator in place of Twilio: %s", d.twilio.URL)
	d.say("Installing the operator")
	d.print("$ kubectl apply -k config/default")
	if err := d.bed.Install(ctx); err != nil {
		return err
	}
	log, err := d.freshLog()
	if err != nil {
		return err
	}
	d.manager, err = d.bed.StartManager(ctx, testbed.ManagerOptions{
		Log: log, Args: []string{"--cluster-name=demo", "--twilio-base-url=" + d.twilio.URL},
	})
	if err != nil {
		return err
	}
	d.say("Started the manager under the ServiceAccount of config/rbac; its log: %s", log)
	return nil
}

// freshLog names the manager's log, which the last showing must not be in.
func (d *demo) freshLog() (string, error) {
	dir, err := filepath.Abs(d.logs)
	if err != nil {
		return "", fmt.Errorf("naming the log: %w", err)
	}
	if err := os.MkdirAll(dir, 0o755); err != nil {
		return "", fmt.Errorf("making the folder of the log: %w", err)
	}
	path := filepath.Join(dir, "manager.log")
	if err := os.Remove(path); err != nil && !errors.Is(err, os.ErrNotExist) {
		return "", fmt.Errorf("removing the last log: %w", err)
	}
	return path, nil
}

// say prints a line with the time since the start.
func (d *demo) say(format string, args ...any) {
	_, _ = fmt.Fprintf(d.out, "\n%5.1fs  %s\n", time.Since(d.start).Seconds(), fmt.Sprintf(format, args...))
}

// print prints text, indented.
func (d *demo) print(text string) {
	for line := range strings.Lines(strings.TrimRight(text, "\n") + "\n") {
		_, _ = fmt.Fprint(d.out, "        ", line)
	}
}

// kubectl shows a command and what it prints.
func (d *demo) kubectl(ctx context.Context, args ...string) error {
	quoted := make([]string, 0, len(args))
	for _, arg := range args {
		if strings.ContainsAny(arg, ` {"`) {
			arg = "'" + arg + "'"
		}
		quoted = append(quoted, arg)
	}
	d.print("$ kubectl " + strings.Join(quoted, " "))
	out, err := d.bed.Kubectl(ctx, args...)
	d.print(out)
	return err
}

// eventually waits until check answers nil; what it saw last is the error.
func eventually(ctx context.Context, check func(context.Context) error) error {
	ctx, cancel := context.WithTimeout(ctx, patience)
	defer cancel()
	ticker := time.NewTicker(50 * time.Millisecond)
	defer ticker.Stop()
	var saw error
	for {
		if err := check(ctx); err == nil {
			return nil
		} else if ctx.Err() == nil {
			saw = err
		}
		select {
		case <-ctx.Done():
			return fmt.Errorf("after %s: %w", patience, saw)
		case <-ticker.C:
		}
	}
}

// explain says how to go on.
func (d *demo) explain() {
	d.say("It goes on running until Ctrl-C. In another terminal:")
	path := ""
	if assets := os.Getenv("KUBEBUILDER_ASSETS"); assets != "" {
		path = "export PATH=" + assets + `:"$PATH"` + "   # has kubectl\n"
	}
	d.print("\n" + path + "export KUBECONFIG=" + d.bed.Kubeconfig + `
kubectl get conversations -o wide
kubectl edit conversation/<name>
kubectl get events

curl ` + d.twilio.ControlURL + `/conversations   # what Twilio holds
curl ` + d.twilio.ControlURL + `                 # what else the simulator does: faults, its clock, messages
tail -f ` + d.manager.Log)
}
