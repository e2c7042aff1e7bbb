// Copyright The conversations-operator Authors
// SPDX-License-Identifier: Apache-2.0

package v1alpha1

import (
	apiextensionsv1 "k8s.io/apiextensions-apiserver/pkg/apis/apiextensions/v1"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
)

// +kubebuilder:object:root=true
// +kubebuilder:subresource:status
// +kubebuilder:resource:shortName=convo,categories=twilio
// +kubebuilder:selectablefield:JSONPath=`.status.sid`
// +kubebuilder:selectablefield:JSONPath=`.spec.uniqueName`
// +kubebuilder:printcolumn:name="SID",type=string,JSONPath=`.status.sid`
// +kubebuilder:printcolumn:name="State",type=string,JSONPath=`.status.state`
// +kubebuilder:printcolumn:name="Ready",type=string,JSONPath=`.status.conditions[?(@.type=="Ready")].status`
// +kubebuilder:printcolumn:name="Reason",type=string,JSONPath=`.status.conditions[?(@.type=="Ready")].reason`
// +kubebuilder:printcolumn:name="Age",type=date,JSONPath=`.metadata.creationTimestamp`
// +kubebuilder:printcolumn:name="Unique Name",type=string,priority=1,JSONPath=`.status.uniqueName`
// +kubebuilder:printcolumn:name="Service",type=string,priority=1,JSONPath=`.status.chatServiceSid`
// +kubebuilder:printcolumn:name="Closes At",type=string,priority=1,JSONPath=`.status.timers.dateClosed`
// +kubebuilder:printcolumn:name="Message",type=string,priority=1,JSONPath=`.status.conditions[?(@.type=="Ready")].message`

// Conversation is a conversation at Twilio Conversations. The operator creates it, keeps it as the spec says, reports
// what Twilio says of it in status, and removes it when the object is deleted.
type Conversation struct {
	metav1.TypeMeta `json:",inline"`

	// metadata is the standard object metadata.
	// +optional
	metav1.ObjectMeta `json:"metadata,omitzero"`

	// spec says what the conversation should be. Left out: an active conversation with a generated unique name.
	// +optional
	// +kubebuilder:default={}
	Spec ConversationSpec `json:"spec,omitzero"`

	// status is what the operator observed.
	// +optional
	// +kubebuilder:default={observedGeneration:-1}
	Status ConversationStatus `json:"status,omitzero"`
}

// +kubebuilder:object:root=true

// ConversationList is a list of Conversations.
type ConversationList struct {
	metav1.TypeMeta `json:",inline"`
	metav1.ListMeta `json:"metadata,omitzero"`
	Items           []Conversation `json:"items"`
}

