// Copyright The conversations-operator Authors
// SPDX-License-Identifier: Apache-2.0

package v1alpha1

const (
	// Finalizer holds a Conversation until the operator has deleted or released its conversation at Twilio. It also
	// holds the account and the Secret that such a Conversation still needs.
	Finalizer = "twilio-operator.dev/finalizer"

	// ReconcileRequestedAtAnnotation requests a reconciliation now, each time its value changes. On a Conversation: the
	// operator sends one GET, compares the answer with the spec, and acts as the policies say. On an account: the
	// operator checks the credentials and starts a drift check. status.lastHandledReconcileAt shows the last value that
	// the operator handled.
	ReconcileRequestedAtAnnotation = "twilio-operator.dev/reconcile-requested-at"

	// RecreateVanishedAnnotation with the value "true" on an account lets the operator recreate the conversations that
	// the condition ConversationsVanished reports. The operator then removes the annotation.
	RecreateVanishedAnnotation = "twilio-operator.dev/recreate-vanished"

	// CreateIntentAnnotation records on a Conversation, before the create request is sent, which conversation the
	// operator is about to create. If the answer to the request is lost, the operator uses this record to tell its own
	// conversation from a conversation of the same name that another client created. The operator owns the annotation.
	CreateIntentAnnotation = "twilio-operator.dev/create-intent"

	// UpdateIntentAnnotation records on a Conversation, before the update request is sent, which fields the operator is
	// about to update, where a lost answer would leave no trace. Once the operator has recorded the outcome of the
	// update, status.lastApplied.answered holds the time of this intent. The operator owns the annotation.
	UpdateIntentAnnotation = "twilio-operator.dev/update-intent"
)
