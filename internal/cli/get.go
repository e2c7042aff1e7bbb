// Copyright The conversations-operator Authors
// SPDX-License-Identifier: Apache-2.0

package cli

import (
	"context"

	"github.com/spf13/cobra"
)

func (s *session) get() *cobra.Command {
	var service string
	var out *format
	cmd := &cobra.Command{
		Use:   "get SID|UNIQUE_NAME",
		Short: "Show a conversation as Twilio has it now",
		Long: `Fetches a conversation from Twilio by its sid or its unique name, and prints Twilio's answer. The command needs no object and,
with credentials in the environment, no cluster. The command describe shows an object beside its conversation.`,
		Example: `  # A conversation of the account's default Conversation Service
  kubectl conversations get support-berlin

  # The sid of the conversation with a unique name
  kubectl conversations get support-berlin -o name`,
		Args: arguments(cobra.ExactArgs(1)),
		RunE: func(cmd *cobra.Command, args []string) error {
			return s.runGet(cmd.Context(), args[0], service, out.value)
		},
	}
	cmd.Flags().StringVar(&service, "service", "", "the Conversation Service, IS…; left out, the account's default one")
	out = addOutput(cmd, formatYAML, formatJSON, formatName)
	return cmd
}

func (s *session) runGet(ctx context.Context, sidOrName, service, as string) error {
	if service != "" {
		if _, err := distinct([]string{service}); err != nil {
			return err
		}
	}
	account, err := s.access(ctx)
	if err != nil {
		return err
	}
	conv, err := account.Conversations(service).Fetch(ctx, sidOrName)
	if err != nil {
		return err
	}
	if as == formatName {
		return line(s.Out, "%s", conv.SID)
	}
	return encode(s.Out, as, conv)
}
