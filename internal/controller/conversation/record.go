// Copyright The conversations-operator Authors
// SPDX-License-Identifier: Apache-2.0

package conversation

import (
	"cmp"
	"context"
	"fmt"
	"time"

	corev1 "k8s.io/api/core/v1"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
	"sigs.k8s.io/controller-runtime/pkg/client"

	"github.com/conversations-operator/conversations-operator/api/v1alpha1"
	"github.com/conversations-operator/conversations-operator/internal/condition"
	"github.com/conversations-operator/conversations-operator/internal/kube"
	"github.com/conversations-operator/conversations-operator/internal/walk"
)

// recorded draws the conclusions from a status which says what the pass found: counts, and the events of the pass.
func (p *pass) recorded(out *walk.Outcome) {
	if out.Reason != v1alpha1.ReasonKubernetesRefused {
		p.memory.note(p.conv, func(e *entry) { e.setback = kube.Setback{} })
	}
	countDrift(p.acct, out.Was.Drift, p.walk.Object.Status.Drift, p.walk.Corrected)
	if p.walk.Answered {
		p.memory.note(p.conv, func(e *entry) { e.hint = nil })
	}
	if out.Reason != "" {
		out.After = p.warn(condition.ReadyOf(out.Was.Conditions), out.After)
	}
	p.emit()
	p.memory.settledTimes(p.walk.Object, out.Reason)
}

// released ends the memory of an object whose finalizer the pass took away.
func (p *pass) released(ctx context.Context) {
	p.emit()
	p.memory.forget(p.conv, !p.erased)
	if p.erased {
		// The account's deletion may wait for the release.
		p.recheckAccount(ctx, nil)
	}
}

// tellStatusSetback sends the Warning event about a status which the API server refuses, if the event is due.
func (p *pass) tellStatusSetback(err error) {
	var message string
	p.memory.note(p.conv, func(e *entry) { message = e.statusSetback.Event(queueName, err) })
	kube.TellSetback(p.Recorder, p.conv, message)
}

// warn notes the Warning event for the message of Ready, if the event is due, and answers when to look again: in time
// for a later event, or at the given time.
func (p *pass) warn(was metav1.Condition, after time.Duration) time.Duration {
	is := condition.ReadyOf(p.walk.Object.Status.Conditions)
	tell, wait := p.memory.warning(p.conv, was, is)
	if tell {
		p.walk.Notes = append(p.walk.Notes, walk.Note{Type: corev1.EventTypeWarning, Reason: is.Reason, Action: "Reconcile", Text: is.Message})
	}
	return cmp.Or(after, wait)
}

// PatchMetadata implements [walk.World].
func (p *pass) PatchMetadata(ctx context.Context, object, before *v1alpha1.Conversation) error {
	if err := p.Patch(ctx, object, client.MergeFromWithOptions(before, client.MergeFromWithOptimisticLock{})); err != nil {
		return err
	}
	p.memory.note(p.conv, func(e *entry) { e.fresh.Wrote(object) })
	return nil
}

// PatchStatus implements [walk.World].
func (p *pass) PatchStatus(ctx context.Context, object, before *v1alpha1.Conversation) error {
	if err := p.Status().Patch(ctx, object, client.MergeFromWithOptions(before, client.MergeFromWithOptimisticLock{})); err != nil {
		return err
	}
	p.memory.note(p.conv, func(e *entry) {
		e.fresh.Wrote(object)
		e.statusSetback = kube.Setback{}
	})
	return nil
}

// Reread implements [walk.World].
func (p *pass) Reread(ctx context.Context) (*v1alpha1.Conversation, error) {
	now := &v1alpha1.Conversation{}
	if err := p.APIReader.Get(ctx, client.ObjectKeyFromObject(p.conv), now); err != nil {
		return nil, err
	}
	p.memory.note(now, func(e *entry) { e.fresh.Wrote(now) })
	return now, nil
}

// Setback implements [walk.World].
func (p *pass) Setback() (tell bool) { return p.memory.setback(p.conv) }

// canRecord tries, after the API server refused a status, whether the API server takes a status now, and changes
// nothing with the try. Until then the pass sends no request to Twilio: the outcome could not be recorded.
func (p *pass) canRecord(ctx context.Context) error {
	if setback := p.memory.recall(p.conv).statusSetback; p.erased || !setback.Any() {
		return nil
	}
	next := p.walk.Before.DeepCopy()
	if err := p.PatchStatus(ctx, next, p.walk.Before); err != nil {
		return fmt.Errorf("writing the status: %w", err)
	}
	p.walk.Before = next
	return nil
}

// emit sends the events of the pass.
func (p *pass) emit() {
	regarding := p.walk.Object
	for _, n := range p.walk.Notes {
		p.memory.told(p.acct, regarding, n)
		p.Recorder.Eventf(regarding, nil, n.Type, n.Reason, n.Action, "%s", condition.Shorten(n.Text, condition.MaxNote))
	}
	p.walk.Notes = nil
}
