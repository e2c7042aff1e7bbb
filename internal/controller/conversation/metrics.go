// Copyright The conversations-operator Authors
// SPDX-License-Identifier: Apache-2.0

package conversation

import (
	"slices"

	"github.com/conversations-operator/conversations-operator/api/v1alpha1"
	"github.com/conversations-operator/conversations-operator/internal/controller/account"
	"github.com/conversations-operator/conversations-operator/internal/tenancy"
)

// labelField is a path in the spec of a Conversation.
const labelField = "field"

var (
	driftDetected = account.NewCounter("drift_detected_total",
		"Differences found between Twilio and the specs that nobody asked for, each once, by field.", labelField)
	driftCorrected = account.NewCounter("drift_corrected_total", "Such differences that were put right at Twilio, by field.", labelField)
)

// countDrift counts the drift which a pass found and corrected. Recorded drift was counted when the drift was recorded.
func countDrift(key tenancy.Key, before, after []v1alpha1.FieldDrift, corrected []string) {
	known := func(field string) bool {
		return slices.ContainsFunc(before, func(d v1alpha1.FieldDrift) bool { return d.Field == field })
	}
	found := slices.Clone(corrected)
	for _, d := range after {
		if !slices.Contains(found, d.Field) {
			found = append(found, d.Field)
		}
	}
	for _, field := range found {
		if !known(field) {
			driftDetected.WithLabelValues(account.LabelsOf(key, field)...).Inc()
		}
	}
	for _, field := range corrected {
		driftCorrected.WithLabelValues(account.LabelsOf(key, field)...).Inc()
	}
}
