// Copyright The conversations-operator Authors
// SPDX-License-Identifier: Apache-2.0

package v1alpha1

import (
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
)

// LocalSecretReference names a Secret in the namespace of the account.
type LocalSecretReference struct {
	// name of the Secret, in the namespace of the account.
	// +required
	// +kubebuilder:validation:MaxLength=253
	// +kubebuilder:validation:XValidation:rule="self.matches('^[a-z0-9]([-a-z0-9]*[a-z0-9])?([.][a-z0-9]([-a-z0-9]*[a-z0-9])?)*$')",message="must be the name of a Secret: lower-case letters, digits, hyphens and dots, starting and ending with a letter or digit"
	Name string `json:"name,omitempty"`
}

// SecretReference names a Secret in any namespace.
type SecretReference struct {
	// name of the Secret.
	// +required
	// +kubebuilder:validation:MaxLength=253
	// +kubebuilder:validation:XValidation:rule="self.matches('^[a-z0-9]([-a-z0-9]*[a-z0-9])?([.][a-z0-9]([-a-z0-9]*[a-z0-9])?)*$')",message="must be the name of a Secret: lower-case letters, digits, hyphens and dots, starting and ending with a letter or digit"
	Name string `json:"name,omitempty"`

	// namespace of the Secret.
	// +required
	// +kubebuilder:validation:MaxLength=63
	// +kubebuilder:validation:XValidation:rule="self.matches('^[a-z0-9]([-a-z0-9]*[a-z0-9])?$')",message="must be the name of a namespace: lower-case letters, digits and hyphens, starting and ending with a letter or digit"
	Namespace string `json:"namespace,omitempty"`
}

// CommonAccountSpec holds the fields that both kinds of account share.
// +kubebuilder:validation:XValidation:rule="!has(self.region) || self.region == 'us1' || has(self.edge)",fieldPath=".edge",reason=FieldValueRequired,message="set edge beside region, such as edge: dublin for region: ie1. A region other than us1 needs it: without an edge, Twilio answers from us1"
type CommonAccountSpec struct {
	// accountSid pins the Twilio account (AC and 32 hexadecimal digits): credentials of any other account are refused
	// with the reason AccountMismatch. Left out: the credentials decide.
	// +optional
	// +kubebuilder:validation:MaxLength=34
	// +kubebuilder:validation:XValidation:rule="self.matches('^AC[0-9a-fA-F]{32}$')",message="must be the SID of an account: AC followed by 32 hexadecimal digits"
	AccountSID string `json:"accountSid,omitempty"`

	// region is the Twilio Region of the account: us1 or ie1. The credentials must belong to the same Region. A Region
	// other than us1 also needs its edge: ie1 has the edge dublin. Twilio has no Conversations in au1, and no messaging
	// (SMS, WhatsApp) in ie1. Left out: us1, Twilio's default.
	// +optional
	// +kubebuilder:validation:MaxLength=63
	// +kubebuilder:validation:XValidation:rule="self.matches('^[a-z0-9]([-a-z0-9]*[a-z0-9])?$')",message="must be the name of a Twilio Region, such as ie1: lower-case letters, digits and hyphens"
	Region string `json:"region,omitempty"`

	// edge is the Twilio Edge Location through which requests enter, such as dublin. A region other than us1 needs an
	// edge. Left out: Twilio chooses.
	// +optional
	// +kubebuilder:validation:MaxLength=63
	// +kubebuilder:validation:XValidation:rule="self.matches('^[a-z0-9]([-a-z0-9]*[a-z0-9])?$')",message="must be the name of a Twilio Edge Location, such as dublin: lower-case letters, digits and hyphens"
	Edge string `json:"edge,omitempty"`

	// driftCheckIntervalSeconds is the time between two drift checks of the account, in seconds: at least 30, or 0 for
	// none. Left out: 600.
	// +optional
	// +kubebuilder:validation:XValidation:rule="self == 0 || self >= 30",message="must be at least 30, or 0 for no drift check"
	DriftCheckIntervalSeconds *int32 `json:"driftCheckIntervalSeconds,omitempty"`

	// maxConcurrentRequests limits how many requests to Twilio may run at the same time with these credentials, from 1
	// to 1000. The operator lowers the number by itself when Twilio answers 429. Left out: 20.
	// +optional
	// +kubebuilder:validation:Minimum=1
	// +kubebuilder:validation:Maximum=1000
	MaxConcurrentRequests *int32 `json:"maxConcurrentRequests,omitempty"`

	// webhookEnabled says whether the operator's writes to the conversations of this account call the webhooks that are
	// configured at Twilio. A Conversation that has spec.webhookEnabled itself decides for its own conversation. Left
	// out: Twilio decides (Twilio calls no webhook for such writes).
	// +optional
	WebhookEnabled *bool `json:"webhookEnabled,omitempty"`
}

// TwilioAccountSpec holds the credentials and the settings for requests to Twilio.
type TwilioAccountSpec struct {
	// credentialsSecretRef names the Secret with the credentials, in the namespace of the account. The Secret holds
	// TWILIO_ACCOUNT_SID with TWILIO_AUTH_TOKEN, or TWILIO_API_KEY with TWILIO_API_SECRET, or TWILIO_CLIENT_ID with
	// TWILIO_CLIENT_SECRET of an OAuth app (TWILIO_ACCOUNT_SID is then optional). During a rotation, the
	// same keys with _NEXT hold the next credentials of the same account.
	// +required
	CredentialsSecretRef LocalSecretReference `json:"credentialsSecretRef,omitzero"`

	CommonAccountSpec `json:",inline"`
}

