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

// Conversation is a conversation at Twilio Conversations. The operator creates the conversation, keeps it as the spec
// says, reports its state in status, and deletes it when the object is deleted.
type Conversation struct {
	metav1.TypeMeta `json:",inline"`

	// metadata is the standard object metadata.
	// +optional
	metav1.ObjectMeta `json:"metadata,omitzero"`

	// spec describes the desired conversation. Left out: an active conversation with a generated unique name.
	// +optional
	// +kubebuilder:default={}
	Spec ConversationSpec `json:"spec,omitzero"`

	// status is the state that the operator last observed.
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

// ConversationSpec describes the desired conversation at Twilio. Every field is optional. The value null for
// attributes, or for a group of fields, counts as left out.
//
// +kubebuilder:validation:XValidation:rule="has(self.accountRef) == has(oldSelf.accountRef)",fieldPath=".accountRef",message="must not be added or dropped after creation",reason=FieldValueForbidden
// +kubebuilder:validation:XValidation:rule="has(self.chatServiceSid) == has(oldSelf.chatServiceSid)",fieldPath=".chatServiceSid",message="must not be added or dropped after creation",reason=FieldValueForbidden
// +kubebuilder:validation:XValidation:rule="(has(self.adoption) && has(self.adoption.sid)) == (has(oldSelf.adoption) && has(oldSelf.adoption.sid))",fieldPath=".adoption.sid",message="must not be added or dropped after creation",reason=FieldValueForbidden
// +kubebuilder:validation:XValidation:rule="!has(self.uniqueName) || !self.uniqueName.contains('/') || (has(self.adoption) && has(self.adoption.sid))",fieldPath=".uniqueName",message="must not contain a slash unless `adoption.sid` is set: Twilio cannot look up such a name",reason=FieldValueForbidden
type ConversationSpec struct {
	// accountRef names the account of the conversation. Left out: the TwilioAccount named default in the namespace of
	// the object, else the ClusterTwilioAccount named default. Must not be changed, added or dropped later.
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

	// friendlyName is the display name of the conversation, at most 256 characters, not empty. Twilio cannot clear a
	// friendly name: when the field is dropped, the conversation keeps the name, and the operator no longer compares
	// it.
	// +optional
	// +kubebuilder:validation:MaxLength=256
	// +kubebuilder:validation:XValidation:rule="self != ''",message="must not be empty: leave it out instead (Twilio cannot clear a friendly name)"
	FriendlyName string `json:"friendlyName,omitempty"`

	// uniqueName is a name by which Twilio finds the conversation, unique within its Conversation Service, at most 256
	// characters. A unique name must not be `.` or `..`, hold control characters, start or end with a space, be shaped
	// like a SID (two letters and 32 hexadecimal digits), start with `k8s.` in upper or lower case, or hold a slash
	// (unless adoption.sid is set). Left out or dropped: a name made from the cluster's name, the namespace and the
	// name of the object; an adopted conversation keeps its name. adoption.policy decides about a name that is taken.
	// +optional
	// +kubebuilder:validation:MaxLength=256
	// +kubebuilder:validation:XValidation:rule="self != ''",message="must not be empty: leave it out instead, for a generated name"
	// +kubebuilder:validation:XValidation:rule="self != '.' && self != '..'",message="must not be `.` or `..`"
	// +kubebuilder:validation:XValidation:rule=`!self.matches('\\p{Cc}')`,message="must not contain control characters"
	// +kubebuilder:validation:XValidation:rule="self == self.trim()",message="must not start or end with a space"
	// +kubebuilder:validation:XValidation:rule="!self.matches('^[a-zA-Z]{2}[0-9a-fA-F]{32}$')",message="must not be shaped like a SID: two letters followed by 32 hexadecimal digits"
	// +kubebuilder:validation:XValidation:rule="!self.matches('(?i)^k8s[.]')",message="must not start with `k8s.` in upper or lower case: generated names have this prefix"
	UniqueName string `json:"uniqueName,omitempty"`

	// state is the desired state of the conversation: active; inactive (not in use, a new message reactivates the
	// conversation); or closed (final). The operator sends the state when the object is created and when the field is
	// edited, and accepts later changes by timers and messages. Left out: never sent, never compared.
	// +optional
	// +kubebuilder:validation:Enum=active;inactive;closed
	State ConversationState `json:"state,omitempty"`

	// timers change the state of the conversation after a time without messages. Dropped: the timers are disabled.
	// +optional
	// +nullable
	Timers *TimersSpec `json:"timers,omitempty"`

	// attributes is any JSON value, at most 16 KiB encoded. Twilio keeps the value as a string. The operator compares
	// attributes by meaning: the order of keys and the spelling of numbers do not matter. Integers are exact within 64
	// bits. null counts as left out. Dropped: reset to {}.
	// +optional
	// +nullable
	Attributes *apiextensionsv1.JSON `json:"attributes,omitempty"`

	// messagingServiceSid is the Messaging Service of the conversation (MG and 32 hexadecimal digits). The Messaging
	// Service can be changed, but Twilio cannot detach it: when the field is dropped, the Messaging Service stays, and
	// the operator no longer compares it. Left out: the default Messaging Service of the account.
	// +optional
	// +kubebuilder:validation:MaxLength=34
	// +kubebuilder:validation:XValidation:rule="self.matches('^MG[0-9a-fA-F]{32}$')",message="must be the SID of a Messaging Service: MG followed by 32 hexadecimal digits"
	MessagingServiceSID string `json:"messagingServiceSid,omitempty"`

	// bindings are the default addresses of the conversation, by channel. Dropped: cleared, if Twilio supports
	// clearing.
	// +optional
	// +nullable
	Bindings *BindingsSpec `json:"bindings,omitempty"`

	// dateCreated is the date of creation for a conversation that you recreate from another system, in RFC 3339
	// (2015-12-16T22:18:37Z). The operator sends the date on creation and when the field is edited, and never corrects
	// drift of the date.
	// +optional
	// +kubebuilder:validation:MaxLength=64
	// +kubebuilder:validation:XValidation:rule="self.matches('^[0-9]{4}-[0-9]{2}-[0-9]{2}T([01][0-9]|2[0-3]):[0-5][0-9]:[0-5][0-9]([.][0-9]{1,9})?(Z|[-+]([01][0-9]|2[0-3]):[0-5][0-9])$') && !format.date().validate(self.substring(0, 10)).hasValue()",message="must be a date and time in RFC 3339, such as 2015-12-16T22:18:37Z"
	DateCreated string `json:"dateCreated,omitempty"`

	// dateUpdated is the date of the last update for a conversation that you recreate from another system, in RFC 3339
	// (2015-12-16T22:18:37Z). The operator sends the date on creation and when the field is edited, and never corrects
	// drift of the date.
	// +optional
	// +kubebuilder:validation:MaxLength=64
	// +kubebuilder:validation:XValidation:rule="self.matches('^[0-9]{4}-[0-9]{2}-[0-9]{2}T([01][0-9]|2[0-3]):[0-5][0-9]:[0-5][0-9]([.][0-9]{1,9})?(Z|[-+]([01][0-9]|2[0-3]):[0-5][0-9])$') && !format.date().validate(self.substring(0, 10)).hasValue()",message="must be a date and time in RFC 3339, such as 2015-12-16T22:18:37Z"
	DateUpdated string `json:"dateUpdated,omitempty"`

	// webhookEnabled says whether the operator's writes to this conversation, including its deletion, call the webhooks
	// that are configured at Twilio. Left out: spec.webhookEnabled of the account decides, or else Twilio (Twilio calls no
	// webhook for such writes).
	// +optional
	WebhookEnabled *bool `json:"webhookEnabled,omitempty"`

	// adoption says how the operator handles an existing conversation.
	// +optional
	// +nullable
	Adoption *AdoptionSpec `json:"adoption,omitempty"`

	// managementPolicy says which changes the operator makes at Twilio. Left out: Enforce.
	// Enforce: the operator applies edits of the spec and corrects drift.
	// Report: the operator applies edits of the spec, reports drift in status.drift, and does not correct drift.
	// Observe: the operator never writes to Twilio. On deletion the operator releases the object and leaves the
	// conversation at Twilio. The operator finds the conversation by adoption.sid, by uniqueName or by the generated
	// name, without adoption.
	// +optional
	ManagementPolicy ManagementPolicy `json:"managementPolicy,omitempty"`

	// deletionPolicy says whether the operator deletes the conversation at Twilio when the object is deleted: Delete or
	// Retain. Left out: Delete if the operator created the conversation, Retain if the operator adopted it.
	// +optional
	DeletionPolicy DeletionPolicy `json:"deletionPolicy,omitempty"`

	// closedPolicy says how the operator handles a closed conversation if the spec does not set state: closed. Left
	// out: Keep.
	// Keep: the operator leaves the conversation closed.
	// Recreate: the operator deletes the conversation and creates a new one under the same unique name. A conversation
	// with a closing timer therefore starts over each time.
	// +optional
	ClosedPolicy ClosedPolicy `json:"closedPolicy,omitempty"`

	// suspend true: the operator makes no request to Twilio for this object. A deletion waits, too.
	// +optional
	Suspend bool `json:"suspend,omitempty"`
}

// AccountReference names a TwilioAccount in the namespace of the object, or a ClusterTwilioAccount.
type AccountReference struct {
	// kind is the kind of the account: TwilioAccount or ClusterTwilioAccount. Left out: TwilioAccount.
	// +optional
	Kind AccountKind `json:"kind,omitempty"`

	// name is the name of the account.
	// +required
	// +kubebuilder:validation:MaxLength=253
	// +kubebuilder:validation:XValidation:rule="self.matches('^[a-z0-9]([-a-z0-9]*[a-z0-9])?([.][a-z0-9]([-a-z0-9]*[a-z0-9])?)*$')",message="must be the name of an account: lower-case letters, digits, hyphens and dots, starting and ending with a letter or digit"
	Name string `json:"name,omitempty"`
}

// AccountKind is the kind of an account.
// +kubebuilder:validation:Enum=TwilioAccount;ClusterTwilioAccount
type AccountKind string

const (
	// TwilioAccountKind is the kind of accounts that serve their own namespace. It is the default of AccountReference.
	TwilioAccountKind AccountKind = "TwilioAccount"
	// ClusterTwilioAccountKind is the kind of accounts that serve the namespaces they allow.
	ClusterTwilioAccountKind AccountKind = "ClusterTwilioAccount"
)

// ConversationState is the state of a conversation, as Twilio spells the state.
type ConversationState string

const (
	// StateInitializing means that Twilio is still setting the conversation up, and accepts no edits yet. The state
	// occurs only in status, never in spec.
	StateInitializing ConversationState = "initializing"
	// StateActive is the state of a new conversation.
	StateActive ConversationState = "active"
	// StateInactive means that the conversation is not in use. A new message makes the conversation active again.
	StateInactive ConversationState = "inactive"
	// StateClosed is the final state.
	StateClosed ConversationState = "closed"
)

// TimersSpec holds ISO 8601 durations of whole days, hours, minutes and seconds (P1D, PT36H, PT1M). The operator keeps
// the durations as they are written, and sends a duration only when it is edited, because sending a duration restarts
// its timer. A new message restarts both timers.
type TimersSpec struct {
	// inactive is how long an active conversation stays active after the last message, at least one minute (PT1M).
	// PT0S: no timer, also against a default of the account. Left out: the default of the account. Dropped: disabled.
	// +optional
	// +kubebuilder:validation:MaxLength=64
	// +kubebuilder:validation:XValidation:rule="self.matches('^P([0-9]{1,9}D)?(T([0-9]{1,9}H)?([0-9]{1,9}M)?([0-9]{1,9}S)?)?$') && self.matches('[DHMS]$')",message="must be an ISO 8601 duration of whole days, hours, minutes and seconds, such as PT1M, PT36H or P1D; Twilio takes no weeks, months, years or fractions"
	// +kubebuilder:validation:XValidation:rule="!(self.matches('^P([0-9]{1,9}D)?(T([0-9]{1,9}H)?([0-9]{1,9}M)?([0-9]{1,9}S)?)?$') && self.matches('[DHMS]$')) || self == 'PT0S' || int('0' + self.find('[0-9]+D').replace('D', '')) * 86400 + int('0' + self.find('[0-9]+H').replace('H', '')) * 3600 + int('0' + self.find('[0-9]+M').replace('M', '')) * 60 + int('0' + self.find('[0-9]+S').replace('S', '')) >= 60",message="must be at least one minute (PT1M), or PT0S for no timer"
	Inactive string `json:"inactive,omitempty"`

	// closed is how long a conversation stays open after the last message, at least ten minutes (PT10M). The timers
	// closed and inactive run at the same time. PT0S: no timer, also against a default of the account. Left out: the
	// default of the account. Dropped: disabled.
	// +optional
	// +kubebuilder:validation:MaxLength=64
	// +kubebuilder:validation:XValidation:rule="self.matches('^P([0-9]{1,9}D)?(T([0-9]{1,9}H)?([0-9]{1,9}M)?([0-9]{1,9}S)?)?$') && self.matches('[DHMS]$')",message="must be an ISO 8601 duration of whole days, hours, minutes and seconds, such as PT10M, PT36H or P1D; Twilio takes no weeks, months, years or fractions"
	// +kubebuilder:validation:XValidation:rule="!(self.matches('^P([0-9]{1,9}D)?(T([0-9]{1,9}H)?([0-9]{1,9}M)?([0-9]{1,9}S)?)?$') && self.matches('[DHMS]$')) || self == 'PT0S' || int('0' + self.find('[0-9]+D').replace('D', '')) * 86400 + int('0' + self.find('[0-9]+H').replace('H', '')) * 3600 + int('0' + self.find('[0-9]+M').replace('M', '')) * 60 + int('0' + self.find('[0-9]+S').replace('S', '')) >= 600",message="must be at least ten minutes (PT10M), or PT0S for no timer"
	Closed string `json:"closed,omitempty"`
}

// BindingsSpec holds the addresses of a conversation, by channel.
type BindingsSpec struct {
	// email is the sender of the conversation's outbound mail.
	// +optional
	// +nullable
	Email *EmailBindingSpec `json:"email,omitempty"`
}

// EmailBindingSpec is the sender of a conversation's mail.
type EmailBindingSpec struct {
	// address is the default address of outbound mail, at most 320 characters. Twilio's answers call the address
	// projected_address.
	// +optional
	// +kubebuilder:validation:MaxLength=320
	// +kubebuilder:validation:XValidation:rule="self != ''",message="must not be empty: leave it out instead"
	Address string `json:"address,omitempty"`

	// name is the default name of the sender of outbound mail, at most 256 characters.
	// +optional
	// +kubebuilder:validation:MaxLength=256
	// +kubebuilder:validation:XValidation:rule="self != ''",message="must not be empty: leave it out instead"
	Name string `json:"name,omitempty"`
}
