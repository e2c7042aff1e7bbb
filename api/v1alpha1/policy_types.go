// Copyright The conversations-operator Authors
// SPDX-License-Identifier: Apache-2.0

package v1alpha1

// AdoptionSpec says how the operator handles an existing conversation.
type AdoptionSpec struct {
	// policy says how the operator handles a uniqueName that is taken by a conversation, unless the operator can prove
	// that it created the conversation. Left out: Never.
	// Never: the operator refuses the name, with the reason UniqueNameTaken.
	// IfExists: the operator adopts the conversation.
	// +optional
	Policy AdoptionPolicy `json:"policy,omitempty"`

	// sid is the SID of the conversation to manage (CH and 32 hexadecimal digits). The operator manages exactly this
	// conversation and never creates another. Must not be changed, added or dropped later.
	// +optional
	// +kubebuilder:validation:MaxLength=34
	// +kubebuilder:validation:XValidation:rule="self.matches('^CH[0-9a-fA-F]{32}$')",message="must be the SID of a conversation: CH followed by 32 hexadecimal digits"
	// +kubebuilder:validation:XValidation:rule="self == oldSelf",message="must not be changed after creation",reason=FieldValueForbidden
	SID string `json:"sid,omitempty"`
}

// AdoptionPolicy says how the operator handles a unique name that is taken.
// +kubebuilder:validation:Enum=Never;IfExists
type AdoptionPolicy string

const (
	// AdoptionPolicyNever refuses a taken name. The default.
	AdoptionPolicyNever AdoptionPolicy = "Never"
	// AdoptionPolicyIfExists adopts the conversation with the name.
	AdoptionPolicyIfExists AdoptionPolicy = "IfExists"
)

// ManagementPolicy says which changes the operator makes at Twilio.
// +kubebuilder:validation:Enum=Enforce;Report;Observe
type ManagementPolicy string

const (
	// ManagementPolicyEnforce applies edits and corrects drift. The default.
	ManagementPolicyEnforce ManagementPolicy = "Enforce"
	// ManagementPolicyReport applies edits and only reports drift.
	ManagementPolicyReport ManagementPolicy = "Report"
	// ManagementPolicyObserve never writes to Twilio.
	ManagementPolicyObserve ManagementPolicy = "Observe"
)

// DeletionPolicy says whether the operator deletes the conversation when its object is deleted.
// +kubebuilder:validation:Enum=Delete;Retain
type DeletionPolicy string

const (
	// DeletionPolicyDelete deletes the conversation at Twilio. The default for a conversation that the operator
	// created.
	DeletionPolicyDelete DeletionPolicy = "Delete"
	// DeletionPolicyRetain leaves the conversation at Twilio. The default for an adopted conversation.
	DeletionPolicyRetain DeletionPolicy = "Retain"
)

// ClosedPolicy says how the operator handles a closed conversation if the spec does not set state: closed.
// +kubebuilder:validation:Enum=Keep;Recreate
type ClosedPolicy string

const (
	// ClosedPolicyKeep leaves the conversation closed. The default.
	ClosedPolicyKeep ClosedPolicy = "Keep"
	// ClosedPolicyRecreate deletes the conversation and creates a new one.
	ClosedPolicyRecreate ClosedPolicy = "Recreate"
)
