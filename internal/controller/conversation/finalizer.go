// Copyright The conversations-operator Authors
// SPDX-License-Identifier: Apache-2.0

package conversation

import (
	"context"
	"fmt"

	corev1 "k8s.io/api/core/v1"
	"sigs.k8s.io/controller-runtime/pkg/client"
	"sigs.k8s.io/controller-runtime/pkg/controller/controllerutil"

	"github.com/conversations-operator/conversations-operator/api/v1alpha1"
	"github.com/conversations-operator/conversations-operator/internal/plan"
)

// release takes the finalizer away; Kubernetes then removes the object.
func (p *pass) release(ctx context.Context, step plan.Step) error {
	before := p.conv.DeepCopy()
	if controllerutil.RemoveFinalizer(p.conv, v1alpha1.Finalizer) && !p.ghost {
		if err := p.patchMetadata(ctx, before); client.IgnoreNotFound(err) != nil {
			return fmt.Errorf("taking the finalizer away: %w", err)
		}
	}
	if sid := step.Target; sid != "" {
		p.note(corev1.EventTypeNormal, v1alpha1.EventReleased, "Release", "Released conversation %s; it stays at Twilio.", sid)
	}
	p.emit(p.conv)
	p.memory.forget(p.conv, !p.ghost)
	if p.ghost {
		// The account's deletion may wait for the release.
		p.recheckAccount(ctx, nil)
	}
	return nil
}

// hold puts the finalizer and, before a create, the intent on the object, in one write.
func (p *pass) hold(ctx context.Context, intent *plan.Intent) error {
	before := p.conv.DeepCopy()
	added := controllerutil.AddFinalizer(p.conv, v1alpha1.Finalizer)
	if intent != nil {
		if p.conv.Annotations == nil {
			p.conv.Annotations = map[string]string{}
		}
		p.conv.Annotations[v1alpha1.CreateIntentAnnotation] = intent.String()
	} else if !added {
		return nil
	}
	if err := p.patchMetadata(ctx, before); err != nil {
		return fmt.Errorf("recording what is about to be done: %w", err)
	}
	if intent != nil {
		p.facts.Intent, p.facts.Unsent = intent, true
	}
	return nil
}

// protect puts the lost finalizer and the lost announcements back.
func (p *pass) protect(ctx context.Context) error {
	before := p.conv.DeepCopy()
	before.Annotations = p.before.Annotations
	controllerutil.AddFinalizer(p.conv, v1alpha1.Finalizer)
	if err := p.patchMetadata(ctx, before); err != nil {
		return fmt.Errorf("putting the finalizer back: %w", err)
	}
	return nil
}

// patchMetadata writes the metadata and keeps the status which the pass has worked out so far.
func (p *pass) patchMetadata(ctx context.Context, before *v1alpha1.Conversation) error {
	status := p.conv.Status.DeepCopy()
	err := p.Patch(ctx, p.conv, client.MergeFromWithOptions(before, client.MergeFromWithOptimisticLock{}))
	if err != nil {
		p.conv.Status = *status
		return err
	}
	p.memory.note(p.conv, func(e *entry) { e.fresh.Wrote(p.conv) })
	p.memory.announced(p.conv)
	p.before = p.conv.DeepCopy()
	p.conv.Status = *status
	return nil
}
