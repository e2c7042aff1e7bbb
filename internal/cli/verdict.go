// Copyright The conversations-operator Authors
// SPDX-License-Identifier: Apache-2.0

package cli

import (
	"fmt"
	"strings"

	"github.com/conversations-operator/conversations-operator/api/v1alpha1"
	"github.com/conversations-operator/conversations-operator/internal/escape"
	"github.com/conversations-operator/conversations-operator/internal/plan"
	"github.com/conversations-operator/conversations-operator/internal/preview"
)

// reasonInvalid is the reason which Kubernetes gives for an invalid object.
const reasonInvalid = "Invalid"

// verdict is the previewed outcome of an object.
type verdict struct {
	Namespace string `json:"namespace"`
	Name      string `json:"name"`
	// Action sums up the steps in a few words.
	Action string `json:"action"`
	*preview.Outcome
}

// Actions which the code names in several places.
const (
	actionRecreate = "recreate"
	actionKeep     = "keep"
	actionWait     = "wait"
	actionRefuse   = "refuse"
)

// actions are all actions in the order of the summary, each with its sign, its colour and its words in the summary.
var actions = []struct{ name, sign, colour, counted string }{
	{"create", "+", green, "to create"},
	{"adopt", ">", green, "to adopt"},
	{"adopt and update", ">", yellow, "to adopt and update"},
	{"update", "~", yellow, "to update"},
	{actionRecreate, "±", red, "to recreate"},
	{"delete", "-", red, "to delete"},
	{"release", "-", "", "to release"},
	{actionKeep, "=", "", "to keep"},
	{"hold", "=", "", "suspended"},
	{actionWait, "?", yellow, "waiting"},
	{actionRefuse, "!", red, "refused"},
}

// actionOf returns the action which sums up the steps of an outcome.
func actionOf(o *preview.Outcome) string {
	did := map[plan.Verb]bool{}
	for _, verb := range o.Steps {
		did[verb] = true
	}
	switch {
	case o.End == plan.Refuse:
		return actionRefuse
	case did[plan.Delete] && did[plan.Create]:
		return actionRecreate
	case did[plan.Create]:
		return "create"
	case did[plan.Delete]:
		return "delete"
	case did[plan.Adopt] && did[plan.Update]:
		return "adopt and update"
	case did[plan.Adopt]:
		return "adopt"
	case did[plan.Update]:
		return "update"
	}
	switch o.End {
	case plan.Hold:
		return "hold"
	case plan.Wait:
		return actionWait
	case plan.Release:
		return "release"
	}
	return actionKeep
}

func judged(verdicts []verdict) error {
	code := exit(0)
	for _, v := range verdicts {
		switch {
		case v.Refused():
			return exit(ExitRefused)
		case v.Writes():
			code = ExitFound
		}
	}
	if code == 0 {
		return nil
	}
	return code
}

// maxShown is the length to which the text output cuts a value, in characters. JSON and YAML hold the whole value.
const maxShown = 80

func (s *session) printPlan(verdicts []verdict, as string) error {
	switch as {
	case formatJSON, formatYAML:
		return encode(s.Out, as, verdicts)
	case formatMarkdown:
		return s.planMarkdown(verdicts)
	case formatName:
		for _, v := range verdicts {
			if v.Writes() || v.Refused() {
				if err := line(s.Out, "%s/%s", v.Namespace, v.Name); err != nil {
					return err
				}
			}
		}
		return nil
	}
	for _, v := range verdicts {
		if v.Action == actionKeep && as != formatWide && len(v.Drift) == 0 {
			continue
		}
		if _, err := fmt.Fprint(s.Out, s.planned(v)); err != nil {
			return err
		}
	}
	_, err := fmt.Fprintln(s.Out, summary(verdicts))
	return err
}

// planned formats a verdict in a few lines.
func (s *session) planned(v verdict) string {
	var b strings.Builder
	sign, colour := "", ""
	for _, a := range actions {
		if a.name == v.Action {
			sign, colour = a.sign, a.colour
		}
	}
	head := fmt.Sprintf("%s %s/%s: %s", sign, v.Namespace, v.Name, v.Action)
	if v.SID != "" {
		head += " " + v.SID
	}
	fmt.Fprintln(&b, s.paint(colour, escape.Line(head)))
	for _, d := range v.Changes {
		_ = line(&b, "    %s", arrow(d))
	}
	for _, d := range v.Drift {
		_ = line(&b, "    %s (only reported)", arrow(d))
	}
	for _, field := range v.Kept {
		_ = line(&b, "    %s stays as it is: Twilio cannot clear it", field)
	}
	if v.Action == actionRefuse || v.Action == actionWait {
		_ = line(&b, "    %s: %s", v.Reason, v.Message)
	}
	return b.String()
}

// arrow formats a change in a single line.
func arrow(d v1alpha1.FieldDrift) string {
	if d.Observed == "" {
		return fmt.Sprintf("%s: %s", d.Field, shown(d.Desired))
	}
	return fmt.Sprintf("%s: %s -> %s", d.Field, shown(d.Observed), shown(d.Desired))
}

func shown(value string) string {
	return fmt.Sprintf("%q", escape.Shorten(value, maxShown))
}

// summary counts the verdicts by action.
func summary(verdicts []verdict) string {
	counts := map[string]int{}
	for _, v := range verdicts {
		counts[v.Action]++
	}
	var parts []string
	for _, a := range actions {
		if n := counts[a.name]; n > 0 {
			parts = append(parts, fmt.Sprintf("%d %s", n, a.counted))
		}
	}
	if len(parts) == 0 {
		return "No Conversations found."
	}
	return strings.Join(parts, ", ") + "."
}

func (s *session) planMarkdown(verdicts []verdict) error {
	if _, err := fmt.Fprintf(s.Out, "**Twilio Conversations:** %s\n", summary(verdicts)); err != nil {
		return err
	}
	t := table{head: []string{"", "Conversation", "Action", "Details"}}
	for _, v := range verdicts {
		if v.Action != actionKeep || len(v.Drift) > 0 {
			t.add(planRow(v)...)
		}
	}
	if len(t.rows) == 0 {
		return nil
	}
	if _, err := fmt.Fprintln(s.Out); err != nil {
		return err
	}
	return t.markdown(s.Out)
}

func planRow(v verdict) []string {
	sign := ""
	for _, a := range actions {
		if a.name == v.Action {
			sign = a.sign
		}
	}
	var details []string
	for _, d := range v.Changes {
		details = append(details, escape.Code(arrow(d)))
	}
	for _, d := range v.Drift {
		details = append(details, escape.Code(arrow(d))+" only reported")
	}
	if v.Action == actionRefuse || v.Action == actionWait {
		details = append(details, v.Reason+": "+escape.Code(v.Message))
	}
	return []string{escape.Code(sign), escape.Code(v.Namespace + "/" + v.Name), v.Action, strings.Join(details, "<br>")}
}
