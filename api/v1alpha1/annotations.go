// Copyright The conversations-operator Authors
// SPDX-License-Identifier: Apache-2.0

package v1alpha1

const (
	// Finalizer holds a Conversation until the real conversation is deleted or released, and holds the account and
	// the Secret that such a Conversation needs until then.
	Finalizer = "twilio-operator.dev/finalizer"

	// ReconcileRequestedAtAnnotation asks for a reconciliation now, whenever its value changes. On a Conversation: one
	// GET, compared and acted on as the policies say. On an account: a check of the credentials and a drift check.
	// The value that was last acted on is echoed in status.lastHandledReconcileAt.
	ReconcileRequestedAtAnnotation = "twilio-operator.dev/reconcile-requested-at"

	// RecreateVanishedAnnotation with the value "true" on an account allows to recreate the conversations that the
	// condition ConversationsVanished reports. The operator removes it once it has acted.
	RecreateVanishedAnnotation = "twilio-operator.dev/recreate-vanished"

	// CreateIntentAnnotation records on a Conversation what is about to be created, before the request is sent, so that a
	// conversation whose creation was not answered can be told from one that somebody else made. The operator owns it.
	CreateIntentAnnotation = "twilio-operator.dev/create-intent"

	// UpdateIntentAnnotation records on a Conversation which fields are about to be updated, before the request is sent,
	// where a lost answer would leave no trace. Once its answer is recorded, status.lastApplied.answered names its time.
	// The operator owns it.
	UpdateIntentAnnotation = "twilio-operator.dev/update-intent"
)
