// Copyright The conversations-operator Authors
// SPDX-License-Identifier: Apache-2.0

package crash

import (
	"encoding/json"
	"fmt"
	"reflect"

	"github.com/conversations-operator/conversations-operator/api/v1alpha1"
	"github.com/conversations-operator/conversations-operator/internal/plan"
	"github.com/conversations-operator/conversations-operator/internal/twilio/simulator"
)

// disagreements lists where the conversation at Twilio is not as the spec says, or the status not as Twilio has it.
func disagreements(conv *v1alpha1.Conversation, there simulator.Conversation) []string {
	var out []string
	same := func(what, is, should string) {
		if is != should {
			out = append(out, fmt.Sprintf("%s is %q and should be %q", what, is, should))
		}
	}
	same("status.sid", conv.Status.SID, there.SID)
	same("status.uniqueName", conv.Status.UniqueName, there.UniqueName)
	same("status.friendlyName", conv.Status.FriendlyName, there.FriendlyName)
	same("status.state", string(conv.Status.State), there.State)
	same("friendlyName", there.FriendlyName, or(conv.Spec.FriendlyName, there.FriendlyName))
	same("state", there.State, or(string(conv.Spec.State), "active"))
	if conv.Status.Origin == v1alpha1.OriginCreated {
		same("uniqueName", there.UniqueName, or(conv.Spec.UniqueName, plan.GeneratedName(clusterName, conv.Namespace, conv.Name)))
	}
	timers := v1alpha1.TimersSpec{}
	if conv.Spec.Timers != nil {
		timers = *conv.Spec.Timers
	}
	same("timers.inactive", there.Timers.Inactive.Duration, timers.Inactive)
	same("timers.closed", there.Timers.Closed.Duration, timers.Closed)
	if a := conv.Spec.Attributes; a != nil && !sameJSON(there.Attributes, string(a.Raw)) {
		same("attributes", there.Attributes, string(a.Raw))
	}
	return out
}

func or(wanted, otherwise string) string {
	if wanted != "" {
		return wanted
	}
	return otherwise
}

func sameJSON(a, b string) bool {
	var x, y any
	return json.Unmarshal([]byte(a), &x) == nil && json.Unmarshal([]byte(b), &y) == nil && reflect.DeepEqual(x, y)
}
