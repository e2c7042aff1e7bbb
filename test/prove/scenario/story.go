// Copyright The conversations-operator Authors
// SPDX-License-Identifier: Apache-2.0

package scenario

import (
	"fmt"

	"github.com/conversations-operator/conversations-operator/api/v1alpha1"
)

// Story is a way through the states, as data: test/crash replays it against a real manager.
type Story struct {
	// Scenario is the name of the scenario, Broken the promise that the story breaks.
	Scenario string `json:"scenario"`
	Broken   string `json:"broken,omitempty"`
	// Spec of the object in the beginning, Rival the spec of a second object.
	Spec  v1alpha1.ConversationSpec  `json:"spec"`
	Rival *v1alpha1.ConversationSpec `json:"rival,omitempty"`
	// Theirs is the unique name of a conversation of other people.
	Theirs string `json:"theirs,omitempty"`
	// Lags: a cache shows a version of the object only after the step that says so.
	Lags  bool        `json:"lags,omitempty"`
	Steps []StoryStep `json:"steps"`
	// Round are the steps of an endless loop, which begins after Steps.
	Round []StoryStep `json:"round,omitempty"`
}

// StoryStep is one step of a story.
type StoryStep struct {
	// Text is the step in words.
	Text string `json:"text"`
	// Do is the kind of the step.
	Do string `json:"do"`
	// Manager and Object of the step; managers count from 1.
	Manager int    `json:"manager,omitempty"`
	Object  string `json:"object,omitempty"`
	// Call of a pass, and its outcome; empty: the call takes effect and is answered.
	Call    string `json:"call,omitempty"`
	Outcome string `json:"outcome,omitempty"`
	// Spec that an edit writes.
	Spec *v1alpha1.ConversationSpec `json:"spec,omitempty"`
	// Meddle of other people at Twilio, with the Conversation of this number.
	Meddle       string `json:"meddle,omitempty"`
	Conversation int    `json:"conversation,omitempty"`
	// Request is the place of a request among those on their way.
	Request int `json:"request,omitempty"`
}

// Lines are the steps of the story in words.
func (s *Story) Lines() (out []string) {
	for i, step := range s.Steps {
		out = append(out, fmt.Sprintf("%2d. %s", i+1, step.Text))
	}
	for _, step := range s.Round {
		out = append(out, "    "+step.Text)
	}
	return out
}
