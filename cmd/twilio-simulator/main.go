// Copyright The conversations-operator Authors
// SPDX-License-Identifier: Apache-2.0

// Command twilio-simulator serves a stateful stand-in for conversations.twilio.com: for tests, for demonstrations, and
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

// shutdownTimeout is how long running requests may take at the end.
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

// listening is the line of JSON on stdout with the addresses of the simulator.
type listening struct {
	Message    string `json:"msg"`
	URL        string `json:"url"`
	ControlURL string `json:"controlURL"`
	AccountSID string `json:"accountSID"`
}

// run serves until ctx ends.
func run(ctx context.Context, args []string, getenv func(string) string, stdout, stderr io.Writer) error {
	o, err := parse(args, getenv, stderr)
	if err != nil {
		return err
	}
	server, err := simulator.Start(o) //nolint:contextcheck // Start returns at once, and Shutdown ends its work
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
	flags.StringVar(&o.Address, "bind-address", "127.0.0.1:8090", "address of the API; port 0 picks a free port")
	flags.StringVar(&o.ControlAddress, "control-bind-address", "127.0.0.1:8091",
		"address of the control port, which asks for no credentials: do not expose it")
	flags.StringVar(&o.AccountSID, "account-sid", simulator.DefaultAccountSID, "SID of the account, AC…")
	flags.StringVar(&tokenFile, "auth-token-file", "", "file with the auth token of the account; left out: the environment variable "+
		"TWILIO_AUTH_TOKEN, else "+simulator.DefaultAuthToken)
	flags.StringVar(&o.DefaultServiceSID, "default-service", simulator.DefaultServiceSID,
		"SID of the default Conversation Service of the account, IS…")
	flags.Func("service", "SID of a further Conversation Service, IS…; may be repeated", func(sid string) error {
		o.Services = append(o.Services, sid)
		return nil
	})
	flags.StringVar(&o.WebhookURL, "webhook-url", "", "URL that receives webhooks; left out: no webhooks are sent")
	flags.DurationVar(&o.Latency, "latency", 0, "delay of every request, such as 50ms")
	flags.Float64Var(&o.Limits.CreateDelete, "create-delete-rate", 0,
		"creates and deletes a second per Conversation Service (Twilio: 30); 0: no limit")
	flags.Float64Var(&o.Limits.Update, "update-rate", 0,
		"updates a second per conversation (Twilio: 30); 0: no limit")
	flags.IntVar(&o.RequestLog, "request-log", 0, "number of requests that the log keeps; 0: 2048")
	flags.IntVar(&o.Limits.Concurrent, "max-concurrent-requests", 0,
		"requests in flight per account; 0: no limit")
	flags.Usage = func() {
		_, _ = fmt.Fprint(stderr, "Simulates conversations.twilio.com. Prints its addresses as a line of JSON once it listens.\n\n"+
			"Usage: twilio-simulator [flags]\n\n")
		flags.PrintDefaults()
		_, _ = fmt.Fprint(stderr, "\nThe control port accepts:\n\n"+simulator.ControlUsage())
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
			return o, fmt.Errorf("file %s holds no auth token", tokenFile)
		}
	}
	return o, nil
}
