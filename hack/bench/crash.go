// Copyright The conversations-operator Authors
// SPDX-License-Identifier: Apache-2.0

package main

import (
	"context"
	"errors"
	"fmt"
	"time"

	"github.com/conversations-operator/conversations-operator/internal/twilio/simulator"
	"github.com/conversations-operator/conversations-operator/test/testbed/stage"
)

// crash is what becomes of creates whose answer nobody heard: the manager was killed, or the connection broke.
func (b *bench) crash(ctx context.Context) (figures []figure, err error) {
	const n = 20
	s, err := b.scene(ctx, props{})
	if err != nil {
		return nil, err
	}
	defer func() { err = errors.Join(err, s.close()) }()
	for i := range n {
		if err := s.killAfterPost(ctx, fmt.Sprintf("crash-%d", i)); err != nil {
			return nil, err
		}
	}
	if err := s.seen.allReady(ctx, n); err != nil {
		return nil, err
	}
	crashed, err := s.Twilio.Conversations(ctx, "")
	if err != nil {
		return nil, err
	}
	if _, err := s.addRule(ctx, n, simulator.Effect{DropAfter: true}); err != nil {
		return nil, err
	}
	start := time.Now()
	if err := errors.Join(s.create(ctx, n, nil), s.seen.allReady(ctx, 2*n)); err != nil {
		return nil, err
	}
	took := time.Since(start)
	all, err := s.Twilio.Conversations(ctx, "")
	if err != nil {
		return nil, err
	}
	twice, lost := len(crashed)-n, len(all)-len(crashed)-n
	return []figure{{
		Name:     fmt.Sprintf("%d crashes right after the POST; %d lost answers", n, n),
		Budget:   "0 duplicates, nobody asked",
		Measured: fmt.Sprintf("%d; %d duplicates, all Ready in %.0f s", twice, lost, took.Seconds()),
		OK:       twice == 0 && lost == 0,
		Values:   map[string]float64{"crashDuplicates": float64(twice), "lostDuplicates": float64(lost), "lostMilliseconds": milliseconds(took)},
	}}, nil
}

// killAfterPost creates an object, and kills and restarts the manager once Twilio has created the conversation, but not
// answered.
func (s *scene) killAfterPost(ctx context.Context, name string) error {
	rule, err := s.addRule(ctx, 1, simulator.Effect{AfterEffect: true, Hold: true})
	if err != nil {
		return err
	}
	if err := s.Bed.Client.Create(ctx, conversation(home, name)); err != nil {
		return fmt.Errorf("creating a conversation: %w", err)
	}
	if err := stage.Poll(ctx, func() (bool, error) {
		var v struct {
			Held int `json:"held"`
		}
		err := s.Twilio.Control(ctx, "GET /held", nil, &v)
		return v.Held > 0, err
	}); err != nil {
		return err
	}
	s.manager.Kill()
	if err := s.Twilio.Control(ctx, "DELETE /rules/"+rule, nil, nil); err != nil {
		return err
	}
	return s.manager.Start(ctx)
}

// addRule has the simulator do something to the next creates, and answers the rule's ID.
func (s *scene) addRule(ctx context.Context, count int, effect simulator.Effect) (string, error) {
	var rule struct {
		ID string `json:"id"`
	}
	err := s.Twilio.Control(ctx, "POST /rules", simulator.Rule{
		Match: simulator.Match{Operation: simulator.OperationCreate, Count: count}, Effect: effect,
	}, &rule)
	return rule.ID, err
}
