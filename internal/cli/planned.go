// Copyright The conversations-operator Authors
// SPDX-License-Identifier: Apache-2.0

package cli

import (
	"fmt"
	"strings"

	"github.com/conversations-operator/conversations-operator/api/v1alpha1"
	"github.com/conversations-operator/conversations-operator/internal/escape"
)

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
	if runes := []rune(value); len(runes) > maxShown {
		value = string(runes[:maxShown-1]) + "…"
	}
	return fmt.Sprintf("%q", value)
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