// ConversationSpec says what a conversation at Twilio should be. Every field is optional; attributes, or a group of
// fields, that is null counts as left out.
//
// +kubebuilder:validation:XValidation:rule="has(self.accountRef) == has(oldSelf.accountRef)",fieldPath=".accountRef",message="must not be added or dropped after creation",reason=FieldValueForbidden
// +kubebuilder:validation:XValidation:rule="has(self.chatServiceSid) == has(oldSelf.chatServiceSid)",fieldPath=".chatServiceSid",message="must not be added or dropped after creation",reason=FieldValueForbidden
// +kubebuilder:validation:XValidation:rule="(has(self.adoption) && has(self.adoption.sid)) == (has(oldSelf.adoption) && has(oldSelf.adoption.sid))",fieldPath=".adoption.sid",message="must not be added or dropped after creation",reason=FieldValueForbidden
// +kubebuilder:validation:XValidation:rule="!has(self.uniqueName) || !self.uniqueName.contains('/') || (has(self.adoption) && has(self.adoption.sid))",fieldPath=".uniqueName",message="must not contain a slash unless `adoption.sid` is set: Twilio cannot be asked for such a name",reason=FieldValueForbidden
type ConversationSpec struct {
	// accountRef names the account that the conversation belongs to. Left out: the TwilioAccount named default in the
	// namespace of the object, else the ClusterTwilioAccount named default. Must not be changed, added or dropped later.
	// +optional
	// +nullable
	// +kubebuilder:validation:XValidation:rule="self.name == oldSelf.name && (has(self.kind) ? self.kind : 'TwilioAccount') == (has(oldSelf.kind) ? oldSelf.kind : 'TwilioAccount')",message="must not be changed after creation",reason=FieldValueForbidden
	AccountRef *AccountReference `json:"accountRef,omitempty"`

	// chatServiceSid is the Conversation Service to create the conversation in (IS and 32 hexadecimal digits). Left
	// out: the default service of the account. Must not be changed, added or dropped later.
	// +optional
	// +kubebuilder:validation:MaxLength=34
	// +kubebuilder:validation:XValidation:rule="self.matches('^IS[0-9a-fA-F]{32}$')",message="must be the SID of a Conversation Service: IS followed by 32 hexadecimal digits"
	// +kubebuilder:validation:XValidation:rule="self == oldSelf",message="must not be changed after creation",reason=FieldValueForbidden
	ChatServiceSID string `json:"chatServiceSid,omitempty"`

	// friendlyName is the name that people read, at most 256 characters, not empty. Once set, Twilio cannot clear it:
	// when the field is dropped, the name stays as it is and is no longer compared.
	// +optional
	// +kubebuilder:validation:MaxLength=256
	// +kubebuilder:validation:XValidation:rule="self != ''",message="must not be empty: leave it out instead (Twilio cannot clear a friendly name)"
	FriendlyName string `json:"friendlyName,omitempty"`

	// uniqueName is a name by which Twilio finds the conversation, unique within its service, at most 256 characters.
	// It must not be `.` or `..`, hold control characters, start or end with a space, be shaped like a SID (two letters
	// and 32 hexadecimal digits), start with `k8s.` in upper or lower case, or hold a slash (unless adoption.sid is set).
	// Left out or dropped: a name made from the cluster's name, the namespace and the name of the object; a conversation
	// that was adopted keeps the name it has. See adoption.policy for a name that is taken.
	// +optional
	// +kubebuilder:validation:MaxLength=256
	// +kubebuilder:validation:XValidation:rule="self != ''",message="must not be empty: leave it out instead, for a generated name"
	// +kubebuilder:validation:XValidation:rule="self != '.' && self != '..'",message="must not be `.` or `..`"
	// +kubebuilder:validation:XValidation:rule=`!self.matches('\\p{Cc}')`,message="must not contain control characters"
	// +kubebuilder:validation:XValidation:rule="self == self.trim()",message="must not start or end with a space"
	// +kubebuilder:validation:XValidation:rule="!self.matches('^[a-zA-Z]{2}[0-9a-fA-F]{32}$')",message="must not be shaped like a SID: two letters followed by 32 hexadecimal digits"
	// +kubebuilder:validation:XValidation:rule="!self.matches('(?i)^k8s[.]')",message="must not start with `k8s.` in upper or lower case: generated names have this prefix"
	UniqueName string `json:"uniqueName,omitempty"`

	// state is what the conversation should be: active; inactive (not in use, a new message revives it); or closed (for
	// good). It is sent when the object is created and when it is edited; what timers and messages make of it later is
	// not put back. Left out: never sent, never compared.
	// +optional
	// +kubebuilder:validation:Enum=active;inactive;closed
	State ConversationState `json:"state,omitempty"`

	// timers move the state of the conversation when nothing happens in it. Dropped: the timers are disabled.
	// +optional
	// +nullable
	Timers *TimersSpec `json:"timers,omitempty"`

	// attributes is any JSON value, at most 16 KiB encoded, that Twilio keeps with the conversation as a string. It is
	// compared by meaning: the order of keys and the spelling of numbers do not matter. Integers are exact within 64
	// bits. null counts as left out. Dropped: reset to {}.
	// +optional
	// +nullable
	Attributes *apiextensionsv1.JSON `json:"attributes,omitempty"`

	// messagingServiceSid is the Messaging Service of the conversation (MG and 32 hexadecimal digits). It can be
	// changed, but Twilio cannot detach it: when the field is dropped, the Messaging Service stays and is no longer
	// compared. Left out: the default Messaging Service of the account.
	// +optional
	// +kubebuilder:validation:MaxLength=34
	// +kubebuilder:validation:XValidation:rule="self.matches('^MG[0-9a-fA-F]{32}$')",message="must be the SID of a Messaging Service: MG followed by 32 hexadecimal digits"
	MessagingServiceSID string `json:"messagingServiceSid,omitempty"`

	// bindings are the addresses that the conversation uses by itself. Dropped: cleared, if Twilio lets it.
	// +optional
	// +nullable
	Bindings *BindingsSpec `json:"bindings,omitempty"`

	// dateCreated is the date of creation to give to a conversation that is recreated from another system, in RFC 3339
	// (2015-12-16T22:18:37Z). It is sent on creation and when it is edited, and never corrected.
	// +optional
	// +kubebuilder:validation:MaxLength=64
	// +kubebuilder:validation:XValidation:rule="self.matches('^[0-9]{4}-[0-9]{2}-[0-9]{2}T([01][0-9]|2[0-3]):[0-5][0-9]:[0-5][0-9]([.][0-9]{1,9})?(Z|[-+]([01][0-9]|2[0-3]):[0-5][0-9])$') && !format.date().validate(self.substring(0, 10)).hasValue()",message="must be a date and time in RFC 3339, such as 2015-12-16T22:18:37Z"
	DateCreated string `json:"dateCreated,omitempty"`

	// dateUpdated is the date of the last update to give to a conversation that is recreated from another system, in
	// RFC 3339 (2015-12-16T22:18:37Z). It is sent on creation and when it is edited, and never corrected.
	// +optional
	// +kubebuilder:validation:MaxLength=64
	// +kubebuilder:validation:XValidation:rule="self.matches('^[0-9]{4}-[0-9]{2}-[0-9]{2}T([01][0-9]|2[0-3]):[0-5][0-9]:[0-5][0-9]([.][0-9]{1,9})?(Z|[-+]([01][0-9]|2[0-3]):[0-5][0-9])$') && !format.date().validate(self.substring(0, 10)).hasValue()",message="must be a date and time in RFC 3339, such as 2015-12-16T22:18:37Z"
	DateUpdated string `json:"dateUpdated,omitempty"`

	// webhookEnabled says whether the writes of the operator to this conversation, its deletion included, call the
	// webhooks that are configured at Twilio. Left out: Twilio decides (it calls none for such writes).
	// +optional
	WebhookEnabled *bool `json:"webhookEnabled,omitempty"`

	// adoption says what to do about a conversation that exists already.
	// +optional
	// +nullable
	Adoption *AdoptionSpec `json:"adoption,omitempty"`

	// managementPolicy says how far the operator goes. Left out: Enforce.
	// Enforce: edits of the spec are applied, and what drifts at Twilio is put right.
	// Report: edits of the spec are applied; what drifts is reported in status.drift and left as it is.
	// Observe: nothing is ever written to Twilio, and on deletion the object is just released. The conversation is
	// found by adoption.sid, by uniqueName or by the generated name, and needs no adoption.
	// +optional
	ManagementPolicy ManagementPolicy `json:"managementPolicy,omitempty"`

	// deletionPolicy says what becomes of the conversation at Twilio when the object is deleted: Delete or Retain.
	// Left out: Delete if the operator created it, Retain if it was adopted.
	// +optional
	DeletionPolicy DeletionPolicy `json:"deletionPolicy,omitempty"`

	// closedPolicy says what to do about a conversation that is closed while state is not. Left out: Keep.
	// Keep: it stays as it is.
	// Recreate: it is deleted and created anew under the same unique name; so a conversation with a closing timer
	// starts over each time.
	// +optional
	ClosedPolicy ClosedPolicy `json:"closedPolicy,omitempty"`

	// suspend true: no request to Twilio is made for this object; a deletion waits, too.
	// +optional
	Suspend bool `json:"suspend,omitempty"`
}

