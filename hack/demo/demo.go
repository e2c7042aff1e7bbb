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
	"slices"
	"strings"
	"time"

	"github.com/conversations-operator/conversations-operator/test/testbed"
)

// patience is how long a step may take to come true; each takes a fraction of it.
const patience = 30 * time.Second

// introduction is the first screen.
const introduction = `conversations-operator at work, in about 15 seconds, on this machine alone: a real API server, the operator
under its own permissions, and a simulated Twilio, all on 127.0.0.1. You will see
  1. conversations that are applied, and created at Twilio
  2. an edit, which costs Twilio one request
  3. a change at Twilio, which the operator finds and puts right
  4. a create whose answer is lost, and still one conversation
  5. a deletion
`

// demo is one showing.
type demo struct {
	out   io.Writer
	start time.Time
	// stay until Ctrl-C at the end.
	stay bool
	// brief shows what kubectl answers to get and events alone.
	brief bool
	// bin has the operator's binaries, and logs is where the manager's log stays after the end.
	bin, logs string

	bed     *testbed.Bed
	twilio  *testbed.Simulator
	manager *testbed.Manager
}

// run shows one step after another, until one does not come true.
func (d *demo) run(ctx context.Context) error {
	_, _ = io.WriteString(d.out, introduction)
	for _, step := range []func(context.Context) error{
		d.startControlPlane, d.startOperator, d.apply, d.compare, d.edit, d.correct, d.lose, d.remove,
	} {
		if err := step(ctx); err != nil {
			return err
		}
	}
	d.say("Everything came true.")
	switch {
	case d.brief:
		return nil
	case !d.stay:
		d.print(next)
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
	d.say("Starting etcd and kube-apiserver")
	d.bed, err = testbed.Start(ctx, testbed.Options{Bin: d.bin})
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
	d.say("Installing the operator, and starting it beside a simulator of Twilio")
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
	return err
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
	if !d.brief || slices.Contains([]string{"get", "events"}, args[0]) {
		d.print(out)
	}
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

// next is what to try after the demo.
const next = `What to try next:
  make demo                 the same, and then it stays, for you to play with
  docs/simulator.md         your own manifests against the simulator, without an account at Twilio
  docs/helm.md              install it in a cluster
  docs/comparison.md        what Terraform, Crossplane or a script do in its place`

// explain says how to go on.
func (d *demo) explain() {
	d.say("It stays until Ctrl-C. In another terminal:")
	path := ""
	if assets := os.Getenv("KUBEBUILDER_ASSETS"); assets != "" {
		path = "export PATH=" + assets + `:"$PATH"` + "   # has kubectl\n"
	}
	d.print(path + "export KUBECONFIG=" + d.bed.Kubeconfig + `
kubectl get conversations -o wide
kubectl edit conversation/<name>
kubectl get events

curl ` + d.twilio.ControlURL + `/conversations   # what Twilio holds
curl ` + d.twilio.ControlURL + `                 # what else the simulator does: faults, its clock, messages
tail -f ` + d.manager.Log)
}
