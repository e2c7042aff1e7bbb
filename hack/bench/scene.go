// Copyright The conversations-operator Authors
// SPDX-License-Identifier: Apache-2.0

package main

import (
	"context"
	"errors"
	"fmt"
	"sync"

	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
	auditv1 "k8s.io/apiserver/pkg/apis/audit/v1"

	"github.com/conversations-operator/conversations-operator/api/v1alpha1"
	"github.com/conversations-operator/conversations-operator/test/testbed"
	"github.com/conversations-operator/conversations-operator/test/testbed/stage"
)

const (
	// home is the namespace of what is measured.
	home = "bench"
	// clients is how many objects are created or deleted at a time; the API server takes a few hundred a second from them.
	clients = 16
	// services is how many Conversation Services there are to spread conversations over: Twilio's limit is each one's.
	services = 40
)

// scene is a stage with an account that is Ready, and somebody who watches.
type scene struct {
	*stage.Stage
	manager *testbed.Manager
	seen    *sightings
	// unwatch ends the watch, for the end of which the API server would wait.
	unwatch context.CancelFunc
}

// props are what a scene has beside the usual.
type props struct {
	simulator []string
	manager   []string
	// env is the manager's.
	env []string
}

func (b *bench) scene(ctx context.Context, p props) (*scene, error) {
	args := p.simulator
	for i := range services {
		args = append(args, "--service="+service(i))
	}
	all, err := stage.Start(ctx, stage.Props{
		Bed:       testbed.Options{Audit: auditv1.LevelMetadata, Bin: b.bin},
		Simulator: testbed.SimulatorOptions{Args: args},
		Cluster:   "bench",
		Managers:  []testbed.ManagerOptions{{Args: p.manager, Env: p.env}},
	})
	if err != nil {
		return nil, err
	}
	s := &scene{Stage: all, manager: all.Managers[0]}
	watched, unwatch := context.WithCancel(ctx)
	s.unwatch = unwatch
	s.seen, err = watch(watched, s.Bed)
	if err := errors.Join(err, s.account(ctx, home)); err != nil {
		return nil, errors.Join(err, s.close())
	}
	return s, nil
}

func (s *scene) close() error {
	s.unwatch()
	return s.Close()
}

// account makes a namespace with an account of the first at Twilio, and waits until that is Ready. It has no drift checks but
// those asked for.
func (s *scene) account(ctx context.Context, namespace string) error {
	t := testbed.FirstTenant(namespace)
	return s.Admit(ctx, &t)
}

// create creates conversations, many at a time, in the order of their numbers; each may change the object.
func (s *scene) create(ctx context.Context, n int, each func(i int, conv *v1alpha1.Conversation)) error {
	return many(ctx, n, func(ctx context.Context, i int) error {
		conv := conversation(home, fmt.Sprintf("conv-%d", i))
		if each != nil {
			each(i, conv)
		}
		if err := s.Bed.Client.Create(ctx, conv); err != nil {
			return fmt.Errorf("creating a conversation: %w", err)
		}
		return nil
	})
}

// many does something for each number, many at a time and in their order, until one fails.
func many(ctx context.Context, n int, each func(ctx context.Context, i int) error) error {
	ctx, cancel := context.WithCancelCause(ctx)
	defer cancel(nil)
	numbers := make(chan int)
	var workers sync.WaitGroup
	for range clients {
		workers.Go(func() {
			for i := range numbers {
				if err := each(ctx, i); err != nil {
					cancel(err)
				}
			}
		})
	}
	for i := range n {
		select {
		case numbers <- i:
		case <-ctx.Done():
		}
	}
	close(numbers)
	workers.Wait()
	return context.Cause(ctx)
}

// spread puts the conversation into one of the services.
func spread(i int, conv *v1alpha1.Conversation) { conv.Spec.ChatServiceSID = service(i % services) }

func service(i int) string { return fmt.Sprintf("IS%032x", i) }

func conversation(namespace, name string) *v1alpha1.Conversation {
	return &v1alpha1.Conversation{ObjectMeta: metav1.ObjectMeta{Namespace: namespace, Name: name}}
}

// requests counts the simulator's requests of an operation, and of all with an empty one.
func (s *scene) requests(ctx context.Context, operation string) (int, error) {
	counts, err := s.Twilio.Counts(ctx)
	if operation == "" {
		return counts.Total(), err
	}
	return counts.Operation(operation), err
}
