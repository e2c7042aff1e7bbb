// Copyright The conversations-operator Authors
// SPDX-License-Identifier: Apache-2.0

package v1alpha1

// Condition types, as kstatus reads them. Ready is set from the first write of status on. The other conditions are set
// only while they are true. Reconciling and Stalled carry the reason of Ready.
const (
	// ConditionReady is true if the conversation at Twilio matches the spec, or if the operator only reports the
	// difference. On an account, Ready is true if Twilio accepted the credentials.
	ConditionReady = "Ready"
	// ConditionReconciling is true while the operator works on the object, waits, or is about to retry. Never beside
	// Stalled.
	ConditionReconciling = "Reconciling"
	// ConditionStalled is true if the operator cannot go on until a person acts. Never beside Reconciling.
	ConditionStalled = "Stalled"
	// ConditionDrifted is true if Twilio differs from the spec and the policy is to report the difference. status.drift
	// lists the fields. Its reason is DriftDetected.
	ConditionDrifted = "Drifted"
	// ConditionSuspended is true while spec.suspend is true. Its reason is Suspended.
	ConditionSuspended = "Suspended"
	// ConditionUnmanaged is true on a Conversation whose labels its manager no longer selects. A manager that selects
	// the new labels removes the condition at once. If no manager does so within half a minute, Ready also reports
	// NotSelected. Its reason is NotSelected.
	ConditionUnmanaged = "Unmanaged"
	// ConditionConversationsVanished is true on an account that lost too many conversations at once. The operator
	// recreates none of them until the annotation recreate-vanished allows it. Its reason is RecreationHalted.
	ConditionConversationsVanished = "ConversationsVanished"
	// ConditionDriftCheckOverdue is true on an account if no drift check has ended for three intervals. The message
	// names the cause. Its reason is DriftCheckOverdue.
	ConditionDriftCheckOverdue = "DriftCheckOverdue"
	// ConditionThrottled is true on an account whose requests Twilio, or a proxy that answers for Twilio, holds back
	// for more than a minute: the operator creates, updates, deletes and reads no conversation of the account. Its
	// reason is Throttled.
	ConditionThrottled = "Throttled"
)

// Reasons of the condition Ready of a Conversation.
const (
	// ReasonSynced (True): the conversation at Twilio matches the spec, or the operator only reports the difference.
	ReasonSynced = "Synced"
	// ReasonClosed (True): the conversation is closed. Either the spec names no other state, or a timer closed the
	// conversation and the spec has not been edited since.
	ReasonClosed = "Closed"
	// ReasonProgressing (Unknown): the operator sees the object for the first time, or work is under way. Accounts use
	// this reason too.
	ReasonProgressing = "Progressing"
	// ReasonAccountNotReady (False): the account does not exist, does not allow this namespace, or is not Ready. The
	// Conversation waits for the account.
	ReasonAccountNotReady = "AccountNotReady"
	// ReasonCredentialsRejected (False): Twilio answered 401 or 403. The object waits for a change of the Secret.
	// Accounts use this reason too.
	ReasonCredentialsRejected = "CredentialsRejected"
	// ReasonAccountMismatch (False): the credentials belong to a different account, or lead to a different Region, or
	// Twilio does not say to which account they belong. On a Conversation, status.accountSid and status.region name the
	// expected account and Region. On an account, spec.accountSid names the expected account.
	ReasonAccountMismatch = "AccountMismatch"
	// ReasonRejected (False, Stalled): Twilio refused the values, or would refuse them.
	ReasonRejected = "Rejected"
	// ReasonUniqueNameTaken (False, Stalled): another conversation has the unique name, the operator did not create it,
	// and adoption.policy is Never.
	ReasonUniqueNameTaken = "UniqueNameTaken"
	// ReasonAlreadyManaged (False, Stalled): another Conversation object manages the same conversation at Twilio.
	ReasonAlreadyManaged = "AlreadyManaged"
	// ReasonConversationClosed (False, Stalled): the conversation is closed, which is final, and the spec asks for a
	// different state or other values.
	ReasonConversationClosed = "ConversationClosed"
	// ReasonConversationMissing (False, Stalled): Twilio does not have the conversation that adoption.sid or an object
	// under Observe names, or the conversation of an object under Report is gone.
	ReasonConversationMissing = "ConversationMissing"
	// ReasonKubernetesRefused (False): the API server keeps refusing a request of the operator, for example because of
	// a permission, an admission policy or a limit. The message names the request. Accounts use this reason too. If the
	// operator cannot write the status itself, or a Secret, a Warning event with this reason says so.
	ReasonKubernetesRefused = "KubernetesRefused"
	// ReasonNotSelected (False, Stalled): no manager selects the labels of the object, so no manager reconciles the
	// object. The condition Unmanaged has the same reason.
	ReasonNotSelected = "NotSelected"
	// ReasonTwilioUnavailable (Unknown): a network error, a time-out or a 5xx answer. The operator retries with
	// backoff. Accounts use this reason too.
	ReasonTwilioUnavailable = "TwilioUnavailable"
)

// Further reasons of the condition Ready of an account.
const (
	// ReasonAuthenticated (True): Twilio accepted the credentials.
	ReasonAuthenticated = "Authenticated"
	// ReasonSecretMissing (False): the Secret does not exist. The account waits for the Secret.
	ReasonSecretMissing = "SecretMissing"
	// ReasonSecretInvalid (False): a key of the Secret is missing or malformed. The message names the key.
	ReasonSecretInvalid = "SecretInvalid"
)

// Reasons of the conditions beside Ready.
const (
	// ReasonDriftDetected is the reason of Drifted.
	ReasonDriftDetected = "DriftDetected"
	// ReasonSuspended is the reason of Suspended.
	ReasonSuspended = "Suspended"
	// ReasonRecreationHalted is the reason of ConversationsVanished.
	ReasonRecreationHalted = "RecreationHalted"
	// ReasonDriftCheckOverdue is the reason of DriftCheckOverdue.
	ReasonDriftCheckOverdue = "DriftCheckOverdue"
	// ReasonThrottled is the reason of Throttled.
	ReasonThrottled = "Throttled"
)

// Reasons of Normal events. A Warning event about the condition Ready has the reason of Ready. If the trouble may pass
// by itself, the Warning event follows only after ten seconds; the conditions change at once.
const (
	// EventCreated: the conversation was created at Twilio.
	EventCreated = "Created"
	// EventAdopted: the operator now manages a conversation that existed before.
	EventAdopted = "Adopted"
	// EventUpdated: an edit of the spec was sent to Twilio.
	EventUpdated = "Updated"
	// EventDeleted: the conversation was deleted at Twilio.
	EventDeleted = "Deleted"
	// EventReleased: the object is deleted, and the conversation stays at Twilio.
	EventReleased = "Released"
	// EventRecreated: a new conversation replaced a closed or vanished one.
	EventRecreated = "Recreated"
	// EventDriftDetected: Twilio differs from the spec, and the operator only reports the difference.
	EventDriftDetected = "DriftDetected"
	// EventDriftCorrected: Twilio differed from the spec, and the operator corrected the conversation.
	EventDriftCorrected = "DriftCorrected"
	// EventFieldKept: a field was dropped from the spec, but Twilio cannot clear the field. Twilio keeps the value, and
	// the operator no longer compares it.
	EventFieldKept = "FieldKept"
)