// ClusterTwilioAccountSpec holds the credentials, the settings for requests to Twilio, and the allowed namespaces.
type ClusterTwilioAccountSpec struct {
	// credentialsSecretRef names the Secret with the credentials. The Secret holds TWILIO_ACCOUNT_SID with
	// TWILIO_AUTH_TOKEN, or TWILIO_API_KEY with TWILIO_API_SECRET, or TWILIO_CLIENT_ID with TWILIO_CLIENT_SECRET of an OAuth
	// app (TWILIO_ACCOUNT_SID is then optional). During a rotation,
	// the same keys with _NEXT hold the next credentials of the same account.
	// +required
	CredentialsSecretRef SecretReference `json:"credentialsSecretRef,omitzero"`

	// allowedNamespaces are the namespaces whose Conversations may use the account. Left out: none.
	// +optional
	// +nullable
	AllowedNamespaces *AllowedNamespaces `json:"allowedNamespaces,omitempty"`

	CommonAccountSpec `json:",inline"`
}

// AllowedNamespaces selects namespaces by name, by label, or both: one match is enough.
type AllowedNamespaces struct {
	// names of the allowed namespaces, at most 256.
	// +optional
	// +listType=set
	// +kubebuilder:validation:MaxItems=256
	// +kubebuilder:validation:items:MaxLength=63
	// +kubebuilder:validation:items:XValidation:rule="self.matches('^[a-z0-9]([-a-z0-9]*[a-z0-9])?$')",message="must be the name of a namespace: lower-case letters, digits and hyphens, starting and ending with a letter or digit"
	Names []string `json:"names,omitempty"`

	// selector allows the namespaces with matching labels. An empty selector allows all namespaces. Left out: labels
	// allow no namespace.
	// +optional
	// +nullable
	Selector *metav1.LabelSelector `json:"selector,omitempty"`
}

// DefaultRegion is the Twilio Region of an account without a region.
const DefaultRegion = "us1"

// +kubebuilder:object:root=true
// +kubebuilder:subresource:status
// +kubebuilder:resource:shortName=twa,categories=twilio
// +kubebuilder:printcolumn:name="Account",type=string,JSONPath=`.status.accountSid`
// +kubebuilder:printcolumn:name="Ready",type=string,JSONPath=`.status.conditions[?(@.type=="Ready")].status`
// +kubebuilder:printcolumn:name="Reason",type=string,JSONPath=`.status.conditions[?(@.type=="Ready")].reason`
// +kubebuilder:printcolumn:name="Conversations",type=integer,JSONPath=`.status.conversations`
// +kubebuilder:printcolumn:name="Age",type=date,JSONPath=`.metadata.creationTimestamp`
// +kubebuilder:printcolumn:name="Message",type=string,priority=1,JSONPath=`.status.conditions[?(@.type=="Ready")].message`

// TwilioAccount gives the Conversations of its namespace access to a Twilio account. The TwilioAccount named default
// serves every Conversation without an accountRef.
type TwilioAccount struct {
	metav1.TypeMeta `json:",inline"`

	// metadata is the standard object metadata.
	// +optional
	metav1.ObjectMeta `json:"metadata,omitzero"`

	// spec holds the credentials and the settings for requests to Twilio.
	// +required
	Spec TwilioAccountSpec `json:"spec,omitzero"`

	// status is the state that the operator last observed.
	// +optional
	// +kubebuilder:default={observedGeneration:-1}
	Status AccountStatus `json:"status,omitzero"`
}

// +kubebuilder:object:root=true

// TwilioAccountList is a list of TwilioAccounts.
type TwilioAccountList struct {
	metav1.TypeMeta `json:",inline"`
	metav1.ListMeta `json:"metadata,omitzero"`
	Items           []TwilioAccount `json:"items"`
}

// +kubebuilder:object:root=true
// +kubebuilder:subresource:status
// +kubebuilder:resource:scope=Cluster,shortName=ctwa,categories=twilio
// +kubebuilder:printcolumn:name="Account",type=string,JSONPath=`.status.accountSid`
// +kubebuilder:printcolumn:name="Ready",type=string,JSONPath=`.status.conditions[?(@.type=="Ready")].status`
// +kubebuilder:printcolumn:name="Reason",type=string,JSONPath=`.status.conditions[?(@.type=="Ready")].reason`
// +kubebuilder:printcolumn:name="Conversations",type=integer,JSONPath=`.status.conversations`
// +kubebuilder:printcolumn:name="Age",type=date,JSONPath=`.metadata.creationTimestamp`
// +kubebuilder:printcolumn:name="Message",type=string,priority=1,JSONPath=`.status.conditions[?(@.type=="Ready")].message`

// ClusterTwilioAccount gives the Conversations of the allowed namespaces access to a Twilio account. The
// ClusterTwilioAccount named default serves every Conversation without an accountRef whose namespace has no
// TwilioAccount named default.
type ClusterTwilioAccount struct {
	metav1.TypeMeta `json:",inline"`

	// metadata is the standard object metadata.
	// +optional
	metav1.ObjectMeta `json:"metadata,omitzero"`

	// spec holds the credentials, the settings for requests to Twilio, and the allowed namespaces.
	// +required
	Spec ClusterTwilioAccountSpec `json:"spec,omitzero"`

	// status is the state that the operator last observed.
	// +optional
	// +kubebuilder:default={observedGeneration:-1}
	Status AccountStatus `json:"status,omitzero"`
}

// +kubebuilder:object:root=true

// ClusterTwilioAccountList is a list of ClusterTwilioAccounts.
type ClusterTwilioAccountList struct {
	metav1.TypeMeta `json:",inline"`
	metav1.ListMeta `json:"metadata,omitzero"`
	Items           []ClusterTwilioAccount `json:"items"`
}
