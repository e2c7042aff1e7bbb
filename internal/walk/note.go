// Copyright The conversations-operator Authors
// SPDX-License-Identifier: Apache-2.0

package walk

import (
	"fmt"
	"strings"

	"k8s.io/apimachinery/pkg/api/equality"

	"github.com/conversations-operator/conversations-operator/api/v1alpha1"
	"github.com/conversations-operator/conversations-operator/internal/plan"
)

// normal is the type of events which are no warnings.
const normal = "Normal"

// Note is an event. The world sends the event after the write of the status.
type Note struct{ Type, Reason, Action, Text string }

func (p *Pass) note(reason, action, format string, args ...any) {
	p.Notes = append(p.Notes, Note{normal, reason, action, fmt.Sprintf(format, args...)})
}

// noteKept notes an event about dropped fields which Twilio cannot clear.
func (p *Pass) noteKept(step plan.Step) {
	switch len(step.Kept) {
	case 0:
	case 1:
		p.note(v1alpha1.EventFieldKept, "Update",
			"spec.%s was dropped; Twilio cannot clear it, so it keeps its value there and is no longer compared.", step.Kept[0])
	default:
		// Kubernetes would count two events with the same reason at once as a single event which happened twice.
		p.note(v1alpha1.EventFieldKept, "Update",
			"spec.%s were dropped; Twilio cannot clear them, so they keep their values there and are no longer compared.", strings.Join(step.Kept, ", spec."))
	}
}

// noteDrift notes an event about drift which stays, once per change of the drifted fields.
func (p *Pass) noteDrift() {
	is, was := p.Object.Status.Drift, p.Before.Status.Drift
	if len(is) == 0 || equality.Semantic.DeepEqual(is, was) {
		return
	}
	names := make([]string, 0, len(is))
	for _, d := range is {
		names = append(names, d.Field)
	}
	p.note(v1alpha1.EventDriftDetected, "Compare", "Twilio differs from the spec in %s.", strings.Join(names, ", "))
}
