// Copyright The conversations-operator Authors
// SPDX-License-Identifier: Apache-2.0

package model

import (
	"slices"
	"strings"

	"k8s.io/apimachinery/pkg/api/meta"

	"github.com/conversations-operator/conversations-operator/api/v1alpha1"
	"github.com/conversations-operator/conversations-operator/internal/plan"
	"github.com/conversations-operator/conversations-operator/test/prove/scenario"
)

// digest is the part of an object's version for the checks.
type digest struct {
	uid            uint8
	sid            string
	origin         v1alpha1.Origin
	held, deleting bool
	// adopting: by its record, the object is about to adopt the conversation.
	adopting  bool
	observes  bool
	suspended bool
	reason    string
	intent    *plan.Intent
	// needs: the object has, or may have, a conversation at Twilio.
	needs bool
	// annotated: the object announces a request.
	annotated bool
	// adopts is the unique name under which the object adopts a conversation, whose-ever the conversation is; "-": no name.
	adopts string
	// latest is the tick of the newest announcement.
	latest int8
}

func (c *Checker) digest(version uint32) *digest {
	if id := c.digests.find(version); id != 0 {
		return c.digests.at(id)
	}
	conv := c.versions.at(version)
	d := &digest{
		uid: uidOf(conv), sid: conv.OwnSID(), adopting: conv.Status.Adopting, origin: conv.Status.Origin, deleting: !conv.DeletionTimestamp.IsZero(),
		held: slices.Contains(conv.Finalizers, v1alpha1.Finalizer), suspended: conv.Spec.Suspend,
		observes: conv.Spec.ManagementPolicy == v1alpha1.ManagementPolicyObserve,
		intent:   plan.ParseIntent(conv.Annotations[v1alpha1.CreateIntentAnnotation]), annotated: len(conv.Annotations) > 0,
	}
	d.adopts = "-"
	if a := conv.Spec.Adoption; a != nil && a.Policy == v1alpha1.AdoptionPolicyIfExists && !d.deleting {
		d.adopts = conv.Spec.UniqueName
	}
	d.latest = max(dated(conv.Annotations[v1alpha1.CreateIntentAnnotation]), dated(conv.Annotations[v1alpha1.UpdateIntentAnnotation]))
	if ready := meta.FindStatusCondition(conv.Status.Conditions, v1alpha1.ConditionReady); ready != nil {
		d.reason = ready.Reason
	}
	d.needs = d.held || !d.deleting && (d.sid != "" || d.intent != nil && d.intent.UID == string(conv.UID))
	return c.digests.at(c.digests.add(version, d))
}

// announced tells whether an intent, or an earlier one, announced the conversation.
func announced(i *plan.Intent, owner uint8, found *conv) bool {
	for ; i != nil; i = i.Earlier {
		if i.UID == string(uid(owner)) && i.Name == found.name && (!i.Marked || strings.HasSuffix(found.attributes, i.Mark())) {
			return true
		}
	}
	return false
}

// manages tells whether the record has the conversation, for good.
func (d *digest) manages(found *conv) bool {
	return d.sid == scenario.SIDOf(found.sid) && !d.adopting && (d.origin != "" || d.observes)
}
