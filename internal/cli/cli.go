// Copyright The conversations-operator Authors
// SPDX-License-Identifier: Apache-2.0

// Package cli is the kubectl plugin: kubectl conversations lists and exports what is at Twilio, tells what the operator
// would do and what differs, and finds what belongs to nobody.
package cli

import (
	"context"
	"errors"
	"fmt"
	"io"
	"os"
	"runtime/debug"
	"strings"

	"github.com/spf13/cobra"
	"github.com/spf13/pflag"
	"golang.org/x/term"
	"k8s.io/cli-runtime/pkg/genericclioptions"
	"k8s.io/cli-runtime/pkg/genericiooptions"
)

// Exit codes.
const (
	// ExitError: something failed.
	ExitError = 1
	// ExitFound: something would change at Twilio, differs, or belongs to nobody.
	ExitFound = 2
	// ExitRefused: the operator, or Kubernetes, would refuse something.
	ExitRefused = 3
	// ExitInterrupted: Ctrl-C.
	ExitInterrupted = 130
)

// exit ends the program with a code and without a message.
type exit int

func (e exit) Error() string { return fmt.Sprintf("exit code %d", int(e)) }

// session is what all commands share: where they read and write, and how they reach Kubernetes and Twilio.
type session struct {
	genericiooptions.IOStreams
	getenv func(string) string
	kube   *genericclioptions.ConfigFlags

	account, clusterAccount, baseURL string

	connected *cluster
}

// Run carries out a command line, and answers the exit code.
func Run(ctx context.Context, args []string, streams genericiooptions.IOStreams, getenv func(string) string) int {
	root := New(streams, getenv) //nolint:contextcheck // commands get the context when they are run
	root.SetArgs(args)
	err := root.ExecuteContext(ctx)
	if code, ok := errors.AsType[exit](err); ok {
		return int(code)
	}
	if err == nil {
		return 0
	}
	if f, ok := errors.AsType[*interruptedError](err); ok {
		_ = line(streams.ErrOut, "%v", f)
		return ExitInterrupted
	}
	_ = line(streams.ErrOut, "error: %s", explain(err))
	if ctx.Err() != nil {
		return ExitInterrupted
	}
	return ExitError
}

// New makes the command with all its subcommands.
func New(streams genericiooptions.IOStreams, getenv func(string) string) *cobra.Command {
	s := &session{IOStreams: streams, getenv: getenv, kube: genericclioptions.NewConfigFlags(true)}
	// plan has a --server of its own, tokens do not belong on a command line, and nothing is cached.
	s.kube.APIServer, s.kube.BearerToken, s.kube.CacheDir = nil, nil, nil
	root := &cobra.Command{
		Use:   "kubectl-conversations",
		Short: "Twilio Conversations as Kubernetes resources: bring in, preview, compare, find",
		Long: `Brings what exists at Twilio into Git, tells what a change would do, and finds what differs or belongs to nobody.

Twilio is asked with the credentials of the environment, TWILIO_ACCOUNT_SID with TWILIO_AUTH_TOKEN, or TWILIO_API_KEY with
TWILIO_API_SECRET; in a Twilio Region other than us1 TWILIO_REGION and TWILIO_EDGE beside them, such as ie1 and dublin. Or
with those of an account in the cluster, which --account or --cluster-account names. Where neither is given, with those of
the account named default.

Exit codes: 0, all is well; 1, something failed; 2, something would change, differs or belongs to nobody; 3, something
would be refused; 130, interrupted.

kubectl completes the command line of a plugin with a script of its own in the PATH, as in the example.`,
		Example: `  # Complete with the tab key what kubectl completes so, in a folder of the PATH
  printf '#!/bin/sh\nexec kubectl-conversations __complete "$@"\n' > kubectl_complete-conversations
  chmod +x kubectl_complete-conversations`,
		Annotations:       map[string]string{cobra.CommandDisplayNameAnnotation: "kubectl conversations"},
		Args:              known,
		Version:           version(),
		SilenceErrors:     true,
		SilenceUsage:      true,
		DisableAutoGenTag: true,
		RunE:              func(cmd *cobra.Command, _ []string) error { return cmd.Help() },
	}
	root.SetIn(streams.In)
	root.SetOut(streams.Out)
	root.SetErr(streams.ErrOut)
	s.kube.AddFlags(root.PersistentFlags())
	s.addFlags(root.PersistentFlags())
	root.MarkFlagsMutuallyExclusive("account", "cluster-account")
	root.AddCommand(s.list(), s.export(), s.plan(), s.drift(), s.orphans(), s.describe(), s.reconcile(), s.adopt(), s.release())
	root.SetFlagErrorFunc(unknownFlag)
	root.SuggestionsMinimumDistance = 2
	root.CompletionOptions.HiddenDefaultCmd = true
	return root
}

// known says which commands are like one that there is not.
func known(cmd *cobra.Command, args []string) error {
	if len(args) == 0 {
		return nil
	}
	hint := "see " + cmd.CommandPath() + " --help"
	if like := cmd.SuggestionsFor(args[0]); len(like) > 0 {
		hint = "did you mean " + strings.Join(like, " or ")
	}
	return fmt.Errorf("there is no command %q: %s", args[0], hint)
}

// unknownFlag says where the flags are that there are.
func unknownFlag(cmd *cobra.Command, err error) error {
	if _, ok := errors.AsType[*pflag.NotExistError](err); ok {
		return fmt.Errorf("%w: see %s --help", err, cmd.CommandPath())
	}
	return err
}

// arguments says how a command is called that was given too few or too many.
func arguments(check cobra.PositionalArgs) cobra.PositionalArgs {
	return func(cmd *cobra.Command, args []string) error {
		if check(cmd, args) != nil {
			return fmt.Errorf("the arguments do not fit, it is: %s", cmd.UseLine())
		}
		return nil
	}
}

func (s *session) addFlags(flags *pflag.FlagSet) {
	flags.StringVar(&s.account, "account", "", "ask Twilio with the credentials of this TwilioAccount of the namespace")
	flags.StringVar(&s.clusterAccount, "cluster-account", "", "ask Twilio with the credentials of this ClusterTwilioAccount")
	flags.StringVar(&s.baseURL, "twilio-base-url", "", "a URL that stands in for Twilio's hosts: an egress proxy or a simulator; left out, TWILIO_BASE_URL")
}

// version is the module's, as go install knows it.
func version() string {
	if info, ok := debug.ReadBuildInfo(); ok && info.Main.Version != "" {
		return info.Main.Version
	}
	return "(devel)"
}

// terminal tells whether somebody looks at it.
func terminal(w io.Writer) bool {
	f, ok := w.(*os.File)
	return ok && term.IsTerminal(int(f.Fd()))
}
