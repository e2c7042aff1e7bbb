// Copyright The conversations-operator Authors
// SPDX-License-Identifier: Apache-2.0

package walk_test

import (
	"testing"

	"github.com/conversations-operator/conversations-operator/api/v1alpha1"
	"github.com/conversations-operator/conversations-operator/internal/plan"
)

func TestAManifestOfAConversationChangesNothing(t *testing.T) {
	for seed := range worlds {
		d := newDice(seed)
		conv := d.conversation(0, noon)
		m := &model{now: noon, convs: []*modelled{conv}}
		spec := plan.Manifest(m.answer(conv))
		if errs := spec.Validate(); len(errs) > 0 {
			t.Fatalf("seed %d: the CRD refuses it: %v", seed, errs)
		}
		w := newWorld(spec)
		w.model = m
		steps := w.pass(t)
		if len(steps) != 3 || steps[0].Verb != plan.Fetch || steps[1].Verb != plan.Adopt || steps[2].Verb != plan.Keep {
			t.Fatalf("seed %d: it is not adopted as it is:\n%s", seed, w.story())
		}
		if c := w.compared; len(c.Edits)+len(c.Drifts)+len(c.Kept) > 0 {
			t.Fatalf("seed %d: %+v\nof %+v\nfor %+v", seed, c, spec, conv.Conversation)
		}
		w.pass(t)
		if r := w.reason(); m.writes > 0 || r != v1alpha1.ReasonSynced && r != v1alpha1.ReasonClosed {
			t.Fatalf("seed %d: it rests as %s after %d writes:\n%s", seed, r, m.writes, w.story())
		}
		w.remove()
		w.pass(t)
		if !w.gone || m.writes > 0 {
			t.Fatalf("seed %d: deletion: gone %t after %d writes", seed, w.gone, m.writes)
		}
	}
}
