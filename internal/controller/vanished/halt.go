// Copyright The conversations-operator Authors
// SPDX-License-Identifier: Apache-2.0

package vanished

import (
	"slices"

	"k8s.io/apimachinery/pkg/api/meta"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"

	"github.com/conversations-operator/conversations-operator/api/v1alpha1"
	"github.com/conversations-operator/conversations-operator/internal/tenancy"
)

// few and share bound how many conversations are recreated unasked: if more conversations than
// few, and more than a tenth of all (1/share), vanish between two drift checks, a mishap is likelier
// than a wish.
const few, share = 10, 10

// HaltMessage is the message of the condition ConversationsVanished, and of its event.
const HaltMessage = "More than 10 and more than a tenth of this account's conversations are gone at Twilio at once. None of them is recreated. " +
	`If they are to be recreated, set the annotation ` + v1alpha1.RecreateVanishedAnnotation + `: "true" on this account; if not, delete their objects.`

// Mishap tells whether so many of the managed conversations vanished that the operator recreates none unasked.
func Mishap(vanished, managed int) bool {
	return vanished > few && vanished*share > managed
}

// HaltedBy tells whether conversations of this manager wait in the halt.
func HaltedBy(acct tenancy.Account, manager string) bool {
	return tenancy.Halted(acct) && (manager == "" || slices.Contains(acct.CommonStatus().HaltedBy, manager))
}

// SetHalted records in the status: the account's vanished conversations wait, and so do this manager's.
func SetHalted(acct tenancy.Account, manager string) {
	status := acct.CommonStatus()
	if manager != "" && !slices.Contains(status.HaltedBy, manager) {
		status.HaltedBy = slices.Sorted(slices.Values(append(slices.Clone(status.HaltedBy), manager)))
	}
	if tenancy.Halted(acct) {
		return
	}
	meta.SetStatusCondition(&status.Conditions, metav1.Condition{
		Type: v1alpha1.ConditionConversationsVanished, Status: metav1.ConditionTrue, Reason: v1alpha1.ReasonRecreationHalted,
		ObservedGeneration: acct.GetGeneration(), Message: HaltMessage,
	})
}

// UnsetHalted ends this manager's halt, and the halt of the account once no other manager's conversations wait.
func UnsetHalted(acct tenancy.Account, manager string) {
	status := acct.CommonStatus()
	status.HaltedBy = slices.DeleteFunc(slices.Clone(status.HaltedBy), func(by string) bool { return manager == "" || by == manager })
	if len(status.HaltedBy) == 0 {
		status.HaltedBy = nil
		meta.RemoveStatusCondition(&status.Conditions, v1alpha1.ConditionConversationsVanished)
	}
}
