// Copyright The conversations-operator Authors
// SPDX-License-Identifier: Apache-2.0

package v1alpha1

import (
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
	"k8s.io/apimachinery/pkg/types"
)

// AccountStatus is the state of an account, of either kind, as the operator last observed it.
type AccountStatus struct {
	// conditions say whether the account can be used. Ready is set from the first reconciliation on, with one of the
	// reasons Authenticated, Progressing, SecretMissing, SecretInvalid, CredentialsRejected, AccountMismatch,
	// KubernetesRefused and TwilioUnavailable. ConversationsVanished is set while too many conversations are gone to
	// recreate them without permission, DriftCheckOverdue while no drift check has ended for three intervals, Throttled
	// while Twilio holds back the requests of the account for more than a minute.
	// +optional
	// +listType=map
	// +listMapKey=type
	// +kubebuilder:validation:MaxItems=16
	Conditions []metav1.Condition `json:"conditions,omitempty"`

	// observedGeneration is the metadata.generation to which the status belongs. It is -1 before the first
	// reconciliation.
	// +optional
	ObservedGeneration int64 `json:"observedGeneration,omitempty"`

	// accountSid is the Twilio account of the credentials, as Twilio reported it. Left out: Twilio has not reported the
	// account yet. An API key without permission to read the configuration of Conversations reveals its account with
	// the first conversation.
	// +optional
	AccountSID string `json:"accountSid,omitempty"`

	// defaultServiceSids are the default Conversation Services of the account that the operator has seen, the newest
	// first. If the record of a conversation was lost, the operator also searches the earlier services.
	// +optional
	// +listType=atomic
	// +kubebuilder:validation:MaxItems=8
	// +kubebuilder:validation:items:MaxLength=34
	DefaultServiceSIDs []string `json:"defaultServiceSids,omitempty"`

	// conversations is the number of Conversation objects that use this account. Left out: several managers with label
	// selectors share the account, and no manager knows the total.
	// +optional
	Conversations *int32 `json:"conversations,omitempty"`

	// lastDriftCheck describes the last drift check that ended.
	// +optional
	LastDriftCheck *DriftCheck `json:"lastDriftCheck,omitempty"`

	// haltedBy lists the label selectors of the managers whose conversations vanished, if several managers share the
	// account. The condition ConversationsVanished ends once each of these managers has found its conversations again,
	// or the annotation recreate-vanished is set.
	// +optional
	// +listType=set
	HaltedBy []string `json:"haltedBy,omitempty"`

	// credentials is the version of the Secret that Twilio last accepted, or whose account Twilio last reported.
	// +optional
	Credentials *CredentialsStatus `json:"credentials,omitempty"`

	// lastHandledReconcileAt is the last value of the annotation twilio-operator.dev/reconcile-requested-at that the
	// operator handled.
	// +optional
	LastHandledReconcileAt string `json:"lastHandledReconcileAt,omitempty"`
}

// DriftCheck is the outcome of a drift check.
type DriftCheck struct {
	// startTime is when the drift check began.
	// +optional
	StartTime *metav1.Time `json:"startTime,omitempty"`

	// completionTime is when the drift check ended.
	// +optional
	CompletionTime *metav1.Time `json:"completionTime,omitempty"`

	// requests is the number of requests to Twilio that the drift check sent.
	// +optional
	Requests int32 `json:"requests"`

	// listed is the number of conversations that Twilio listed, managed or not.
	// +optional
	Listed int32 `json:"listed"`

	// checked is the number of managed conversations that were compared with their spec.
	// +optional
	Checked int32 `json:"checked"`

	// drifted is the number of checked conversations that differed from their spec.
	// +optional
	Drifted int32 `json:"drifted"`
}

// CredentialsStatus identifies a version of a Secret.
type CredentialsStatus struct {
	// secretUID is the metadata.uid of the Secret.
	// +optional
	SecretUID types.UID `json:"secretUID,omitempty"`

	// secretResourceVersion is the metadata.resourceVersion of the Secret.
	// +optional
	SecretResourceVersion string `json:"secretResourceVersion,omitempty"`

	// accountSid is the account of these credentials, as Twilio reported it. Left out: Twilio did not report the
	// account.
	// +optional
	AccountSID string `json:"accountSid,omitempty"`
}
