// Copyright The conversations-operator Authors
// SPDX-License-Identifier: Apache-2.0

package v1alpha1

import (
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
	"k8s.io/apimachinery/pkg/types"
)

// ConversationStatus is the state of a conversation at Twilio, as the operator last observed it.
type ConversationStatus struct {
	// conditions describe the state of the object. Ready is set from the first reconciliation on. Reconciling, Stalled,
	// Drifted, Suspended and Unmanaged are set only while they are true.
	// +optional
	// +listType=map
	// +listMapKey=type
	// +kubebuilder:validation:MaxItems=16
	Conditions []metav1.Condition `json:"conditions,omitempty"`

	// observedGeneration is the metadata.generation to which the status belongs. It is -1 before the first
	// reconciliation.
	// +optional
	ObservedGeneration int64 `json:"observedGeneration,omitempty"`

	// objectUID is the metadata.uid of the object for which the operator wrote this status. If the status was copied or
	// restored from another object, objectUID names the other object, and the operator ignores the whole status.
	// +optional
	ObjectUID types.UID `json:"objectUID,omitempty"`

	// sid is the SID of the conversation at Twilio (CH…).
	// +optional
	SID string `json:"sid,omitempty"`

	// accountSid is the Twilio account of the conversation (AC…).
	// +optional
	AccountSID string `json:"accountSid,omitempty"`

	// region is the Twilio Region of the conversation, such as ie1. Left out: us1.
	// +optional
	Region string `json:"region,omitempty"`

	// chatServiceSid is the Conversation Service of the conversation (IS…).
	// +optional
	ChatServiceSID string `json:"chatServiceSid,omitempty"`

	// messagingServiceSid is the Messaging Service of the conversation (MG…).
	// +optional
	MessagingServiceSID string `json:"messagingServiceSid,omitempty"`

	// uniqueName is the unique name of the conversation at Twilio, from the spec or generated.
	// +optional
	UniqueName string `json:"uniqueName,omitempty"`

	// friendlyName is the friendly name of the conversation at Twilio.
	// +optional
	FriendlyName string `json:"friendlyName,omitempty"`

	// state is the state of the conversation at Twilio: initializing, active, inactive or closed.
	// +optional
	State ConversationState `json:"state,omitempty"`

	// timers are the dates at which timers will change the state. A new message restarts the timers.
	// +optional
	Timers *TimersStatus `json:"timers,omitempty"`

	// dateCreated is when the conversation was created, as Twilio reports it.
	// +optional
	DateCreated *metav1.Time `json:"dateCreated,omitempty"`

	// dateUpdated is when the conversation was last changed, as Twilio reports it.
	// +optional
	DateUpdated *metav1.Time `json:"dateUpdated,omitempty"`

	// url is the URL of the conversation in Twilio's API.
	// +optional
	URL string `json:"url,omitempty"`

	// links are the URLs of the conversation's subresources in Twilio's API.
	// +optional
	Links *ConversationLinks `json:"links,omitempty"`

	// origin says whether the operator created or adopted the conversation: Created or Adopted.
	// +optional
	Origin Origin `json:"origin,omitempty"`

	// adopting is true while the operator makes sure that no other object adopts the same conversation at the same
	// time. Meanwhile the operator sends no write to Twilio.
	// +optional
	Adopting bool `json:"adopting,omitempty"`

	// drift lists the differences between Twilio and the spec that the operator only reports (managementPolicy Report
	// or Observe).
	// +optional
	// +listType=atomic
	// +kubebuilder:validation:MaxItems=16
	Drift []FieldDrift `json:"drift,omitempty"`

	// lastHandledReconcileAt is the last value of the annotation twilio-operator.dev/reconcile-requested-at that the
	// operator handled.
	// +optional
	LastHandledReconcileAt string `json:"lastHandledReconcileAt,omitempty"`

	// lastApplied records the values that the operator last sent to Twilio. With this record the operator tells an edit
	// of the spec from a change at Twilio.
	// +optional
	LastApplied *AppliedSpec `json:"lastApplied,omitempty"`
}

// TimersStatus holds the dates at which timers will fire.
type TimersStatus struct {
	// dateInactive is when the conversation becomes inactive.
	// +optional
	DateInactive *metav1.Time `json:"dateInactive,omitempty"`

	// dateClosed is when the conversation closes.
	// +optional
	DateClosed *metav1.Time `json:"dateClosed,omitempty"`
}

