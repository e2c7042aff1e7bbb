// Copyright The conversations-operator Authors
// SPDX-License-Identifier: Apache-2.0

package testbed

import (
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"os"
	"path/filepath"
	"slices"
	"strings"

	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
	auditv1 "k8s.io/apiserver/pkg/apis/audit/v1"
	"sigs.k8s.io/controller-runtime/pkg/envtest"
	"sigs.k8s.io/yaml"

	"github.com/conversations-operator/conversations-operator/api/v1alpha1"
)

// auditMegabytes is far above what any test writes: the log must not be rotated, or its beginning would be missing.
const auditMegabytes = "100000"

func (b *Bed) auditLog() string { return filepath.Join(b.Dir, "audit.log") }

// configureAudit makes the API server log every request of the operator, and everybody's that concern its kinds.
func (b *Bed) configureAudit(args *envtest.Arguments) error {
	policy := auditv1.Policy{
		TypeMeta:   metav1.TypeMeta{APIVersion: auditv1.SchemeGroupVersion.String(), Kind: "Policy"},
		OmitStages: []auditv1.Stage{auditv1.StageRequestReceived},
		Rules: []auditv1.PolicyRule{
			{Level: b.options.Audit, UserGroups: []string{"system:serviceaccounts:" + Namespace, "system:serviceaccounts:" + SingleNamespace}},
			{Level: b.options.Audit, Resources: []auditv1.GroupResources{{Group: v1alpha1.SchemeGroupVersion.Group}}},
			{Level: auditv1.LevelNone},
		},
	}
	content, err := yaml.Marshal(policy)
	if err != nil {
		return fmt.Errorf("encoding the audit policy: %w", err)
	}
	path := filepath.Join(b.Dir, "audit-policy.yaml")
	if err := os.WriteFile(path, content, 0o600); err != nil {
		return fmt.Errorf("writing the audit policy: %w", err)
	}
	args.Set("audit-policy-file", path).Set("audit-log-path", b.auditLog()).Set("audit-log-maxsize", auditMegabytes)
	return nil
}

// Audit reads the API server's audit log: one event for each request of the operator's ServiceAccount, and for each of
// anybody that concerns the operator's kinds, in the order in which they ended. A watch has one more, when it begins. The
// event of a request may come a moment after its answer.
func (b *Bed) Audit() ([]auditv1.Event, error) {
	file, err := os.Open(b.auditLog())
	if err != nil {
		return nil, fmt.Errorf("opening the audit log: %w", err)
	}
	defer file.Close()
	var events []auditv1.Event
	for decoder := json.NewDecoder(file); ; {
		var e auditv1.Event
		switch err := decoder.Decode(&e); {
		case errors.Is(err, io.EOF), errors.Is(err, io.ErrUnexpectedEOF):
			// The end, or a line that is being written.
			return events, nil
		case err != nil:
			return nil, fmt.Errorf("reading the audit log: %w", err)
		}
		events = append(events, e)
	}
}

// ByManager tells whether the operator's ServiceAccount made the request.
func ByManager(e *auditv1.Event) bool {
	return strings.HasPrefix(e.User.Username, "system:serviceaccount:"+Namespace+":") ||
		strings.HasPrefix(e.User.Username, "system:serviceaccount:"+SingleNamespace+":")
}

// IsWrite tells whether the request, which has ended, was to change something.
func IsWrite(e *auditv1.Event) bool {
	return e.Stage == auditv1.StageResponseComplete && !slices.Contains([]string{"get", "list", "watch"}, e.Verb)
}
