// Copyright The conversations-operator Authors
// SPDX-License-Identifier: Apache-2.0

package cli

import (
	"context"
	"errors"
	"fmt"

	"github.com/spf13/cobra"

	"github.com/conversations-operator/conversations-operator/api/v1alpha1"
	"github.com/conversations-operator/conversations-operator/internal/plan"
	"github.com/conversations-operator/conversations-operator/internal/preview"
)

func (s *session) plan() *cobra.Command {
	var from source
	var clusterName string
	var out *format
	cmd := &cobra.Command{
		Use:   "plan (-f FILENAME | -k FOLDER | --server)",
		Short: "Preview what the operator would do",
		Long: `Shows for each manifest what the operator would do: create, adopt, update (with the fields), recreate, keep, or refuse (with
the reason). The command uses the operator's own rules, reads from Twilio and from the cluster, and writes to neither.

The command treats a manifest as the whole spec of its object. All objects use the account that the flags or the environment
choose. Without such a choice, each object uses the account that the operator would use.

Generated unique names contain the name of the cluster. The command reads the name from the arguments of the Deployment of the
operator that watches the namespace of the object. If the arguments cannot be read, or several Deployments do not agree, the
command asks for --cluster-name.

Exit codes: 0, no change at Twilio; 2, a change at Twilio; 3, the operator or Kubernetes would refuse an object.`,
		Example: `  # Preview the manifests of a pull request
  kubectl conversations plan -f conversations/ -o markdown

  # The same without a cluster, with the credentials of the environment
  kubectl conversations plan -f conversations/ --offline --cluster-name production

  # Preview the objects that kustomize builds
  kubectl conversations plan -k conversations
  kubectl kustomize conversations | kubectl conversations plan -f -

  # Preview the objects of the cluster
  kubectl conversations plan --server --all-namespaces`,
		Args: arguments(cobra.NoArgs),
		RunE: func(cmd *cobra.Command, _ []string) error {
			if !from.server && from.kustomize == "" && len(from.files) == 0 {
				return errors.New("plan needs -f FILENAME, -k FOLDER or --server")
			}
			err := s.runPlan(cmd.Context(), &from, clusterName, out.value)
			if _, ok := errors.AsType[*noClusterError](err); ok {
				return fmt.Errorf("%w, or plan without a cluster with --offline", err)
			}
			return err
		},
	}
	from.addFlags(cmd)
	addEveryone(cmd, &from.everyone)
	addClusterName(cmd, &clusterName)
	out = addOutput(cmd, append(outputs, formatMarkdown)...)
	return cmd
}

func (s *session) runPlan(ctx context.Context, from *source, clusterName, as string) error {
	f, err := s.foresee(ctx, clusterName, from.offline)
	if err != nil {
		return err
	}
	candidates, err := from.candidates(ctx, s)
	if err != nil {
		return err
	}
	verdicts, err := f.verdicts(ctx, candidates)
	if err != nil {
		return err
	}
	if err := s.printPlan(verdicts, as); err != nil {
		return err
	}
	return judged(verdicts)
}

// verdicts previews the candidates in order. Of two candidates for the same conversation, the first manages the
// conversation.
func (f *foresight) verdicts(ctx context.Context, candidates []candidate) ([]verdict, error) {
	var convs []*v1alpha1.Conversation
	for _, c := range candidates {
		if c.refused == "" {
			convs = append(convs, c.Conversation)
		}
	}
	bar := f.newBar(len(candidates))
	defer bar.end()
	if err := f.expect(ctx, convs, bar.add); err != nil {
		return nil, err
	}
	verdicts := make([]verdict, 0, len(candidates))
	for i, c := range candidates {
		v := verdict{Namespace: c.Namespace, Name: c.Name}
		v.Outcome = &preview.Outcome{End: plan.Refuse, Reason: reasonInvalid, Message: c.refused}
		if c.refused == "" {
			o, err := f.of(ctx, c.Conversation)
			if err != nil {
				return nil, err
			}
			v.Outcome = o
		}
		v.Action = actionOf(v.Outcome)
		verdicts = append(verdicts, v)
		bar.reach(i + 1)
	}
	return verdicts, nil
}
