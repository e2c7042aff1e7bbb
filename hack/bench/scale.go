// Copyright The conversations-operator Authors
// SPDX-License-Identifier: Apache-2.0

package main

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"strings"
	"time"

	apiextensionsv1 "k8s.io/apiextensions-apiserver/pkg/apis/apiextensions/v1"
	"sigs.k8s.io/controller-runtime/pkg/client"

	"github.com/conversations-operator/conversations-operator/internal/plan"
	"github.com/conversations-operator/conversations-operator/test/testbed/stage"
)

// scale is what managing many costs that are in sync: memory, and a restart, which looks at each of them.
func (b *bench) scale(ctx context.Context) (figures []figure, err error) {
	n := b.size(5000, 100000)
	s, err := b.scene(ctx, props{})
	if err != nil {
		return nil, err
	}
	defer func() { err = errors.Join(err, s.close()) }()
	empty, err := s.manager.Metric(ctx, "process_resident_memory_bytes", nil)
	if err != nil {
		return nil, err
	}
	if err := s.manage(ctx, n); err != nil {
		return nil, err
	}
	requests, err := s.requests(ctx, "")
	if err != nil {
		return nil, err
	}
	writes, err := s.settledWrites(ctx, n)
	if err != nil {
		return nil, err
	}
	took, err := s.restart(ctx, n, b.out)
	if err != nil {
		return nil, err
	}
	cpu, err := s.manager.Metric(ctx, "process_cpu_seconds_total", nil)
	if err != nil {
		return nil, err
	}
	memory, err := s.manager.Metric(ctx, "process_resident_memory_bytes", nil)
	if err != nil {
		return nil, err
	}
	requestsAfter, err := s.requests(ctx, "")
	if err != nil {
		return nil, err
	}
	writesAfter, err := s.writes(ctx, anything)
	if err != nil {
		return nil, err
	}
	perThousand := (memory - empty) / float64(n) * 1000 / (1 << 20)
	requests, writes = requestsAfter-requests, writesAfter-writes
	return []figure{
		{
			Name:   fmt.Sprintf("restart with %d in sync", n),
			Budget: fmt.Sprintf("%d requests (one drift check), no Kubernetes write", (n+pageSize-1)/pageSize), Measured: fmt.Sprintf("%d, %d", requests, writes),
			OK:     requests <= (n+pageSize-1)/pageSize && writes == 0,
			Values: map[string]float64{"requests": float64(requests), "writes": float64(writes)},
		},
		{
			Name:     fmt.Sprintf("an in-sync pass over %d objects, the start of the manager included", n),
			Budget:   "no request",
			Measured: fmt.Sprintf("%d requests, %.1f s of CPU in %.1f s", requests, cpu, took.Seconds()),
			OK:       requests == 0,
			Values:   map[string]float64{"cpuSeconds": cpu, inMilliseconds: milliseconds(took)},
		},
		{
			Name:     "resident memory per 1,000 managed with 1 KiB of attributes",
			Budget:   fmt.Sprintf("10 MiB over the empty manager (%.0f MiB)", empty/(1<<20)),
			Measured: fmt.Sprintf("%.1f MiB (of %d)", perThousand, n),
			OK:       perThousand <= 10,
			Values:   map[string]float64{"emptyBytes": empty, "bytes": memory, "mebibytesPerThousand": perThousand},
		},
	}, nil
}

// manage has the API server hold that many conversations as the manager leaves them once they are in sync: one is really
// created, and the others are copies of it, which takes a tenth of the time.
func (s *scene) manage(ctx context.Context, n int) error {
	attributes, err := json.Marshal(map[string]string{"text": strings.Repeat("x", 1024-len(`{"text":""}`))})
	if err != nil {
		return fmt.Errorf("encoding attributes: %w", err)
	}
	model := conversation(home, "model")
	model.Spec.Attributes = &apiextensionsv1.JSON{Raw: attributes}
	if err := errors.Join(s.Bed.Client.Create(ctx, model), s.seen.allReady(ctx, 1)); err != nil {
		return fmt.Errorf("creating the model: %w", err)
	}
	if err := errors.Join(s.Bed.Client.Get(ctx, client.ObjectKeyFromObject(model), model), s.manager.Stop()); err != nil {
		return fmt.Errorf("reading the model: %w", err)
	}
	err = many(ctx, n-1, func(ctx context.Context, i int) error {
		conv := conversation(home, fmt.Sprintf("conv-%d", i))
		model.Spec.DeepCopyInto(&conv.Spec)
		conv.Finalizers, conv.Annotations = model.Finalizers, model.Annotations
		if err := s.Bed.Client.Create(ctx, conv); err != nil {
			return fmt.Errorf("creating a conversation: %w", err)
		}
		model.Status.DeepCopyInto(&conv.Status)
		conv.Status.SID, conv.Status.ObjectUID = fmt.Sprintf("CH%032x", i), conv.UID
		conv.Status.UniqueName = plan.GeneratedName("bench", conv.Namespace, conv.Name)
		conv.Status.LastApplied.UniqueName = conv.Status.UniqueName
		if err := s.Bed.Client.Status().Update(ctx, conv); err != nil {
			return fmt.Errorf("writing a status: %w", err)
		}
		return nil
	})
	return errors.Join(err, s.manager.Start(ctx))
}

// settledWrites counts the writes once the account counts all of its conversations, which it writes a little later.
func (s *scene) settledWrites(ctx context.Context, n int) (int, error) {
	err := stage.Poll(ctx, func() (bool, error) {
		account, err := s.readAccount(ctx)
		if err != nil {
			return false, err
		}
		count := account.Status.Conversations
		return count != nil && int(*count) == n, nil
	})
	if err != nil {
		return 0, err
	}
	return s.writes(ctx, anything)
}

// restart restarts the manager, and waits until it has looked at that many objects and has nothing left to do.
func (s *scene) restart(ctx context.Context, n int, out string) (time.Duration, error) {
	if err := s.manager.Stop(); err != nil {
		return 0, err
	}
	start := time.Now()
	if err := s.manager.Start(ctx); err != nil {
		return 0, err
	}
	profiled := s.profile(ctx, out, "restart")
	err := stage.Poll(ctx, func() (bool, error) {
		looks, err := s.manager.Metric(ctx, "controller_runtime_reconcile_total", map[string]string{"controller": "conversation", "result": "success"})
		if err != nil || int(looks) < n {
			return false, err
		}
		waiting, err := s.manager.Metric(ctx, "workqueue_depth", nil)
		return waiting == 0, err
	})
	took := time.Since(start)
	return took, errors.Join(err, <-profiled)
}