// ConversationLinks holds the URLs of the subresources of a conversation.
type ConversationLinks struct {
	// participants of the conversation.
	// +optional
	Participants string `json:"participants,omitempty"`

	// messages of the conversation.
	// +optional
	Messages string `json:"messages,omitempty"`

	// webhooks of the conversation.
	// +optional
	Webhooks string `json:"webhooks,omitempty"`

	// export of the conversation's messages. Answers of Twilio from before 2025 do not have it.
	// +optional
	Export string `json:"export,omitempty"`
}

// Origin says how the operator came to manage a conversation.
// +kubebuilder:validation:Enum=Created;Adopted
type Origin string

const (
	// OriginCreated means that the operator created the conversation.
	OriginCreated Origin = "Created"
	// OriginAdopted means that the conversation existed before.
	OriginAdopted Origin = "Adopted"
)

// FieldDrift is a difference between the spec and Twilio.
type FieldDrift struct {
	// field is the path within spec, such as timers.closed or bindings.email.address.
	// +required
	// +kubebuilder:validation:MaxLength=256
	Field string `json:"field"`

	// desired is the value in the spec, cut to 256 characters.
	// +optional
	// +kubebuilder:validation:MaxLength=256
	Desired string `json:"desired,omitempty"`

	// observed is the value at Twilio, cut to 256 characters.
	// +optional
	// +kubebuilder:validation:MaxLength=256
	Observed string `json:"observed,omitempty"`
}

// AppliedSpec records, field by field, the values that Twilio last accepted from the operator. A value is empty if the
// spec did not set the field, or no longer sets it.
type AppliedSpec struct {
	// friendlyName is the friendly name as sent.
	// +optional
	FriendlyName string `json:"friendlyName,omitempty"`

	// uniqueName is the unique name as sent, from the spec or generated.
	// +optional
	UniqueName string `json:"uniqueName,omitempty"`

	// state is the state as sent.
	// +optional
	State string `json:"state,omitempty"`

	// timersInactive is the duration as sent. If Twilio already ran the timer when the operator found the conversation,
	// it is the duration in the spec at that time.
	// +optional
	TimersInactive string `json:"timersInactive,omitempty"`

	// timersClosed is the duration as sent. If Twilio already ran the timer when the operator found the conversation,
	// it is the duration in the spec at that time.
	// +optional
	TimersClosed string `json:"timersClosed,omitempty"`

	// attributesHash is a hash of the meaning of the attributes as sent.
	// +optional
	AttributesHash string `json:"attributesHash,omitempty"`

	// messagingServiceSid is the Messaging Service as sent.
	// +optional
	MessagingServiceSID string `json:"messagingServiceSid,omitempty"`

	// emailAddress is bindings.email.address as sent.
	// +optional
	EmailAddress string `json:"emailAddress,omitempty"`

	// emailName is bindings.email.name as sent.
	// +optional
	EmailName string `json:"emailName,omitempty"`

	// dateCreated is the date of creation as sent.
	// +optional
	DateCreated string `json:"dateCreated,omitempty"`

	// dateUpdated is the date of the last update as sent.
	// +optional
	DateUpdated string `json:"dateUpdated,omitempty"`

	// answered is the time of the last update intent (the annotation twilio-operator.dev/update-intent) whose outcome
	// this record includes. The next update sends the fields of a later intent again, or clears them.
	// +optional
	Answered string `json:"answered,omitempty"`

	// unechoed lists the fields, as paths within spec, for which Twilio answered a different value than the operator
	// sent. The operator does not compare such a field until the field is edited.
	// +optional
	// +listType=atomic
	// +kubebuilder:validation:MaxItems=16
	// +kubebuilder:validation:items:MaxLength=256
	Unechoed []string `json:"unechoed,omitempty"`

	// unconfirmed lists the fields, as paths within spec, that two managers may have written at the same time. The
	// operator sends these fields again with the next reconciliation.
	// +optional
	// +listType=atomic
	// +kubebuilder:validation:MaxItems=16
	// +kubebuilder:validation:items:MaxLength=256
	Unconfirmed []string `json:"unconfirmed,omitempty"`

	// explained is true while the state of the conversation differs from the spec because a timer changed the state.
	// +optional
	Explained bool `json:"explained,omitempty"`
}
