// Copyright The conversations-operator Authors
// SPDX-License-Identifier: Apache-2.0

package main

import (
	"fmt"
	"maps"
	"slices"
	"strings"
)

const (
	checked = "the credentials are checked again."
	allowed = "conversations of a namespace that is no longer allowed wait with `AccountNotReady`; nothing happens to them at " +
		"Twilio. Those of one that is allowed now carry on."
)

// onChange says what happens when a field of spec that is not frozen changes; the CRDs do not.
var onChange = map[string]map[string]string{
	"Conversation": {
		"spec.adoption.policy":        "an object that is refused with `UniqueNameTaken` tries again; one that has a conversation keeps it.",
		"spec.attributes":             "sent, if the meaning changed. Dropped: `{}` is sent.",
		"spec.bindings.email.address": "sent. Dropped: an empty value is sent, which clears it if Twilio lets it.",
		"spec.bindings.email.name":    "sent. Dropped: an empty value is sent, which clears it if Twilio lets it.",
		"spec.closedPolicy":           "to `Recreate`: a conversation that is closed already starts over at once, under `Enforce`.",
		"spec.dateCreated":            "sent. Dropped: nothing is sent.",
		"spec.dateUpdated":            "sent. Dropped: nothing is sent.",
		"spec.deletionPolicy":         "nothing is sent. It also counts for a deletion that is waiting.",
		"spec.friendlyName":           "sent. Dropped: it stays, with an event `FieldKept`.",
		"spec.managementPolicy": "from `Report` to `Enforce`, reported drift is put right. From `Observe` to another, a conversation " +
			"that was found by a `uniqueName` of yours also needs `adoption.policy: IfExists`, and counts as adopted.",
		"spec.messagingServiceSid": "sent. Dropped: it stays, with an event `FieldKept`.",
		"spec.state":               "sent, unless Twilio has it. Dropped: nothing is sent, and Twilio owns it.",
		"spec.suspend": "to `true`: nothing is sent from then on. To `false`: edits made meanwhile are sent; drift is found by the " +
			"next drift check.",
		"spec.timers.closed":   "sent, which starts its clock anew; another spelling of the same duration is not. Dropped: `PT0S` is sent.",
		"spec.timers.inactive": "sent, which starts its clock anew; another spelling of the same duration is not. Dropped: `PT0S` is sent.",
		"spec.uniqueName": "sent. Dropped: the generated name is sent, unless the conversation was adopted; then it keeps the name " +
			"that it has.",
		"spec.webhookEnabled": "nothing is sent; it counts for the writes that follow.",
	},
	"TwilioAccount": {
		"spec.accountSid":                checked,
		"spec.credentialsSecretRef.name": checked,
		"spec.driftCheckIntervalSeconds": "the next drift check is due so long after the last one.",
		"spec.edge":                      checked,
		"spec.maxConcurrentRequests":     "counts at once. Where several objects lead to one Twilio account, the least of theirs does.",
		"spec.region":                    checked,
		"spec.webhookEnabled":            "nothing is sent; it counts for the writes that follow.",
	},
	"ClusterTwilioAccount": {
		"spec.allowedNamespaces.names":        allowed,
		"spec.allowedNamespaces.selector":     allowed,
		"spec.credentialsSecretRef.name":      checked,
		"spec.credentialsSecretRef.namespace": checked,
	},
}

// texts keeps track of which entries of onChange belong to a field.
type texts struct{ unused map[string]bool }

func newTexts() *texts {
	t := &texts{unused: map[string]bool{}}
	for kind, fields := range onChange {
		for path := range fields {
			t.unused[kind+" "+path] = true
		}
	}
	return t
}

func (t *texts) change(kind string, f field) (string, error) {
	if f.frozen {
		return "refused; so is adding or dropping it.", nil
	}
	text, ok := onChange[kind][f.path]
	if !ok {
		return "", fmt.Errorf("onChange does not say what happens when %s of a %s changes", f.path, kind)
	}
	delete(t.unused, kind+" "+f.path)
	return text, nil
}

// allUsed is an error if onChange speaks of fields that there are not.
func (t *texts) allUsed() error {
	if len(t.unused) == 0 {
		return nil
	}
	return fmt.Errorf("onChange speaks of fields that there are not: %s", strings.Join(slices.Sorted(maps.Keys(t.unused)), ", "))
}
