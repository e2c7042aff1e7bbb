// Copyright The conversations-operator Authors
// SPDX-License-Identifier: Apache-2.0

package v1alpha1

// Condition types, as kstatus reads them. Ready is always there from the first write of status on; the others are
// there only while they are true. Reconciling and Stalled carry the reason of Ready.
const (
	// ConditionReady is true if Twilio has what the spec says, or differs only in what is merely to be reported.
	ConditionReady = "Ready"
	// ConditionReconciling is true while work is under way, waits for something, or is retried. Never beside Stalled.
	ConditionReconciling = "Reconciling"
	// ConditionStalled is true if nothing will change before somebody acts. Never beside Reconciling.
	ConditionStalled = "Stalled"
	// ConditionDrifted is true if Twilio differs from the spec and the policy is to report that; status.drift has it
	// field by field. Its reason is DriftDetected.
	ConditionDrifted = "Drifted"
	// ConditionSuspended is true while spec.suspend is. Its reason is Suspended.
	ConditionSuspended = "Suspended"
	// ConditionUnmanaged is true on a Conversation that left the labels that its manager selects, until a manager that selects
	// it now takes the condition away, at once. If none does, Ready says so after half a minute. Its reason is NotSelected.
	ConditionUnmanaged = "Unmanaged"
	// ConditionConversationsVanished is true on an account of which too many conversations were gone at once: none of
	// them is recreated until the annotation recreate-vanished allows it. Its reason is RecreationHalted.
	ConditionConversationsVanished = "ConversationsVanished"
	// ConditionDriftCheckOverdue is true on an account of which no drift check ended for three intervals. The message says
	// what stands in the way. Its reason is DriftCheckOverdue.
	ConditionDriftCheckOverdue = "DriftCheckOverdue"
	// ConditionThrottled is true on an account that Twilio, or what answers in its place, holds for more than a minute: no
	// conversation is created, updated, deleted or read. Its reason is Throttled.
	ConditionThrottled = "Throttled"
)

// Reasons of the condition Ready of a Conversation.
const (
	// ReasonSynced (True): Twilio has what the spec says, or the difference is only to be reported.
	ReasonSynced = "Synced"
	// ReasonClosed (True): closed, and nothing in the spec asks otherwise, or its timers explain it.
	ReasonClosed = "Closed"
	// ReasonProgressing (Unknown): first sight, or work under way. Accounts use it too.
	ReasonProgressing = "Progressing"
	// ReasonAccountNotReady (False): no account, not allowed in this namespace, or not Ready; waits for it.
	ReasonAccountNotReady = "AccountNotReady"
	// ReasonCredentialsRejected (False): Twilio answered 401 or 403; waits for the Secret. Accounts use it too.
	ReasonCredentialsRejected = "CredentialsRejected"
	// ReasonAccountMismatch (False): the credentials belong to another account than status.accountSid of the
	// Conversation, or than the one that spec.accountSid of the account pins.
	ReasonAccountMismatch = "AccountMismatch"
	// ReasonRejected (False, Stalled): Twilio refused the values, or would.
	ReasonRejected = "Rejected"
	// ReasonUniqueNameTaken (False, Stalled): a conversation that is not ours has the name, and adoption is Never.
	ReasonUniqueNameTaken = "UniqueNameTaken"
	// ReasonAlreadyManaged (False, Stalled): another Conversation object manages that conversation.
	ReasonAlreadyManaged = "AlreadyManaged"
	// ReasonConversationClosed (False, Stalled): closed for good, and the spec wants it otherwise.
	ReasonConversationClosed = "ConversationClosed"
	// ReasonConversationMissing (False, Stalled): adoption.sid or Observe names a conversation that Twilio does not
	// have, or one under Report is gone.
	ReasonConversationMissing = "ConversationMissing"
	// ReasonKubernetesRefused (False): the API server keeps refusing a request of the operator, such as for a permission, an
	// admission policy or a limit; the message names the request. Accounts use it too. If it is the status itself that cannot be
	// written, a Warning event with this reason tells, of a Secret too.
	ReasonKubernetesRefused = "KubernetesRefused"
	// ReasonNotSelected (False, Stalled): no manager selects the object by its labels, so that nobody keeps it. It is the reason
	// of Unmanaged too.
	ReasonNotSelected = "NotSelected"
	// ReasonTwilioUnavailable (Unknown): network, time-out or 5xx; retried with backoff. Accounts use it too.
	ReasonTwilioUnavailable = "TwilioUnavailable"
)

// Further reasons of the condition Ready of an account.
const (
	// ReasonAuthenticated (True): Twilio took the credentials.
	ReasonAuthenticated = "Authenticated"
	// ReasonSecretMissing (False): the Secret does not exist; waits for it.
	ReasonSecretMissing = "SecretMissing"
	// ReasonSecretInvalid (False): a key of the Secret is missing or malformed; the message names it.
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

// Reasons of Normal events. A Warning event has the reason of the condition Ready that it tells of. Of trouble that may pass
// by itself a Warning tells once it has lasted ten seconds; the conditions tell at once.
const (
	// EventCreated: the conversation was created at Twilio.
	EventCreated = "Created"
	// EventAdopted: a conversation that was there already is managed from now on.
	EventAdopted = "Adopted"
	// EventUpdated: an edit of the spec was sent to Twilio.
	EventUpdated = "Updated"
	// EventDeleted: the conversation was deleted at Twilio.
	EventDeleted = "Deleted"
	// EventReleased: the object goes, the conversation stays at Twilio.
	EventReleased = "Released"
	// EventRecreated: a closed or vanished conversation was replaced by a new one.
	EventRecreated = "Recreated"
	// EventDriftDetected: Twilio differs from the spec, and that is only reported.
	EventDriftDetected = "DriftDetected"
	// EventDriftCorrected: Twilio differed from the spec and was put right.
	EventDriftCorrected = "DriftCorrected"
	// EventFieldKept: a field was dropped from the spec that Twilio cannot clear; it keeps its value there and is no
	// longer compared.
	EventFieldKept = "FieldKept"
)
