// Copyright The conversations-operator Authors
// SPDX-License-Identifier: Apache-2.0

// Command twilio-simulator serves a stateful stand-in for conversations.twilio.com, for tests, for demonstrations and
// for trying manifests without an account at Twilio.
package main

import (
	"context"
	"encoding/json"
	"errors"
	"flag"
	"fmt"
	"io"
	"os"
	"os/signal"
	"strings"
	"syscall"
	"time"

	"github.com/conversations-operator/conversations-operator/internal/twilio/simulator"
)

// shutdownTimeout bounds how long requests under way may take at the end.
const shutdownTimeout = 5 * time.Second

func main() {
	ctx, stop := signal.NotifyContext(context.Background(), os.Interrupt, syscall.SIGTERM)
	defer stop()
	switch err := run(ctx, os.Args[1:], os.Getenv, os.Stdout, os.Stderr); {
	case errors.Is(err, flag.ErrHelp):
	case err != nil:
		_, _ = fmt.Fprintln(os.Stderr, "twilio-simulator:", err)
		stop()
		os.Exit(1)
	}
}

// listening is the line on stdout that says where the simulator is.
type listening struct {
	Message    string `json:"msg"`
	URL        string `json:"url"`
	ControlURL string `json:"controlURL"`
	AccountSID string `json:"accountSID"`
}

// run serves until the context ends.
func run(ctx context.Context, args []string, getenv func(string) string, stdout, stderr io.Writer) error {
	o, err := parse(args, getenv, stderr)
	if err != nil {
		return err
	}
	server, err := simulator.Start(o) //nolint:contextcheck // it returns at once, and Shutdown ends what it started
	if err != nil {
		return err
	}
	if err := json.NewEncoder(stdout).Encode(listening{
		Message: "Listening", URL: server.URL, ControlURL: server.ControlURL, AccountSID: server.Accounts()[0],
	}); err != nil {
		server.Close()
		return fmt.Errorf("writing the addresses: %w", err)
	}
	<-ctx.Done()
	ctx, cancel := context.WithTimeout(context.WithoutCancel(ctx), shutdownTimeout)
	defer cancel()
	return server.Shutdown(ctx)
}

// parse reads the flags. The auth token comes from a file or the environment, never from the arguments, which other
// users of the machine can see.
func parse(args []string, getenv func(string) string, stderr io.Writer) (simulator.Options, error) {
	var o simulator.Options
	var tokenFile string
	flags := flag.NewFlagSet("twilio-simulator", flag.ContinueOnError)
	flags.SetOutput(stderr)
	flags.StringVar(&o.Address, "bind-address", "127.0.0.1:8090", "where the API listens; port 0 is a free one")
	flags.StringVar(&o.ControlAddress, "control-bind-address", "127.0.0.1:8091",
		"where the control port listens; whoever reaches it owns the simulator")
	flags.StringVar(&o.AccountSID, "account-sid", simulator.DefaultAccountSID, "the account, AC…")
	flags.StringVar(&tokenFile, "auth-token-file", "", "file with the account's auth token; left out, the environment's "+
		"TWILIO_AUTH_TOKEN, else "+simulator.DefaultAuthToken)
	flags.StringVar(&o.DefaultServiceSID, "default-service", simulator.DefaultServiceSID,
		"the account's default Conversation Service, IS…")
	flags.Func("service", "a further Conversation Service, IS…; may be repeated", func(sid string) error {
		o.Services = append(o.Services, sid)
		return nil
	})
	flags.StringVar(&o.WebhookURL, "webhook-url", "", "where webhooks go; left out, none are sent")
	flags.DurationVar(&o.Latency, "latency", 0, "added to every request, such as 50ms")
	flags.Float64Var(&o.Limits.CreateDelete, "create-delete-rate", 0,
		"creates and deletes a second that a service takes, 30 at Twilio; 0 is no limit")
	flags.Float64Var(&o.Limits.Update, "update-rate", 0,
		"updates a second that a conversation takes, 30 at Twilio; 0 is no limit")
	flags.IntVar(&o.RequestLog, "request-log", 0, "How many requests the log keeps; 0: 2048.")
	flags.IntVar(&o.Limits.Concurrent, "max-concurrent-requests", 0,
		"requests that an account may have in flight; 0 is no limit")
	flags.Usage = func() {
		_, _ = fmt.Fprint(stderr, "Stands in for conversations.twilio.com. Prints a line of JSON with its addresses once it listens.\n\n"+
			"Usage: twilio-simulator [flags]\n\n")
		flags.PrintDefaults()
		_, _ = fmt.Fprint(stderr, "\nThe control port takes:\n\n"+simulator.ControlUsage())
	}
	if err := flags.Parse(args); err != nil {
		return o, err
	}
	if flags.NArg() > 0 {
		return o, fmt.Errorf("unexpected argument %q", flags.Arg(0))
	}
	o.AuthToken = getenv("TWILIO_AUTH_TOKEN")
	if tokenFile != "" {
		token, err := os.ReadFile(tokenFile)
		if err != nil {
			return o, fmt.Errorf("reading the auth token: %w", err)
		}
		if o.AuthToken = strings.TrimSpace(string(token)); o.AuthToken == "" {
			return o, fmt.Errorf("there is no auth token in %s", tokenFile)
		}
	}
	return o, nil
}
