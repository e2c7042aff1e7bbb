// Copyright The conversations-operator Authors
// SPDX-License-Identifier: Apache-2.0

package main

import (
	"context"
	"errors"
	"fmt"

	"github.com/conversations-operator/conversations-operator/api/v1alpha1"
	"github.com/conversations-operator/conversations-operator/internal/twilio/simulator"
	"github.com/conversations-operator/conversations-operator/test/testbed"
)

const (
	// crowdNamespace has a Conversation Service for each of its objects.
	crowdNamespace = "crowd"
	// slowLatency has all wait for Twilio, and not for the processors that they share.
	slowLatency = "--latency=250ms"
	// hanging accounts do not answer; each has so many new objects.
	hanging, hangingObjects = 30, 8
)

// neighbours is what a user notices of a namespace with a service for each of its objects, and of accounts that hang.
func (b *bench) neighbours(ctx context.Context) ([]figure, error) {
	services, err := b.besideServices(ctx)
	if err != nil {
		return nil, err
	}
	hangs, err := b.besideHanging(ctx)
	return append(services, hangs...), err
}

// besideServices lets all objects of the crowd wait at once, by making their account last.
func (b *bench) besideServices(ctx context.Context) (figures []figure, err error) {
	n, users := b.size(1500, 10000), b.size(20, 100)
	s, err := b.scene(ctx, props{simulator: []string{
		fmt.Sprintf("--create-delete-rate=%d", twilioRate), fmt.Sprintf("--max-concurrent-requests=%d", twilioConcurrent), slowLatency,
	}})
	if err != nil {
		return nil, err
	}
	defer func() { err = errors.Join(err, s.close()) }()
	for i := services; i < services+n; i++ {
		request := "POST /accounts/" + simulator.DefaultAccountSID + "/services"
		if err := s.Twilio.Control(ctx, request, map[string]string{"sid": service(i)}, nil); err != nil {
			return nil, err
		}
	}
	if err := s.account(ctx, userNamespace); err != nil {
		return nil, err
	}
	crowd := testbed.FirstTenant(crowdNamespace)
	if err := crowd.CreateNamespace(ctx, s.Bed.Client); err != nil {
		return nil, err
	}
	if err := s.create(ctx, n, func(i int, conv *v1alpha1.Conversation) {
		conv.Namespace, conv.Spec.ChatServiceSID = crowdNamespace, service(services+i)
	}); err != nil {
		return nil, err
	}
	if err := crowd.Create(ctx, s.Bed.Client); err != nil {
		return nil, err
	}
	meanwhile, err := s.user(ctx, "services", users)
	if err != nil {
		return nil, err
	}
	created, err := s.requests(ctx, simulator.OperationCreate)
	if err != nil || created >= n {
		return nil, errors.Join(err, fmt.Errorf("%d creates were asked for: none waited at the end", created))
	}
	if err := s.seen.allReady(ctx, n+users); err != nil {
		return nil, err
	}
	return meanwhile.figures(fmt.Sprintf("while %d wait in a service each", n)), nil
}

// besideHanging has accounts whose checks are answered, and nothing else is.
func (b *bench) besideHanging(ctx context.Context) (figures []figure, err error) {
	users := b.size(30, 200)
	s, err := b.scene(ctx, props{simulator: []string{usualLatency}})
	if err != nil {
		return nil, err
	}
	defer func() { err = errors.Join(err, s.close()) }()
	for i := range hanging {
		if err := s.hang(ctx, i); err != nil {
			return nil, err
		}
	}
	if err := s.account(ctx, userNamespace); err != nil {
		return nil, err
	}
	if err := s.create(ctx, hanging*hangingObjects, func(i int, conv *v1alpha1.Conversation) { conv.Namespace = struck(i % hanging) }); err != nil {
		return nil, err
	}
	meanwhile, err := s.user(ctx, "hanging", users)
	if err != nil {
		return nil, err
	}
	return meanwhile.figures(fmt.Sprintf("while %d accounts hang", hanging)), nil
}

// hang makes an account that is Ready, and then hangs.
func (s *scene) hang(ctx context.Context, i int) error {
	t := testbed.NewTenant()
	t.Namespace = struck(i)
	if err := s.Admit(ctx, &t); err != nil {
		return err
	}
	return s.Twilio.Control(ctx, "POST /rules", simulator.Rule{
		Match: simulator.Match{Account: t.SID}, Effect: simulator.Effect{Hang: true},
	}, nil)
}

func struck(i int) string { return fmt.Sprintf("hanging-%d", i) }
