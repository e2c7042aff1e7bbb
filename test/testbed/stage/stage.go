// Copyright The conversations-operator Authors
// SPDX-License-Identifier: Apache-2.0

// Package stage sets up the whole system for whoever shows, measures, torments or tests it: a control plane in which the
// operator is installed, the simulator in Twilio's place, and managers. See package testbed for each of them.
package stage

import (
	"context"
	"errors"
	"fmt"
	"os"
	"os/signal"
	"path/filepath"
	"syscall"
	"time"

	"github.com/go-logr/logr"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
	ctrl "sigs.k8s.io/controller-runtime"

	"github.com/conversations-operator/conversations-operator/internal/twilio/simulator"
	"github.com/conversations-operator/conversations-operator/test/testbed"
)

// patience is how long an account may take to become Ready.
const patience = time.Minute

// Props are what a stage has.
type Props struct {
	// Bed is what there is beside a bare control plane.
	Bed testbed.Options
	// Simulator is how the simulator runs. With Samples, it also has what config/samples take for granted at Twilio.
	Simulator testbed.SimulatorOptions
	Samples   bool
	// Cluster is the managers' --cluster-name; left out, they have none.
	Cluster string
	// Managers are how each manager runs that is there from the start, beside the flags that name the cluster and say where
	// Twilio is.
	Managers []testbed.ManagerOptions
	// Logs is a folder in which the managers' logs stay when all is over; left out, they go with the bed. What the last stage
	// left there goes first.
	Logs string
	// Say, if it is there, is told what is being done, and by which command where a user would give one.
	Say func(what, command string)
}

// Stage is a running system.
type Stage struct {
	Bed    *testbed.Bed
	Twilio *testbed.Simulator
	// Managers are those that were started, in that order.
	Managers []*testbed.Manager

	props Props
}

// Begin is what a command begins with that sets up a stage: ctx ends with Ctrl-C or SIGTERM. After end, a second Ctrl-C ends
// the command at once.
func Begin() (ctx context.Context, end func()) {
	// What starts the control plane logs for developers of tests.
	ctrl.SetLogger(logr.Discard())
	return signal.NotifyContext(context.Background(), os.Interrupt, syscall.SIGTERM)
}

// Start starts all of it. Everything ends when ctx does, and at the latest with [Stage.Close].
func Start(ctx context.Context, p Props) (*Stage, error) {
	s := &Stage{props: p}
	s.say("Starting etcd and kube-apiserver", "")
	var err error
	if s.Bed, err = testbed.Start(ctx, p.Bed); err != nil {
		return nil, err
	}
	if err := s.start(ctx); err != nil {
		return nil, errors.Join(err, s.Close())
	}
	return s, nil
}

func (s *Stage) start(ctx context.Context) error {
	o := s.props.Simulator
	if s.props.Samples {
		samples, err := s.Bed.Samples(ctx)
		if err != nil {
			return err
		}
		wanted := samples.Simulator()
		o.AuthToken, o.Args = wanted.AuthToken, append(wanted.Args, o.Args...)
	}
	var err error
	if s.Twilio, err = s.Bed.StartSimulator(ctx, o); err != nil {
		return err
	}
	s.say("Installing the operator, and starting it beside a simulator of Twilio", "kubectl apply -k config/default")
	if err := s.Bed.Install(ctx); err != nil {
		return err
	}
	for i, o := range s.props.Managers {
		if o.Log, err = s.log(i); err != nil {
			return err
		}
		if _, err := s.StartManager(ctx, o); err != nil {
			return err
		}
	}
	return nil
}

func (s *Stage) say(what, command string) {
	if s.props.Say != nil {
		s.props.Say(what, command)
	}
}

// log names the log of a manager, in which nothing is yet; empty where it need not stay.
func (s *Stage) log(manager int) (string, error) {
	if s.props.Logs == "" {
		return "", nil
	}
	dir, err := filepath.Abs(s.props.Logs)
	if err != nil {
		return "", fmt.Errorf("naming the log: %w", err)
	}
	if err := os.MkdirAll(dir, 0o755); err != nil {
		return "", fmt.Errorf("making the folder of the logs: %w", err)
	}
	name := "manager.log"
	if len(s.props.Managers) > 1 {
		name = fmt.Sprintf("manager-%d.log", manager)
	}
	path := filepath.Join(dir, name)
	if err := os.Remove(path); err != nil && !errors.Is(err, os.ErrNotExist) {
		return "", fmt.Errorf("removing the last log: %w", err)
	}
	return path, nil
}

// StartManager starts another manager of the stage's cluster and Twilio, and waits until it answers its probe.
func (s *Stage) StartManager(ctx context.Context, o testbed.ManagerOptions) (*testbed.Manager, error) {
	args := []string{"--twilio-base-url=" + s.Twilio.URL}
	if s.props.Cluster != "" {
		args = append(args, "--cluster-name="+s.props.Cluster)
	}
	o.Args = append(args, o.Args...)
	m, err := s.Bed.StartManager(ctx, o)
	if err == nil {
		s.Managers = append(s.Managers, m)
	}
	return m, err
}

// Open has Twilio know the tenant's account, unless that is the one that it has from the start.
func (s *Stage) Open(ctx context.Context, t *testbed.Tenant) error {
	if t.SID == simulator.DefaultAccountSID {
		return nil
	}
	return s.Twilio.Control(ctx, "POST /accounts", map[string]string{"sid": t.SID, "authToken": t.Token}, nil)
}

// Admit opens the tenant's account at Twilio, creates the tenant, and waits until its account is Ready.
func (s *Stage) Admit(ctx context.Context, t *testbed.Tenant) error {
	if err := errors.Join(s.Open(ctx, t), t.Create(ctx, s.Bed.Client)); err != nil {
		return err
	}
	ctx, cancel := context.WithTimeout(ctx, patience)
	defer cancel()
	var ready metav1.Condition
	err := Poll(ctx, func() (bool, error) {
		ready = t.Ready(ctx, s.Bed.Client)
		return ready.Status == metav1.ConditionTrue, nil
	})
	if err != nil {
		return fmt.Errorf("waiting for the account of %s, which is %s: %s: %w", t.Namespace, ready.Reason, ready.Message, err)
	}
	return nil
}

// Close ends all of it. It may be called again.
func (s *Stage) Close() error { return s.Bed.Close() }
