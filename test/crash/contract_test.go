// Copyright The conversations-operator Authors
// SPDX-License-Identifier: Apache-2.0

package crash

import (
	"fmt"
	"net/http"

	"github.com/conversations-operator/conversations-operator/internal/twilio/simulator"
)

// refusedCreate is a create that Twilio refused because the name exists.
const refusedCreate = simulator.OperationCreate + " refused"

// unauthorized are requests with credentials that were rotated a moment before.
const unauthorized = "unauthorized"

// tally counts requests to Twilio by operation.
type tally map[string]int

func count(requests []simulator.Request) tally {
	out := tally{}
	for _, r := range requests {
		operation := r.Operation
		if operation == simulator.OperationCreate && r.Status == http.StatusConflict {
			operation = refusedCreate
		}
		if r.Status == http.StatusUnauthorized {
			operation = unauthorized
		}
		out[operation]++
	}
	return out
}

// excess lists what was asked of Twilio beyond what a fault may cost, compared with the undisturbed story.
//
// Whatever happens, nothing is created more often. A create is sent again only where it is known, or was looked up, that
// the first did not happen: one that takes effect after the look-up is met by another, which Twilio refuses, and one that
// was refused may be refused again. A write whose answer was lost may be
// sent again, which changes nothing: a deletion is answered 404 then. What is not known is looked up, by the sid and by
// the name, and the name once more when a create can no longer be on its way.
func (f *fault) excess(asked, undisturbed tally) []string {
	allowed := tally{simulator.OperationFetch: 3, simulator.OperationUpdate: 1, simulator.OperationDelete: 1, unauthorized: 2}
	if f.harmless {
		allowed[simulator.OperationUpdate] = 0
	}
	if f.late || undisturbed[refusedCreate] > 0 {
		allowed[refusedCreate] = 1
	}
	var out []string
	for operation, n := range asked {
		if most := undisturbed[operation] + allowed[operation]; n > most {
			out = append(out, fmt.Sprintf("%d times %s, and at most %d are allowed", n, operation, most))
		}
	}
	return out
}
