// Copyright The conversations-operator Authors
// SPDX-License-Identifier: Apache-2.0

package prove

import (
	"errors"
	"maps"
	"slices"
	"strconv"
	"time"

	"k8s.io/apimachinery/pkg/api/equality"
	"k8s.io/apimachinery/pkg/api/meta"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
	"sigs.k8s.io/controller-runtime/pkg/controller/controllerutil"

	"github.com/conversations-operator/conversations-operator/api/v1alpha1"
	"github.com/conversations-operator/conversations-operator/internal/plan"
)

// recordTries bounds how often a status that must not be lost is written over somebody else's change.
const recordTries = 3

// kubeErrors are what the client makes of the API server's answers.
var kubeErrors = map[problem]error{fine: nil, kubeConflict: errConflict, kubeLost: errKube, kubeGone: errGone}

// write sends an object to the API server, which refuses an outdated version.
func (w *walk) write(c call, next *v1alpha1.Conversation) error {
	if w.root.erased {
		return errGone
	}
	c.version = w.keep(next)
	if a := w.ask(c); a.problem != fine {
		return kubeErrors[a.problem]
	}
	w.before = next
	return nil
}

// patchMetadata writes the changes of the metadata, and keeps the next status of the pass.
func (w *walk) patchMetadata(kind callKind, f fate, was map[string]string) error {
	next := w.before.DeepCopy()
	next.Finalizers = slices.Clone(w.conv.Finalizers)
	for _, name := range announcements {
		is := w.conv.Annotations[name]
		if is == was[name] {
			continue
		}
		delete(next.Annotations, name)
		if is != "" {
			metav1.SetMetaDataAnnotation(&next.ObjectMeta, name, is)
			next.ResourceVersion = strconv.Itoa(w.number())
		}
	}
	if err := w.write(call{kind: kind, fate: f}, next); err != nil {
		return err
	}
	w.conv.Annotations, w.conv.ResourceVersion = maps.Clone(next.Annotations), next.ResourceVersion
	w.mem.journalCreate = w.text(next.Annotations[v1alpha1.CreateIntentAnnotation])
	w.mem.journalUpdate = w.text(next.Annotations[v1alpha1.UpdateIntentAnnotation])
	return nil
}

var announcements = []string{v1alpha1.CreateIntentAnnotation, v1alpha1.UpdateIntentAnnotation}

// number is that of the next announcement.
func (w *walk) number() int {
	n, _ := strconv.Atoi(w.before.ResourceVersion)
	return n + 1
}

// clock sets the time of the facts: no two announcements of an object are of the same moment.
func (w *walk) clock() {
	w.facts.Now = instant(w.now).Add(time.Duration(w.number()) * time.Millisecond)
	w.facts.TwilioNow = w.facts.Now
}

func (w *walk) text(s string) uint32 {
	if s == "" {
		return 0
	}
	return w.texts.add(s, s)
}

func (w *walk) protect() error {
	controllerutil.AddFinalizer(w.conv, v1alpha1.Finalizer)
	return w.patchMetadata(callPatch, stays, w.before.Annotations)
}

func (w *walk) hold(intent *plan.Intent) error {
	was := maps.Clone(w.conv.Annotations)
	added := controllerutil.AddFinalizer(w.conv, v1alpha1.Finalizer)
	switch {
	case intent != nil:
		metav1.SetMetaDataAnnotation(&w.conv.ObjectMeta, v1alpha1.CreateIntentAnnotation, intent.String())
	case !added:
		return nil
	}
	if err := w.patchMetadata(callPatch, stays, was); err != nil {
		return err
	}
	if intent != nil {
		w.facts.Intent, w.facts.Unsent = intent, true
	}
	return nil
}

func (w *walk) doubtful(step plan.Step) error {
	if w.before.Status.LastApplied == nil || w.mutant("doubt") {
		return nil
	}
	w.clock()
	doubt := plan.NewUpdateIntent(&w.facts, step.Differences)
	if doubt == nil {
		return nil
	}
	if !w.facts.CoversUpdate(doubt) {
		was := maps.Clone(w.conv.Annotations)
		metav1.SetMetaDataAnnotation(&w.conv.ObjectMeta, v1alpha1.UpdateIntentAnnotation, doubt.String())
		if err := w.patchMetadata(callPatch, stays, was); err != nil {
			return err
		}
		w.facts.UpdateIntent, w.facts.OwnUpdateIntent = doubt, true
		w.mem.own = numberOf(doubt.Time)
	}
	w.mem.undone = 0
	w.facts.UpdateUnsent = false
	return nil
}

