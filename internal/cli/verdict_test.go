// Copyright The conversations-operator Authors
// SPDX-License-Identifier: Apache-2.0

package cli

import (
	"errors"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/conversations-operator/conversations-operator/api/v1alpha1"
	"github.com/conversations-operator/conversations-operator/internal/plan"
	"github.com/conversations-operator/conversations-operator/internal/preview"
)

// foreseen is the verdict on an object that takes these steps to that end.
func foreseen(end plan.Verb, steps ...plan.Verb) verdict {
	o := &preview.Outcome{End: end, Steps: steps}
	return verdict{Namespace: "ns", Name: "vip", Action: actionOf(o), Outcome: o}
}

func TestAnActionPutsTheStepsIntoWords(t *testing.T) {
	for _, c := range []struct {
		name string
		of   verdict
		want string
	}{
		{"an object without a conversation", foreseen(plan.Keep, plan.Create), "create"},
		{"a create that has to be corrected", foreseen(plan.Keep, plan.Create, plan.Update), "create"},
		{"a conversation of that name that is as it should be", foreseen(plan.Keep, plan.Adopt), "adopt"},
		{"a conversation of that name that is not", foreseen(plan.Keep, plan.Adopt, plan.Update), "adopt and update"},
		{"an edit", foreseen(plan.Keep, plan.Update), "update"},
		{"a closed conversation that is to be replaced", foreseen(plan.Keep, plan.Delete, plan.Create), actionRecreate},
		{"an object that is being deleted", foreseen(plan.Release, plan.Delete), "delete"},
		{"a conversation that stays when its object goes", foreseen(plan.Release), "release"},
		{"an object that is suspended", foreseen(plan.Hold), "hold"},
		{"an account that is not ready", foreseen(plan.Wait), actionWait},
		{"a spec that cannot be carried out, whatever was done before", foreseen(plan.Refuse, plan.Adopt), actionRefuse},
		{"nothing to do", foreseen(plan.Keep), actionKeep},
		{"nothing to do that was looked at", foreseen(plan.Rest), actionKeep},
	} {
		t.Run(c.name, func(t *testing.T) {
			if c.of.Action != c.want {
				t.Errorf("got %q, want %q", c.of.Action, c.want)
			}
			if counted := summary([]verdict{c.of}); counted == "No Conversations found." {
				t.Errorf("%q is not counted", c.want)
			}
		})
	}
}

func TestASummaryCountsEachAction(t *testing.T) {
	keep, create, refuse := foreseen(plan.Keep), foreseen(plan.Keep, plan.Create), foreseen(plan.Refuse)
	for _, c := range []struct {
		name string
		of   []verdict
		want string
	}{
		{"nothing", nil, "No Conversations found."},
		{"the order is that of the actions, not of the objects", []verdict{refuse, keep, create, keep}, "1 to create, 2 to keep, 1 refused."},
	} {
		t.Run(c.name, func(t *testing.T) {
			if got := summary(c.of); got != c.want {
				t.Errorf("got %q, want %q", got, c.want)
			}
		})
	}
}

func TestTheExitCodeTellsTheWorstVerdict(t *testing.T) {
	adopt := foreseen(plan.Keep, plan.Adopt)
	for _, c := range []struct {
		name string
		of   []verdict
		want int
	}{
		{"nothing changes", []verdict{foreseen(plan.Keep), foreseen(plan.Wait)}, 0},
		{"an adoption changes nothing at Twilio", []verdict{adopt}, 0},
		{"something changes", []verdict{foreseen(plan.Keep), foreseen(plan.Keep, plan.Update)}, ExitFound},
		{"something is refused, though others change", []verdict{adopt, foreseen(plan.Refuse), foreseen(plan.Keep, plan.Create)}, ExitRefused},
	} {
		t.Run(c.name, func(t *testing.T) {
			err := judged(c.of)
			code, _ := errors.AsType[exit](err)
			if int(code) != c.want || (c.want == 0) != (err == nil) {
				t.Errorf("got %v, want exit code %d", err, c.want)
			}
		})
	}
}

func TestARowOfMarkdown(t *testing.T) {
	v := foreseen(plan.Keep, plan.Update)
	v.Changes = []v1alpha1.FieldDrift{{Field: "friendlyName", Desired: "new", Observed: "old|er"}, {Field: "attributes", Desired: "{}"}}
	v.Drift = []v1alpha1.FieldDrift{{Field: "state", Desired: "active", Observed: "inactive"}}
	refused := foreseen(plan.Refuse)
	refused.Reason, refused.Message = "Rejected", "@everyone"
	code := func(text string) string { return "\x60" + text + "\x60" }
	for _, c := range []struct {
		name string
		of   verdict
		want []string
	}{
		{"holds each change and what is only reported", v, []string{code("~"), code("ns/vip"), "update",
			code(`friendlyName: "old\|er" -> "new"`) + "<br>" + code(`attributes: "{}"`) + "<br>" + code(`state: "inactive" -> "active"`) + " only reported"}},
		{"says why, without a mention", refused, []string{code("!"), code("ns/vip"), actionRefuse, "Rejected: " + code("@everyone")}},
	} {
		t.Run(c.name, func(t *testing.T) {
			if diff := cmp.Diff(c.want, planRow(c.of)); diff != "" {
				t.Error(diff)
			}
		})
	}
}