// AccountReference names a TwilioAccount in the namespace of the object, or a ClusterTwilioAccount.
type AccountReference struct {
	// kind of the account: TwilioAccount or ClusterTwilioAccount. Left out: TwilioAccount.
	// +optional
	Kind AccountKind `json:"kind,omitempty"`

	// name of the account.
	// +required
	// +kubebuilder:validation:MaxLength=253
	// +kubebuilder:validation:XValidation:rule="self.matches('^[a-z0-9]([-a-z0-9]*[a-z0-9])?([.][a-z0-9]([-a-z0-9]*[a-z0-9])?)*$')",message="must be the name of an account: lower-case letters, digits, hyphens and dots, starting and ending with a letter or digit"
	Name string `json:"name,omitempty"`
}

// AccountKind is one of the two kinds of account.
// +kubebuilder:validation:Enum=TwilioAccount;ClusterTwilioAccount
type AccountKind string

const (
	// TwilioAccountKind is the kind of the accounts that serve their own namespace. An AccountReference without a kind
	// means this one.
	TwilioAccountKind AccountKind = "TwilioAccount"
	// ClusterTwilioAccountKind is the kind of the accounts that serve the namespaces they allow.
	ClusterTwilioAccountKind AccountKind = "ClusterTwilioAccount"
)

