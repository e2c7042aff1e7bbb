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

// reasonInvalid is Kubernetes' own word for what it does not admit.
const reasonInvalid = "Invalid"

// verdict is what would become of one object.
type verdict struct {
	Namespace string `json:"namespace"`
	Name      string `json:"name"`
	// Action is the steps in one word or two.
	Action string `json:"action"`
	*preview.Outcome
}

// The actions that are not the verbs of a step.
const (
	actionRecreate = "recreate"
	actionKeep     = "keep"
	actionWait     = "wait"
	actionRefuse   = "refuse"
)

// actions are all, in the order in which they are counted, with the sign and the colour that tells them.
var actions = []struct{ name, sign, colour, counted string }{
	{"create", "+", green, "to create"},
	{"adopt", ">", green, "to adopt"},
	{"adopt and update", ">", yellow, "to adopt and update"},
	{"update", "~", yellow, "to update"},
	{actionRecreate, "±", red, "to recreate"},
	{"delete", "-", red, "to delete"},
	{"release", "-", "", "to release"},
	{actionKeep, "=", "", "to keep"},
	{"hold", "=", "", "suspended"},
	{actionWait, "?", yellow, "waiting"},
	{actionRefuse, "!", red, "refused"},
}

// actionOf puts the steps of an outcome into one word or two.
func actionOf(o *preview.Outcome) string {
	did := map[plan.Verb]bool{}
	for _, verb := range o.Steps {
		did[verb] = true
	}
	switch {
	case o.End == plan.Refuse:
		return actionRefuse
	case did[plan.Delete] && did[plan.Create]:
		return actionRecreate
	case did[plan.Create]:
		return "create"
	case did[plan.Delete]:
		return "delete"
	case did[plan.Adopt] && did[plan.Update]:
		return "adopt and update"
	case did[plan.Adopt]:
		return "adopt"
	case did[plan.Update]:
		return "update"
	}
	switch o.End {
	case plan.Hold:
		return "hold"
	case plan.Wait:
		return actionWait
	case plan.Release:
		return "release"
	}
	return actionKeep
}

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

func judged(verdicts []verdict) error {
	code := exit(0)
	for _, v := range verdicts {
		switch {
		case v.Refused():
			return exit(ExitRefused)
		case v.Writes():
			code = ExitFound
		}
	}
	if code == 0 {
		return nil
	}
	return code
}
