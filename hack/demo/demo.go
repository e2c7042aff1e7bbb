// Copyright The conversations-operator Authors
// SPDX-License-Identifier: Apache-2.0

package main

import (
	"context"
	"fmt"
	"io"
	"os"
	"slices"
	"strings"
	"time"

	"github.com/conversations-operator/conversations-operator/test/testbed"
	"github.com/conversations-operator/conversations-operator/test/testbed/stage"
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

	// Stage is nil until it is set up.
	*stage.Stage
}

// run shows one step after another, until one does not come true.
func (d *demo) run(ctx context.Context) error {
	_, _ = io.WriteString(d.out, introduction)
	for _, step := range []func(context.Context) error{
		d.begin, d.apply, d.compare, d.edit, d.correct, d.lose, d.remove,
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
	case <-d.Managers[0].Done():
		return fmt.Errorf("the manager ended by itself; its log is %s", d.Managers[0].Log)
	}
}

// begin sets up the stage.
func (d *demo) begin(ctx context.Context) (err error) {
	d.Stage, err = stage.Start(ctx, stage.Props{
		Bed: testbed.Options{Bin: d.bin}, Samples: true, Cluster: "demo", Managers: []testbed.ManagerOptions{{}}, Logs: d.logs,
		Say: d.begins,
	})
	return err
}

// begins says what begins, and by which command.
func (d *demo) begins(what, command string) {
	d.say("%s", what)
	if command != "" {
		d.print("$ " + command)
	}
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
	out, err := d.Bed.Kubectl(ctx, args...)
	if !d.brief || slices.Contains([]string{"get", "events"}, args[0]) {
		d.print(out)
	}
	return err
}

// eventually waits until check answers nil; what it saw last is the error.
func eventually(ctx context.Context, check func(context.Context) error) error {
	ctx, cancel := context.WithTimeout(ctx, patience)
	defer cancel()
	var saw error
	err := stage.Poll(ctx, func() (bool, error) {
		err := check(ctx)
		if ctx.Err() == nil {
			saw = err
		}
		return err == nil, nil
	})
	if err != nil {
		return fmt.Errorf("after %s: %w", patience, saw)
	}
	return nil
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
	d.print(path + "export KUBECONFIG=" + d.Bed.Kubeconfig + `
kubectl get conversations -o wide
kubectl edit conversation/<name>
kubectl get events

curl ` + d.Twilio.ControlURL + `/conversations   # what Twilio holds
curl ` + d.Twilio.ControlURL + `                 # what else the simulator does: faults, its clock, messages
tail -f ` + d.Managers[0].Log)
}
