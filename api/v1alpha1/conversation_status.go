// Copyright The conversations-operator Authors
// SPDX-License-Identifier: Apache-2.0

package v1alpha1

import (
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
	"k8s.io/apimachinery/pkg/types"
)

// ConversationStatus is what the operator observed of a conversation at Twilio.
type ConversationStatus struct {
	// conditions say how it stands: Ready is always there from the first look on; Reconciling, Stalled, Drifted,
	// Suspended and Unmanaged are there only while they are true.
	// +optional
	// +listType=map
	// +listMapKey=type
	// +kubebuilder:validation:MaxItems=16
	Conditions []metav1.Condition `json:"conditions,omitempty"`

	// observedGeneration is the metadata.generation that the status speaks of; -1 before the first look.
	// +optional
	ObservedGeneration int64 `json:"observedGeneration,omitempty"`

	// objectUID is the metadata.uid of the object for which this status was written. A status that was copied or restored
	// from another object names that object here; the operator then ignores all of it.
	// +optional
	ObjectUID types.UID `json:"objectUID,omitempty"`

	// sid is the conversation at Twilio (CH…).
	// +optional
	SID string `json:"sid,omitempty"`

	// accountSid is the Twilio account that the conversation belongs to (AC…).
	// +optional
	AccountSID string `json:"accountSid,omitempty"`

	// region is the Twilio Region that holds the conversation, such as ie1. Left out: us1.
	// +optional
	Region string `json:"region,omitempty"`

	// chatServiceSid is the Conversation Service that the conversation belongs to (IS…).
	// +optional
	ChatServiceSID string `json:"chatServiceSid,omitempty"`

	// messagingServiceSid is the Messaging Service of the conversation (MG…).
	// +optional
	MessagingServiceSID string `json:"messagingServiceSid,omitempty"`

	// uniqueName is the unique name that the conversation has at Twilio, yours or the generated one.
	// +optional
	UniqueName string `json:"uniqueName,omitempty"`

	// friendlyName is the friendly name that the conversation has at Twilio.
	// +optional
	FriendlyName string `json:"friendlyName,omitempty"`

	// state of the conversation at Twilio: initializing, active, inactive or closed.
	// +optional
	State ConversationState `json:"state,omitempty"`

	// timers are the dates at which the state will change if nothing happens before.
	// +optional
	Timers *TimersStatus `json:"timers,omitempty"`

	// dateCreated is when the conversation was created, as Twilio says.
	// +optional
	DateCreated *metav1.Time `json:"dateCreated,omitempty"`

	// dateUpdated is when the conversation was last changed, as Twilio says.
	// +optional
	DateUpdated *metav1.Time `json:"dateUpdated,omitempty"`

	// url of the conversation in Twilio's API.
	// +optional
	URL string `json:"url,omitempty"`

	// links are the URLs of what belongs to the conversation in Twilio's API.
	// +optional
	Links *ConversationLinks `json:"links,omitempty"`

	// origin says whether the operator created the conversation or adopted it: Created or Adopted.
	// +optional
	Origin Origin `json:"origin,omitempty"`

	// adopting is true while the operator makes sure that no other object adopts the same conversation at the same time.
	// Nothing is sent to Twilio meanwhile.
	// +optional
	Adopting bool `json:"adopting,omitempty"`

	// drift lists where Twilio differs from the spec, while that is only reported (managementPolicy Report or Observe).
	// +optional
	// +listType=atomic
	// +kubebuilder:validation:MaxItems=16
	Drift []FieldDrift `json:"drift,omitempty"`

	// lastHandledReconcileAt is the value of the annotation twilio-operator.dev/reconcile-requested-at that was last
	// acted on.
	// +optional
	LastHandledReconcileAt string `json:"lastHandledReconcileAt,omitempty"`

	// lastApplied is what the operator last sent to Twilio, to tell an edit of the spec from a change at Twilio.
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

// ConversationLinks holds the URLs of what belongs to a conversation.
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
}

// Origin says how the operator came to manage a conversation.
// +kubebuilder:validation:Enum=Created;Adopted
type Origin string

const (
	// OriginCreated means that the operator created the conversation.
	OriginCreated Origin = "Created"
	// OriginAdopted means that the conversation was there before.
	OriginAdopted Origin = "Adopted"
)

// FieldDrift is one difference between the spec and Twilio.
type FieldDrift struct {
	// field is the path within spec, such as timers.closed or bindings.email.address.
	// +required
	// +kubebuilder:validation:MaxLength=256
	Field string `json:"field"`

	// desired is what the spec says, cut to 256 characters.
	// +optional
	// +kubebuilder:validation:MaxLength=256
	Desired string `json:"desired,omitempty"`

	// observed is what Twilio says, cut to 256 characters.
	// +optional
	// +kubebuilder:validation:MaxLength=256
	Observed string `json:"observed,omitempty"`
}

// AppliedSpec records, field by field, the values that Twilio last took from the operator. An empty value means that
// the field was not set, or was handed back.
type AppliedSpec struct {
	// friendlyName as it was sent.
	// +optional
	FriendlyName string `json:"friendlyName,omitempty"`

	// uniqueName as it was sent, generated or not.
	// +optional
	UniqueName string `json:"uniqueName,omitempty"`

	// state as it was sent.
	// +optional
	State string `json:"state,omitempty"`

	// timersInactive is the duration as it was sent, or as it was recorded for a timer that was found running.
	// +optional
	TimersInactive string `json:"timersInactive,omitempty"`

	// timersClosed is the duration as it was sent, or as it was recorded for a timer that was found running.
	// +optional
	TimersClosed string `json:"timersClosed,omitempty"`

	// attributesHash is a hash of the meaning of the attributes that were sent.
	// +optional
	AttributesHash string `json:"attributesHash,omitempty"`

	// messagingServiceSid as it was sent.
	// +optional
	MessagingServiceSID string `json:"messagingServiceSid,omitempty"`

	// emailAddress is bindings.email.address as it was sent.
	// +optional
	EmailAddress string `json:"emailAddress,omitempty"`

	// emailName is bindings.email.name as it was sent.
	// +optional
	EmailName string `json:"emailName,omitempty"`

	// dateCreated as it was sent.
	// +optional
	DateCreated string `json:"dateCreated,omitempty"`

	// dateUpdated as it was sent.
	// +optional
	DateUpdated string `json:"dateUpdated,omitempty"`

	// answered is the time of the last update intent (the annotation twilio-operator.dev/update-intent) whose outcome is
	// recorded here. The fields of a later one are sent again, or cleared, by the next update.
	// +optional
	Answered string `json:"answered,omitempty"`

	// unechoed lists the fields, as paths within spec, that Twilio did not take over as they were sent; they are not
	// compared until they are edited.
	// +optional
	// +listType=atomic
	// +kubebuilder:validation:MaxItems=16
	// +kubebuilder:validation:items:MaxLength=256
	Unechoed []string `json:"unechoed,omitempty"`

	// unconfirmed lists the fields, as paths within spec, that two managers may have written at the same time. The next
	// pass sends them again.
	// +optional
	// +listType=atomic
	// +kubebuilder:validation:MaxItems=16
	// +kubebuilder:validation:items:MaxLength=256
	Unconfirmed []string `json:"unconfirmed,omitempty"`

	// explained is true while the conversation is in another state than the spec says because a timer made it so.
	// +optional
	Explained bool `json:"explained,omitempty"`
}
