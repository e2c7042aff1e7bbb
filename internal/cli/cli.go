// Copyright The conversations-operator Authors
// SPDX-License-Identifier: Apache-2.0

// Package cli implements the kubectl plugin. kubectl conversations lists and exports the conversations at Twilio, previews
// what the operator would do, shows differences, and finds conversations without an object and objects without a
// conversation.
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
	// ExitError: the command failed.
	ExitError = 1
	// ExitFound: plan found a change for Twilio, drift a difference, or orphans an orphan.
	ExitFound = 2
	// ExitRefused: the operator, or Kubernetes, would refuse an object.
	ExitRefused = 3
	// ExitInterrupted: the user pressed Ctrl-C.
	ExitInterrupted = 130
)

// exit ends the program with a code and without a message.
type exit int

func (e exit) Error() string { return fmt.Sprintf("exit code %d", int(e)) }

// session holds the values shared by all commands: input and output streams, global flags, and the connection to Kubernetes.
type session struct {
	genericiooptions.IOStreams
	getenv func(string) string
	kube   *genericclioptions.ConfigFlags

	account, clusterAccount, baseURL string

	connected *cluster
}

// Run executes a command line and returns the exit code.
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

// New returns the root command with all subcommands.
func New(streams genericiooptions.IOStreams, getenv func(string) string) *cobra.Command {
	s := &session{IOStreams: streams, getenv: getenv, kube: genericclioptions.NewConfigFlags(true)}
	// The plan command has its own flag --server, a token does not belong on a command line, and the plugin has no cache.
	s.kube.APIServer, s.kube.BearerToken, s.kube.CacheDir = nil, nil, nil
	root := &cobra.Command{
		Use:   "kubectl-conversations",
		Short: "Twilio Conversations as Kubernetes resources: bring in, preview, compare, find",
		Long: `Brings conversations from Twilio into Git, previews changes, shows differences between objects and conversations, and
finds conversations without an object and objects without a conversation.

The credentials for Twilio come from, in this order:

1. the flag --account or --cluster-account, which names an account of the cluster
2. the environment: TWILIO_ACCOUNT_SID with TWILIO_AUTH_TOKEN, or TWILIO_API_KEY with TWILIO_API_SECRET; for a Twilio
   Region other than us1 also TWILIO_REGION and TWILIO_EDGE, such as ie1 and dublin
3. the TwilioAccount named default of the namespace, else the ClusterTwilioAccount named default

Exit codes: 0, success; 1, the command failed; 2, plan found a change for Twilio, drift found a difference, or orphans
found an orphan; 3, plan found an object that the operator or Kubernetes would refuse; 130, interrupted.

The example installs a script in a folder of the PATH. With the script, kubectl completes the plugin's command line.`,
		Example: `  # Complete kubectl conversations with the tab key; run this in a folder of the PATH
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
	root.AddCommand(s.list(), s.get(), s.export(), s.plan(), s.drift(), s.orphans(), s.describe(), s.reconcile(), s.adopt(), s.release())
	root.SetFlagErrorFunc(unknownFlag)
	root.SuggestionsMinimumDistance = 2
	root.CompletionOptions.HiddenDefaultCmd = true
	return root
}

// known refuses an unknown command, and suggests commands with similar names.
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

// unknownFlag adds to the error for an unknown flag how to list the known flags.
func unknownFlag(cmd *cobra.Command, err error) error {
	if _, ok := errors.AsType[*pflag.NotExistError](err); ok {
		return fmt.Errorf("%w: see %s --help", err, cmd.CommandPath())
	}
	return err
}

// arguments wraps a check of the positional arguments. The error of a failed check shows the command's usage.
func arguments(check cobra.PositionalArgs) cobra.PositionalArgs {
	return func(cmd *cobra.Command, args []string) error {
		if check(cmd, args) != nil {
			return fmt.Errorf("wrong number of arguments: the usage is %s", cmd.UseLine())
		}
		return nil
	}
}

func (s *session) addFlags(flags *pflag.FlagSet) {
	flags.StringVar(&s.account, "account", "", "ask Twilio with the credentials of this TwilioAccount of the namespace")
	flags.StringVar(&s.clusterAccount, "cluster-account", "", "ask Twilio with the credentials of this ClusterTwilioAccount")
	flags.StringVar(&s.baseURL, "twilio-base-url", "", "a URL that stands in for Twilio's hosts: an egress proxy or a simulator; left out, TWILIO_BASE_URL")
}

// version returns the version of the module, which the Go toolchain records in the binary; "(devel)" without a record.
func version() string {
	if info, ok := debug.ReadBuildInfo(); ok && info.Main.Version != "" {
		return info.Main.Version
	}
	return "(devel)"
}

// terminal reports whether the writer is a terminal.
func terminal(w io.Writer) bool {
	f, ok := w.(*os.File)
	return ok && term.IsTerminal(int(f.Fd()))
}
