// Copyright The conversations-operator Authors
// SPDX-License-Identifier: Apache-2.0

package walk

import (
	"context"
	"fmt"
	"slices"

	apierrors "k8s.io/apimachinery/pkg/api/errors"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"

	"github.com/conversations-operator/conversations-operator/api/v1alpha1"
	"github.com/conversations-operator/conversations-operator/internal/condition"
	"github.com/conversations-operator/conversations-operator/internal/plan"
	"github.com/conversations-operator/conversations-operator/internal/retry"
)

// hold puts the finalizer and, before a create, the intent on the object, in one write.
func (p *Pass) hold(ctx context.Context, intent *plan.Intent) error {
	before := p.Object.DeepCopy()
	added := p.addFinalizer()
	if intent != nil {
		metav1.SetMetaDataAnnotation(&p.Object.ObjectMeta, v1alpha1.CreateIntentAnnotation, intent.String())
	} else if !added {
		return nil
	}
	if err := p.patchMetadata(ctx, before); err != nil {
		return fmt.Errorf("recording what is about to be done: %w", err)
	}
	if intent != nil {
		p.Facts.Intent, p.Facts.Unsent = intent, true
	}
	return nil
}

// protect puts the lost finalizer and the lost announcements back.
func (p *Pass) protect(ctx context.Context) error {
	before := p.Object.DeepCopy()
	before.Annotations = p.Before.Annotations
	p.addFinalizer()
	if err := p.patchMetadata(ctx, before); err != nil {
		return fmt.Errorf("putting the finalizer back: %w", err)
	}
	return nil
}

// release takes the finalizer away; Kubernetes then removes the object.
func (p *Pass) release(ctx context.Context, step plan.Step) Outcome {
	before := p.Object.DeepCopy()
	if p.removeFinalizer() {
		err := p.patchMetadata(ctx, before)
		switch {
		case err == nil, apierrors.IsNotFound(err):
		case condition.Refuses(err):
			return p.fail(ctx, step, fmt.Errorf("taking the finalizer away: %w", err))
		case apierrors.IsConflict(err):
			return Outcome{Step: step, Verdict: Verdict{After: retry.Conflict.After()}, Err: err}
		default:
			err = fmt.Errorf("taking the finalizer away: %w", err)
			return Outcome{Step: step, Verdict: Verdict{Retry: err}, Err: err}
		}
	}
	if sid := step.Target; sid != "" {
		p.note(v1alpha1.EventReleased, "Release", "Released conversation %s; it stays at Twilio.", sid)
	}
	return Outcome{Step: step, Released: true}
}

// patchMetadata writes the metadata and keeps the status which the pass has worked out so far. For an erased object there
// is nothing to write to.
func (p *Pass) patchMetadata(ctx context.Context, before *v1alpha1.Conversation) error {
	if p.erased {
		return nil
	}
	status := p.Object.Status.DeepCopy()
	err := p.world.PatchMetadata(ctx, p.Object, before)
	if err == nil {
		p.world.Remember(func(m *Memory) { m.announced(p.Object) })
		p.Before = p.Object.DeepCopy()
	}
	p.Object.Status = *status
	return err
}

// patchStatus writes the status over the version which the pass read.
func (p *Pass) patchStatus(ctx context.Context) error {
	next := p.Before.DeepCopy()
	p.Object.Status.DeepCopyInto(&next.Status)
	if err := p.world.PatchStatus(ctx, next, p.Before); err != nil {
		return fmt.Errorf("writing the status: %w", err)
	}
	p.Before = next
	return nil
}

func (p *Pass) addFinalizer() (added bool) {
	if slices.Contains(p.Object.Finalizers, v1alpha1.Finalizer) {
		return false
	}
	p.Object.Finalizers = append(p.Object.Finalizers, v1alpha1.Finalizer)
	return true
}

func (p *Pass) removeFinalizer() (removed bool) {
	before := len(p.Object.Finalizers)
	p.Object.Finalizers = slices.DeleteFunc(p.Object.Finalizers, func(f string) bool { return f == v1alpha1.Finalizer })
	return len(p.Object.Finalizers) < before
}
