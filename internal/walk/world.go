// Copyright The conversations-operator Authors
// SPDX-License-Identifier: Apache-2.0

package walk

import (
	"context"
	"time"

	"github.com/conversations-operator/conversations-operator/api/v1alpha1"
	"github.com/conversations-operator/conversations-operator/internal/plan"
	"github.com/conversations-operator/conversations-operator/internal/twilio"
)

// World is what a pass acts on.
type World interface {
	Twilio
	Kubernetes
	Rivals
	Process
}

// Admission says whether a step may be carried out.
type Admission int

// The admissions of a step.
const (
	// Go: carry the step out.
	Go Admission = iota
	// Again: the facts have changed, so that the plan has to decide again.
	Again
	// Stop: end the pass with the verdict of the world.
	Stop
)

// Twilio is the part of the world behind Twilio's API.
type Twilio interface {
	// Clock is the operator's clock here, and Twilio's clock there at the same moment; zero: no answer has told Twilio's time.
	Clock() (here, there time.Time)
	// Admit says whether a step may be carried out now.
	Admit(ctx context.Context, step plan.Step) (Verdict, Admission, error)
	// Send sends the request of a step. The answer to a Delete has no conversation. A write may take effect although its answer
	// is an error: see [twilio.Ambiguous].
	Send(ctx context.Context, step plan.Step) (*twilio.Conversation, error)
	// Did notes a write at Twilio which took effect.
	Did(ctx context.Context, step plan.Step, sid string)
	// Leave notes that the pass sends no more requests; err is the error which ends the pass.
	Leave(ctx context.Context, err error)
}

// Kubernetes is the part of the world behind the API server. The errors are those of the API server.
type Kubernetes interface {
	// PatchMetadata writes the changes of the object's metadata since before, and fails if any client wrote the object since the
	// pass read the object. The object becomes the object as the API server answers it.
	PatchMetadata(ctx context.Context, object, before *v1alpha1.Conversation) error
	// PatchStatus writes the object's status over the version before, and fails like PatchMetadata.
	PatchStatus(ctx context.Context, object, before *v1alpha1.Conversation) error
	// Reread reads the newest version of the object.
	Reread(ctx context.Context) (*v1alpha1.Conversation, error)
	// Setback counts a request which Kubernetes refuses, and answers whether it is time to tell the user.
	Setback() (tell bool)
}

// Rivals is the part of the world with the other objects, which may want the same conversation.
type Rivals interface {
	// Sharers are the other objects whose own record has the conversation.
	Sharers(ctx context.Context, sid string) ([]v1alpha1.Conversation, error)
	// Namesakes are the objects whose spec has the unique name.
	Namesakes(ctx context.Context, name string) ([]v1alpha1.Conversation, error)
	// SamePlace tells whether the account of another object is the same as this object's.
	SamePlace(ctx context.Context, other *v1alpha1.Conversation) (bool, error)
}

// Process is the part of the world in this process.
type Process interface {
	// Recall answers the memory of the object, Remember changes the memory.
	Recall() Memory
	Remember(change func(*Memory))
	// Claim gives a conversation to the object; false if another object of this process has the claim.
	Claim(sid string) bool
	// GiveUp ends the claim to a conversation; empty: all claims of the object.
	GiveUp(sid string)
	// Decided notes a decision.
	Decided(ctx context.Context, step plan.Step)
}
