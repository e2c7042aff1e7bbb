// Copyright The conversations-operator Authors
// SPDX-License-Identifier: Apache-2.0

package walk

import (
	"context"
	"errors"
	"fmt"
	"time"

	"k8s.io/apimachinery/pkg/api/equality"
	apierrors "k8s.io/apimachinery/pkg/api/errors"

	"github.com/conversations-operator/conversations-operator/api/v1alpha1"
	"github.com/conversations-operator/conversations-operator/internal/condition"
	"github.com/conversations-operator/conversations-operator/internal/plan"
	"github.com/conversations-operator/conversations-operator/internal/retry"
)

const (
	// recordTimeout bounds the writes which must not be lost at shutdown.
	recordTimeout = 15 * time.Second
	// recordTries bounds how often a status which must not be lost is written again after another client's change.
	recordTries = 10
)

// errReplaced: the object is gone, and another object has its name.
var errReplaced = errors.New("the conversation was replaced meanwhile")

// Outcome is the end of a pass.
type Outcome struct {
	// Step which ended the pass, or which failed.
	Step plan.Step
	Verdict
	// Err is the error which ended the pass; nil without an error. RecordErr is the error of the write of the status.
	Err, RecordErr error
	// Recorded: the status says what the pass found. Was is the status before.
	Recorded bool
	Was      *v1alpha1.ConversationStatus
	// Released: the pass took the finalizer away.
	Released bool
}

// Next says when to look again: as the verdict says, or sooner if the write of the status failed. A gone object is not looked
// at again: the watch wakes the pass which cleans up.
func (o *Outcome) Next() Verdict {
	switch err := o.RecordErr; {
	case err == nil:
		return o.Verdict
	case apierrors.IsConflict(err), errors.Is(err, errOverruled):
		return Verdict{After: retry.Conflict.After()}
	case gone(err):
		return Verdict{}
	default:
		return Verdict{Retry: err}
	}
}

func gone(err error) bool { return apierrors.IsNotFound(err) || errors.Is(err, errReplaced) }

// finish sets the conditions, and writes the status if the status changed. An erased object has no status.
func (p *Pass) finish(ctx context.Context, step plan.Step, v Verdict) Outcome {
	out := Outcome{Step: step, Verdict: v, Was: &p.Before.Status}
	if p.erased {
		return out
	}
	s := &p.Object.Status
	if v.Reason != "" {
		condition.SetReady(&s.Conditions, p.Before.Generation, v.Reason, v.Message)
		setSuspended(p.Object)
		setDrifted(p.Object)
		s.ObservedGeneration = p.Before.Generation
		p.noteDrift()
	}
	out.RecordErr = p.record(ctx)
	switch out.Recorded = out.RecordErr == nil; {
	case out.Recorded:
		if !p.Facts.Announces() {
			p.world.Remember(func(m *Memory) { m.Create, m.Update = "", "" })
		}
		p.world.GiveUp(s.SID)
	case gone(out.RecordErr), errors.Is(out.RecordErr, errOverruled):
		// No later pass reads this object's claims, or the next pass claims anew.
		p.world.GiveUp("")
	}
	return out
}

// record writes the status. A change at Twilio must reach the status: after such a change, record resolves a conflict
// at once, and a shutdown does not interrupt the write.
func (p *Pass) record(ctx context.Context) error {
	if equality.Semantic.DeepEqual(p.Before.Status, p.Object.Status) {
		return nil
	}
	if !p.changed {
		return p.patchStatus(ctx)
	}
	ctx, cancel := context.WithTimeout(context.WithoutCancel(ctx), recordTimeout)
	defer cancel()
	var err error
	for range recordTries {
		if err = p.patchStatus(ctx); !apierrors.IsConflict(err) {
			return err
		}
		if recorded, readErr := p.reread(ctx); recorded || readErr != nil {
			return readErr
		}
	}
	return err
}

// reread reads the object as another client wrote the object meanwhile. recorded: the status needs no further write.
func (p *Pass) reread(ctx context.Context) (recorded bool, err error) {
	now, err := p.world.Reread(ctx)
	if err != nil {
		return false, fmt.Errorf("reading the conversation again: %w", err)
	}
	if now.UID != p.Object.UID {
		return false, errReplaced
	}
	if p.contends && !equality.Semantic.DeepEqual(now.Status, p.Before.Status) {
		return false, errOverruled
	}
	p.Before = now
	p.Facts.Overtaken(now)
	condition.KeepTransitions(p.Object.Status.Conditions, now.Status.Conditions)
	return equality.Semantic.DeepEqual(now.Status, p.Object.Status), nil
}
