// Copyright The conversations-operator Authors
// SPDX-License-Identifier: Apache-2.0

package v1alpha1

// AdoptionSpec says what to do about a conversation that exists already.
type AdoptionSpec struct {
	// policy says what to do when uniqueName is taken by a conversation that the operator cannot show it made. Left
	// out: Never.
	// Never: it is refused, with the reason UniqueNameTaken.
	// IfExists: it is adopted.
	// +optional
	Policy AdoptionPolicy `json:"policy,omitempty"`

	// sid is the conversation to manage (CH and 32 hexadecimal digits): exactly this one, and none is ever created.
	// Must not be changed, added or dropped later.
	// +optional
	// +kubebuilder:validation:MaxLength=34
	// +kubebuilder:validation:XValidation:rule="self.matches('^CH[0-9a-fA-F]{32}$')",message="must be the SID of a conversation: CH followed by 32 hexadecimal digits"
	// +kubebuilder:validation:XValidation:rule="self == oldSelf",message="must not be changed after creation",reason=FieldValueForbidden
	SID string `json:"sid,omitempty"`
}

// AdoptionPolicy says what to do when a unique name is taken.
// +kubebuilder:validation:Enum=Never;IfExists
type AdoptionPolicy string

const (
	// AdoptionPolicyNever refuses a name that is taken. The default.
	AdoptionPolicyNever AdoptionPolicy = "Never"
	// AdoptionPolicyIfExists adopts the conversation that has the name.
	AdoptionPolicyIfExists AdoptionPolicy = "IfExists"
)

// ManagementPolicy says how far the operator goes.
// +kubebuilder:validation:Enum=Enforce;Report;Observe
type ManagementPolicy string

const (
	// ManagementPolicyEnforce applies edits and corrects drift. The default.
	ManagementPolicyEnforce ManagementPolicy = "Enforce"
	// ManagementPolicyReport applies edits, and reports drift.
	ManagementPolicyReport ManagementPolicy = "Report"
	// ManagementPolicyObserve never writes to Twilio.
	ManagementPolicyObserve ManagementPolicy = "Observe"
)

// DeletionPolicy says what becomes of the conversation when its object is deleted.
// +kubebuilder:validation:Enum=Delete;Retain
type DeletionPolicy string

const (
	// DeletionPolicyDelete deletes it at Twilio. The default for a conversation that the operator created.
	DeletionPolicyDelete DeletionPolicy = "Delete"
	// DeletionPolicyRetain leaves it at Twilio. The default for a conversation that was adopted.
	DeletionPolicyRetain DeletionPolicy = "Retain"
)

// ClosedPolicy says what to do about a conversation that is closed while state is not.
// +kubebuilder:validation:Enum=Keep;Recreate
type ClosedPolicy string

const (
	// ClosedPolicyKeep leaves it closed. The default.
	ClosedPolicyKeep ClosedPolicy = "Keep"
	// ClosedPolicyRecreate deletes it and creates it anew.
	ClosedPolicyRecreate ClosedPolicy = "Recreate"
)
