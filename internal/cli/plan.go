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
		Short: "Tell what the operator would do",
		Long: `Tells for each manifest what the operator would do: create, adopt, update (with the fields), recreate, keep, or refuse
and why. It decides as the operator decides, and reads Twilio and the cluster only: nothing is written anywhere.

A manifest is taken for the whole spec of its object. The account is the one that the environment or the flags name, for
all objects, or else the one that the operator would use for each.

Generated unique names hold the name of the cluster. It is read from the arguments of the Deployment of the operator that
watches the namespace of the object. Where these cannot be read, or several Deployments do not agree, plan asks for
--cluster-name.

Exit codes: 0, nothing would change at Twilio; 2, something would; 3, something would be refused.`,
		Example: `  # What a pull request does
  kubectl conversations plan -f conversations/ -o markdown

  # The same where there is no cluster, with the credentials of the environment
  kubectl conversations plan -f conversations/ --offline --cluster-name production

  # What kustomize builds
  kubectl conversations plan -k conversations
  kubectl kustomize conversations | kubectl conversations plan -f -

  # What the operator would do now
  kubectl conversations plan --server --all-namespaces`,
		Args: arguments(cobra.NoArgs),
		RunE: func(cmd *cobra.Command, _ []string) error {
			if !from.server && from.kustomize == "" && len(from.files) == 0 {
				return errors.New("say what to plan: -f FILENAME, -k FOLDER or --server")
			}
			err := s.runPlan(cmd.Context(), &from, clusterName, out.value)
			if _, ok := errors.AsType[*noClusterError](err); ok {
				return fmt.Errorf("%w, or plan without one: --offline", err)
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

// verdicts are on the candidates one after another: of two that want the same conversation the first has it.
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
