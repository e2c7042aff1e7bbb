// Copyright The conversations-operator Authors
// SPDX-License-Identifier: Apache-2.0

package conversation

import (
	"cmp"
	"context"
	"errors"
	"fmt"
	"strings"
	"time"

	corev1 "k8s.io/api/core/v1"
	"k8s.io/apimachinery/pkg/api/equality"
	apierrors "k8s.io/apimachinery/pkg/api/errors"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
	ctrl "sigs.k8s.io/controller-runtime"
	"sigs.k8s.io/controller-runtime/pkg/client"

	"github.com/conversations-operator/conversations-operator/api/v1alpha1"
	"github.com/conversations-operator/conversations-operator/internal/condition"
	"github.com/conversations-operator/conversations-operator/internal/kube"
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

// note is an event. The pass sends the event after the write of the status.
type note struct{ kind, reason, action, text string }

// finish sets the conditions, writes the status if the status changed, sends the events, and says when to look again:
// as the verdict says, or sooner if the write failed.
func (p *pass) finish(ctx context.Context, v verdict) (ctrl.Result, error) {
	if p.ghost {
		v.after = cmp.Or(v.after, retry.Ghost.After())
		return v.result()
	}
	s := &p.conv.Status
	ready := condition.ReadyOf(p.before.Status.Conditions)
	if v.reason != "" {
		condition.SetReady(&s.Conditions, p.before.Generation, v.reason, v.message)
		setSuspended(p.conv)
		setDrifted(p.conv)
		s.ObservedGeneration = p.before.Generation
		p.noteDrift()
	}
	was := p.before.Status.Drift
	switch err := p.record(ctx); {
	case err == nil:
	case apierrors.IsConflict(err):
		return ctrl.Result{RequeueAfter: retry.Conflict.After()}, nil
	case apierrors.IsNotFound(err), errors.Is(err, errReplaced):
		// The object is gone. The watch wakes the pass which cleans up. No later pass reads this object's claims.
		p.memory.giveUpAll(p.conv.UID)
		return ctrl.Result{}, nil
	default:
		if condition.Refuses(err) {
			p.tellStatusSetback(err)
		}
		return ctrl.Result{}, err
	}
	p.memory.settle(&p.facts)
	if v.reason != v1alpha1.ReasonKubernetesRefused {
		p.memory.note(p.conv, func(e *entry) { e.setback = kube.Setback{} })
	}
	countDrift(p.acct, was, s.Drift, p.corrected)
	p.corrected = nil
	if p.answered {
		p.memory.note(p.conv, func(e *entry) { e.hint = nil })
	}
	p.memory.giveUp(s.SID, p.conv.UID)
	if v.reason != "" {
		v.after = p.warn(ready, v.after)
	}
	p.emit(p.conv)
	p.memory.settledTimes(p.conv, v.reason)
	return v.result()
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
	is := condition.ReadyOf(p.conv.Status.Conditions)
	tell, wait := p.memory.warning(p.conv, was, is)
	if tell {
		p.note(corev1.EventTypeWarning, is.Reason, "Reconcile", "%s", is.Message)
	}
	return cmp.Or(after, wait)
}

// noteKept notes an event about dropped fields which Twilio cannot clear.
func (p *pass) noteKept(step plan.Step) {
	switch len(step.Kept) {
	case 0:
	case 1:
		p.note(corev1.EventTypeNormal, v1alpha1.EventFieldKept, "Update",
			"spec.%s was dropped; Twilio cannot clear it, so it keeps its value there and is no longer compared.", step.Kept[0])
	default:
		// Kubernetes would count two events with the same reason at once as a single event which happened twice.
		p.note(corev1.EventTypeNormal, v1alpha1.EventFieldKept, "Update",
			"spec.%s were dropped; Twilio cannot clear them, so they keep their values there and are no longer compared.", strings.Join(step.Kept, ", spec."))
	}
}

// noteDrift notes an event about drift which stays, once per change of the drifted fields.
func (p *pass) noteDrift() {
	is, was := p.conv.Status.Drift, p.before.Status.Drift
	if len(is) == 0 || equality.Semantic.DeepEqual(is, was) {
		return
	}
	names := make([]string, 0, len(is))
	for _, d := range is {
		names = append(names, d.Field)
	}
	p.note(corev1.EventTypeNormal, v1alpha1.EventDriftDetected, "Compare", "Twilio differs from the spec in %s.", strings.Join(names, ", "))
}

// record writes the status. A change at Twilio must reach the status: after such a change, record resolves a conflict
// at once, and a shutdown does not interrupt the write.
func (p *pass) record(ctx context.Context) error {
	if equality.Semantic.DeepEqual(p.before.Status, p.conv.Status) {
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
func (p *pass) reread(ctx context.Context) (recorded bool, err error) {
	now := &v1alpha1.Conversation{}
	if err := p.APIReader.Get(ctx, client.ObjectKeyFromObject(p.conv), now); err != nil {
		return false, fmt.Errorf("reading the conversation again: %w", err)
	}
	if now.UID != p.conv.UID {
		return false, errReplaced
	}
	p.memory.note(now, func(e *entry) { e.fresh.Wrote(now) })
	p.before = now
	p.facts.Overtaken(now)
	condition.KeepTransitions(p.conv.Status.Conditions, now.Status.Conditions)
	return equality.Semantic.DeepEqual(now.Status, p.conv.Status), nil
}

// patchStatus writes the status over the version which the pass read.
func (p *pass) patchStatus(ctx context.Context) error {
	next := p.before.DeepCopy()
	p.conv.Status.DeepCopyInto(&next.Status)
	return p.patchStatusTo(ctx, next)
}

func (p *pass) patchStatusTo(ctx context.Context, next *v1alpha1.Conversation) error {
	if err := p.Status().Patch(ctx, next, client.MergeFromWithOptions(p.before, client.MergeFromWithOptimisticLock{})); err != nil {
		return fmt.Errorf("writing the status: %w", err)
	}
	p.before = next
	p.memory.note(next, func(e *entry) {
		e.fresh.Wrote(next)
		e.statusSetback = kube.Setback{}
	})
	return nil
}

// canRecord tries, after the API server refused a status, whether the API server takes a status now, and changes
// nothing with the try. Until then the pass sends no request to Twilio: the outcome could not be recorded.
func (p *pass) canRecord(ctx context.Context) error {
	if setback := p.memory.recall(p.conv).statusSetback; p.ghost || !setback.Any() {
		return nil
	}
	return p.patchStatusTo(ctx, p.before.DeepCopy())
}

func (p *pass) emit(regarding *v1alpha1.Conversation) {
	for _, n := range p.notes {
		p.memory.told(p.acct, regarding, n)
		p.Recorder.Eventf(regarding, nil, n.kind, n.reason, n.action, "%s", condition.Shorten(n.text, condition.MaxNote))
	}
	p.notes = nil
}

func (p *pass) note(kind, reason, action, format string, args ...any) {
	p.notes = append(p.notes, note{kind, reason, action, fmt.Sprintf(format, args...)})
}
