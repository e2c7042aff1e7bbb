// Copyright The conversations-operator Authors
// SPDX-License-Identifier: Apache-2.0

package search

import (
	"slices"

	"github.com/conversations-operator/conversations-operator/test/prove/model"
	"github.com/conversations-operator/conversations-operator/test/prove/scenario"
)

// passage is a state and the next action.
type passage struct {
	model.State
	model.Action
}

// passages are the whole way from the first state.
func (x *exploration) passages(last way) []passage {
	var out []passage
	at, a := last.from, last.Action
	for calm := last.calm; ; {
		store := &x.reached
		if calm {
			store = &x.calm.reachedStates
		}
		s, from, how := store.at(at)
		if !calm && s == x.begun {
			out = append(out, passage{s, a})
			break
		}
		out = append(out, passage{s, a})
		at, a, calm = from, how, calm && how != model.Calmly
	}
	slices.Reverse(out)
	return out
}

// story tells how a promise is broken.
func (x *exploration) story(last way) *scenario.Story {
	out := &scenario.Story{Scenario: x.Scenario.Name, Broken: x.broken, Theirs: x.Scenario.Theirs, Lags: x.Scenario.Lags, Rival: x.Scenario.Rival}
	out.Spec = x.Scenario.Specs[0]
	for _, p := range x.passages(last) {
		out.Steps = append(out.Steps, x.Tell(&p.State, p.Action))
	}
	for i := range x.round[:max(0, len(x.round)-1)] {
		s := &x.round[i]
		x.ExpandCalm(s, func(next *model.State, a model.Action, _ model.Label, _ string) {
			if *next == x.round[i+1] && len(out.Round) == i {
				out.Round = append(out.Round, x.Tell(s, a))
			}
		})
	}
	return out
}