// ConversationState is the state of a conversation, as Twilio spells it.
type ConversationState string

const (
	// StateInitializing means that Twilio is still setting the conversation up; it cannot be edited yet. It is only
	// ever observed.
	StateInitializing ConversationState = "initializing"
	// StateActive is the state that a conversation is created in.
	StateActive ConversationState = "active"
	// StateInactive means not in use; a new message makes it active again.
	StateInactive ConversationState = "inactive"
	// StateClosed is final.
	StateClosed ConversationState = "closed"
)

// TimersSpec holds ISO 8601 durations of whole days, hours, minutes and seconds (P1D, PT36H, PT1M). They are kept as
// they are written, and sent only when they are edited: sending one restarts its clock. A new message restarts both.
type TimersSpec struct {
	// inactive is how long an active conversation stays active after the last message, at least one minute (PT1M).
	// PT0S: no timer, also against a default of the account. Left out: the default of the account. Dropped: disabled.
	// +optional
	// +kubebuilder:validation:MaxLength=64
	// +kubebuilder:validation:XValidation:rule="self.matches('^P([0-9]{1,9}D)?(T([0-9]{1,9}H)?([0-9]{1,9}M)?([0-9]{1,9}S)?)?$') && self.matches('[DHMS]$')",message="must be an ISO 8601 duration of whole days, hours, minutes and seconds, such as PT1M, PT36H or P1D; Twilio takes no weeks, months, years or fractions"
	// +kubebuilder:validation:XValidation:rule="!(self.matches('^P([0-9]{1,9}D)?(T([0-9]{1,9}H)?([0-9]{1,9}M)?([0-9]{1,9}S)?)?$') && self.matches('[DHMS]$')) || self == 'PT0S' || int('0' + self.find('[0-9]+D').replace('D', '')) * 86400 + int('0' + self.find('[0-9]+H').replace('H', '')) * 3600 + int('0' + self.find('[0-9]+M').replace('M', '')) * 60 + int('0' + self.find('[0-9]+S').replace('S', '')) >= 60",message="must be at least one minute (PT1M), or PT0S for no timer"
	Inactive string `json:"inactive,omitempty"`

	// closed is how long a conversation stays open after the last message, at least ten minutes (PT10M); it runs beside
	// inactive, not after it. PT0S: no timer, also against a default of the account. Left out: the default of the
	// account. Dropped: disabled.
	// +optional
	// +kubebuilder:validation:MaxLength=64
	// +kubebuilder:validation:XValidation:rule="self.matches('^P([0-9]{1,9}D)?(T([0-9]{1,9}H)?([0-9]{1,9}M)?([0-9]{1,9}S)?)?$') && self.matches('[DHMS]$')",message="must be an ISO 8601 duration of whole days, hours, minutes and seconds, such as PT10M, PT36H or P1D; Twilio takes no weeks, months, years or fractions"
	// +kubebuilder:validation:XValidation:rule="!(self.matches('^P([0-9]{1,9}D)?(T([0-9]{1,9}H)?([0-9]{1,9}M)?([0-9]{1,9}S)?)?$') && self.matches('[DHMS]$')) || self == 'PT0S' || int('0' + self.find('[0-9]+D').replace('D', '')) * 86400 + int('0' + self.find('[0-9]+H').replace('H', '')) * 3600 + int('0' + self.find('[0-9]+M').replace('M', '')) * 60 + int('0' + self.find('[0-9]+S').replace('S', '')) >= 600",message="must be at least ten minutes (PT10M), or PT0S for no timer"
	Closed string `json:"closed,omitempty"`
}

// BindingsSpec holds the addresses of a conversation, by channel.
type BindingsSpec struct {
	// email is the address that the conversation writes mail from.
	// +optional
	// +nullable
	Email *EmailBindingSpec `json:"email,omitempty"`
}

// EmailBindingSpec is the sender of a conversation's mail.
type EmailBindingSpec struct {
	// address is the default address of outbound mail, at most 320 characters. Twilio answers it as projected_address.
	// +optional
	// +kubebuilder:validation:MaxLength=320
	// +kubebuilder:validation:XValidation:rule="self != ''",message="must not be empty: leave it out instead"
	Address string `json:"address,omitempty"`

	// name is the default sender's name of outbound mail, at most 256 characters.
	// +optional
	// +kubebuilder:validation:MaxLength=256
	// +kubebuilder:validation:XValidation:rule="self != ''",message="must not be empty: leave it out instead"
	Name string `json:"name,omitempty"`
}
