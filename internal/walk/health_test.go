// Copyright The conversations-operator Authors
// SPDX-License-Identifier: Apache-2.0

package walk

import (
	"go/ast"
	"go/parser"
	"go/token"
	"slices"
	"strconv"
	"strings"
	"testing"
	"time"

	"github.com/fluxcd/cli-utils/pkg/kstatus/status"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
	"k8s.io/apimachinery/pkg/apis/meta/v1/unstructured"
	"k8s.io/apimachinery/pkg/runtime"

	"github.com/conversations-operator/conversations-operator/api/v1alpha1"
	"github.com/conversations-operator/conversations-operator/internal/condition"
	"github.com/conversations-operator/conversations-operator/test/health"
)

// healthOf is what each reason of Ready is to look like for tools that know nothing of reasons.
var healthOf = map[string]status.Status{
	v1alpha1.ReasonSynced:              status.CurrentStatus,
	v1alpha1.ReasonClosed:              status.CurrentStatus,
	v1alpha1.ReasonAuthenticated:       status.CurrentStatus,
	v1alpha1.ReasonProgressing:         status.InProgressStatus,
	v1alpha1.ReasonAccountNotReady:     status.InProgressStatus,
	v1alpha1.ReasonCredentialsRejected: status.InProgressStatus,
	v1alpha1.ReasonAccountMismatch:     status.InProgressStatus,
	v1alpha1.ReasonKubernetesRefused:   status.InProgressStatus,
	v1alpha1.ReasonTwilioUnavailable:   status.InProgressStatus,
	v1alpha1.ReasonSecretMissing:       status.InProgressStatus,
	v1alpha1.ReasonSecretInvalid:       status.InProgressStatus,
	v1alpha1.ReasonNotSelected:         status.FailedStatus,
	v1alpha1.ReasonRejected:            status.FailedStatus,
	v1alpha1.ReasonUniqueNameTaken:     status.FailedStatus,
	v1alpha1.ReasonAlreadyManaged:      status.FailedStatus,
	v1alpha1.ReasonConversationClosed:  status.FailedStatus,
	v1alpha1.ReasonConversationMissing: status.FailedStatus,
}

// conversation is one as it looks with a reason, and whatever else was done to it.
func conversation(reason string, more ...func(*v1alpha1.Conversation)) *v1alpha1.Conversation {
	conv := &v1alpha1.Conversation{ObjectMeta: metav1.ObjectMeta{Name: "some", Generation: 2}}
	conv.Status.ObservedGeneration = 2
	if reason != "" {
		condition.SetReady(&conv.Status.Conditions, 2, reason, "As it is.")
	}
	for _, change := range more {
		change(conv)
	}
	setSuspended(conv)
	setDrifted(conv)
	return conv
}

func edited(conv *v1alpha1.Conversation) { conv.Generation++ }
func deleted(conv *v1alpha1.Conversation) {
	conv.DeletionTimestamp = new(metav1.NewTime(time.Unix(1, 0)))
}
func suspended(conv *v1alpha1.Conversation) { conv.Spec.Suspend = true }
func drifted(conv *v1alpha1.Conversation) {
	conv.Status.Drift = []v1alpha1.FieldDrift{{Field: "state", Desired: "active", Observed: "closed"}}
}
func unseen(conv *v1alpha1.Conversation) { conv.Status.ObservedGeneration = -1 }

func TestToolsAgreeWithReadyInEveryState(t *testing.T) {
	tools, err := health.New()
	if err != nil {
		t.Fatal(err)
	}
	check := func(t *testing.T, o runtime.Object, kind string, want status.Status) {
		t.Helper()
		content, err := runtime.DefaultUnstructuredConverter.ToUnstructured(o)
		if err != nil {
			t.Fatal(err)
		}
		u := &unstructured.Unstructured{Object: content}
		if got := health.Expected(u); got != want {
			t.Errorf("%s says of itself that it is %s, want %s", kind, got, want)
		}
		for _, problem := range tools.Of(u, kind) {
			t.Error(problem)
		}
	}
	t.Run("not looked at", func(t *testing.T) {
		check(t, conversation("", unseen), "Conversation", status.InProgressStatus)
	})
	t.Run("suspended before it was looked at", func(t *testing.T) {
		check(t, conversation("", suspended), "Conversation", status.InProgressStatus)
	})
	for reason, want := range healthOf {
		t.Run(reason, func(t *testing.T) {
			check(t, conversation(reason), "Conversation", want)
			if reason == v1alpha1.ReasonNotSelected {
				// A manager that suspends it keeps it again, and has not looked at it yet.
				check(t, conversation(reason, suspended), "Conversation", status.InProgressStatus)
			} else {
				check(t, conversation(reason, suspended), "Conversation", want)
			}
			check(t, conversation(reason, drifted), "Conversation", want)
			check(t, conversation(reason, edited), "Conversation", status.InProgressStatus)
			check(t, conversation(reason, deleted), "Conversation", status.TerminatingStatus)
			check(t, conversation(reason, deleted, edited), "Conversation", status.TerminatingStatus)
			acct := &v1alpha1.TwilioAccount{ObjectMeta: metav1.ObjectMeta{Generation: 2}}
			acct.Status.ObservedGeneration = 2
			condition.SetReady(&acct.Status.Conditions, 2, reason, "As it is.")
			check(t, acct, "TwilioAccount", want)
			check(t, &v1alpha1.ClusterTwilioAccount{ObjectMeta: acct.ObjectMeta, Status: acct.Status}, "ClusterTwilioAccount", want)
		})
	}
}

func TestEveryReasonOfReadyHasAHealth(t *testing.T) {
	file, err := parser.ParseFile(token.NewFileSet(), "../../api/v1alpha1/conditions.go", nil, 0)
	if err != nil {
		t.Fatal(err)
	}
	others := []string{v1alpha1.ReasonDriftDetected, v1alpha1.ReasonSuspended, v1alpha1.ReasonRecreationHalted,
		v1alpha1.ReasonDriftCheckOverdue, v1alpha1.ReasonThrottled}
	ast.Inspect(file, func(n ast.Node) bool {
		spec, ok := n.(*ast.ValueSpec)
		if !ok || !strings.HasPrefix(spec.Names[0].Name, "Reason") {
			return true
		}
		reason, err := strconv.Unquote(spec.Values[0].(*ast.BasicLit).Value)
		if err != nil {
			t.Fatal(err)
		}
		if _, ok := healthOf[reason]; !ok && !slices.Contains(others, reason) {
			t.Errorf("%s has none", reason)
		}
		return true
	})
}