func (w *walk) takeBack() {
	if i := w.facts.Intent; i == nil || !i.Refused || i.Earlier != nil {
		return
	}
	was := maps.Clone(w.conv.Annotations)
	delete(w.conv.Annotations, v1alpha1.CreateIntentAnnotation)
	if w.patchMetadata(callPatch, stays, was) == nil {
		w.facts.Intent = nil
	}
}

func (w *walk) release() {
	f := released
	if plan.DeletionPolicy(w.conv) == v1alpha1.DeletionPolicyRetain {
		f = retained
	}
	if controllerutil.RemoveFinalizer(w.conv, v1alpha1.Finalizer) && !w.root.erased {
		if err := w.patchMetadata(callRelease, f, w.conv.Annotations); err != nil && !errors.Is(err, errGone) {
			w.again = true
			return
		}
	}
	if w.root.erased {
		w.mem.erased, w.fate = 0, f
	} else {
		w.mem.released = uidOf(w.conv)
	}
	w.mem.forget()
}

// finish sets the conditions and writes the status if it changed.
func (w *walk) finish(reason string) {
	if w.root.erased {
		w.again = true
		return
	}
	s := &w.conv.Status
	if reason != "" {
		setReady(&s.Conditions, w.before.Generation, reason)
		w.setSuspended()
		s.ObservedGeneration = w.before.Generation
	}
	switch err := w.record(); {
	case errors.Is(err, errGone):
		w.mem.claim = ""
		return
	case err != nil:
		w.again = true
		return
	}
	if !w.facts.Announces() {
		w.mem.journalCreate, w.mem.journalUpdate = 0, 0
	}
	w.mem.claim = ""
}

// record writes the status. A change at Twilio must be told.
func (w *walk) record() error {
	if equality.Semantic.DeepEqual(w.before.Status, w.conv.Status) {
		return nil
	}
	err := w.patchStatus()
	if !w.changed {
		return err
	}
	for n := 1; errors.Is(err, errConflict) && n < recordTries; n++ {
		if recorded, readErr := w.reread(); recorded || readErr != nil {
			return readErr
		}
		err = w.patchStatus()
	}
	return err
}

// reread reads the newest version; recorded: its status is the one to be written.
func (w *walk) reread() (recorded bool, err error) {
	a := w.ask(call{kind: callReread})
	if a.problem != fine {
		return false, kubeErrors[a.problem]
	}
	now := w.versions.at(a.ref)
	if now.UID != w.conv.UID {
		return false, errGone
	}
	w.before = now
	w.facts.Overtaken(now)
	return equality.Semantic.DeepEqual(now.Status, w.conv.Status), nil
}

func (w *walk) patchStatus() error {
	next := w.before.DeepCopy()
	w.conv.Status.DeepCopyInto(&next.Status)
	return w.write(call{kind: callStatus}, next)
}

// setReady writes Ready. Its message and time decide nothing.
func setReady(conditions *[]metav1.Condition, generation int64, reason string) {
	status := metav1.ConditionFalse
	switch reason {
	case v1alpha1.ReasonSynced, v1alpha1.ReasonClosed:
		status = metav1.ConditionTrue
	case v1alpha1.ReasonProgressing, v1alpha1.ReasonTwilioUnavailable:
		status = metav1.ConditionUnknown
	}
	meta.SetStatusCondition(conditions, metav1.Condition{
		Type: v1alpha1.ConditionReady, Status: status, Reason: reason, ObservedGeneration: generation, LastTransitionTime: metav1.NewTime(noon),
	})
}

func (w *walk) setSuspended() {
	conditions := &w.conv.Status.Conditions
	if !w.conv.Spec.Suspend {
		meta.RemoveStatusCondition(conditions, v1alpha1.ConditionSuspended)
		return
	}
	meta.SetStatusCondition(conditions, metav1.Condition{
		Type: v1alpha1.ConditionSuspended, Status: metav1.ConditionTrue, Reason: v1alpha1.ReasonSuspended,
		ObservedGeneration: w.conv.Generation, LastTransitionTime: metav1.NewTime(noon),
	})
	if meta.FindStatusCondition(*conditions, v1alpha1.ConditionReady) == nil {
		setReady(conditions, w.conv.Generation, v1alpha1.ReasonProgressing)
	}
}
