// Copyright The conversations-operator Authors
// SPDX-License-Identifier: Apache-2.0

package main

import (
	"bufio"
	"bytes"
	"context"
	"encoding/json"
	"errors"
	"flag"
	"io"
	"net/http"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/conversations-operator/conversations-operator/internal/twilio/simulator"
)

func noEnvironment(string) string { return "" }

// serve runs the command on free ports until the test ends, and checks that the command ends without an error.
func serve(t *testing.T, getenv func(string) string, args ...string) listening {
	t.Helper()
	ctx, stop := context.WithCancel(t.Context())
	r, w := io.Pipe()
	ended := make(chan error, 1)
	go func() {
		err := run(ctx, append([]string{"--bind-address", "127.0.0.1:0", "--control-bind-address", "127.0.0.1:0"}, args...),
			getenv, w, io.Discard)
		_ = w.CloseWithError(errors.Join(err, io.EOF))
		ended <- err
	}()
	t.Cleanup(func() {
		stop()
		if err := <-ended; err != nil {
			t.Errorf("ended with %v", err)
		}
	})
	line, err := bufio.NewReader(r).ReadBytes('\n')
	if err != nil {
		t.Fatalf("reading the addresses: %v", err)
	}
	var l listening
	if err := json.Unmarshal(line, &l); err != nil {
		t.Fatalf("%s: %v", line, err)
	}
	return l
}

func status(t *testing.T, url, user, password string) int {
	t.Helper()
	r, err := http.NewRequestWithContext(t.Context(), http.MethodGet, url, nil)
	if err != nil {
		t.Fatal(err)
	}
	r.SetBasicAuth(user, password)
	got, err := (&http.Client{Transport: &http.Transport{DisableKeepAlives: true}}).Do(r)
	if err != nil {
		t.Fatal(err)
	}
	_ = got.Body.Close()
	return got.StatusCode
}

func TestServesOnFreePorts(t *testing.T) {
	l := serve(t, noEnvironment)
	if l.Message != "Listening" || l.AccountSID != simulator.DefaultAccountSID {
		t.Errorf("said %+v", l)
	}
	if got := status(t, l.URL+"/v1/Conversations", l.AccountSID, simulator.DefaultAuthToken); got != http.StatusOK {
		t.Errorf("the API answered %d", got)
	}
	if got := status(t, l.ControlURL+"/clock", "", ""); got != http.StatusOK {
		t.Errorf("the control port answered %d", got)
	}
}

func TestTokenComesFromTheEnvironmentOrAFile(t *testing.T) {
	file := filepath.Join(t.TempDir(), "token")
	if err := os.WriteFile(file, []byte("fromfile\n"), 0o600); err != nil {
		t.Fatal(err)
	}
	getenv := func(name string) string { return map[string]string{"TWILIO_AUTH_TOKEN": "fromenv"}[name] }
	l := serve(t, getenv)
	if got := status(t, l.URL+"/v1/Conversations", l.AccountSID, "fromenv"); got != http.StatusOK {
		t.Errorf("the environment's token was answered with %d", got)
	}
	l = serve(t, getenv, "--auth-token-file", file)
	if got := status(t, l.URL+"/v1/Conversations", l.AccountSID, "fromfile"); got != http.StatusOK {
		t.Errorf("the file's token was answered with %d", got)
	}
}

func TestServicesAreThere(t *testing.T) {
	sid := "IS" + strings.Repeat("2", 32)
	l := serve(t, noEnvironment, "--service", sid)
	path := l.URL + "/v1/Services/" + sid + "/Conversations"
	if got := status(t, path, l.AccountSID, simulator.DefaultAuthToken); got != http.StatusOK {
		t.Errorf("the service was answered with %d", got)
	}
}

func TestRefusesWhatItDoesNotUnderstand(t *testing.T) {
	empty := filepath.Join(t.TempDir(), "empty")
	if err := os.WriteFile(empty, nil, 0o600); err != nil {
		t.Fatal(err)
	}
	for _, c := range []struct {
		name string
		args []string
	}{
		{"an argument", []string{"serve"}},
		{"an unknown flag", []string{"--auth-token", "secret"}},
		{"a missing file", []string{"--auth-token-file", filepath.Join(t.TempDir(), "none")}},
		{"a file without a token", []string{"--auth-token-file", empty}},
		{"a malformed address", []string{"--bind-address", "nowhere"}},
		{"a malformed account SID", []string{"--account-sid", "AC1"}},
		{"a malformed SID of the default service", []string{"--default-service", "default"}},
		{"a malformed SID of a service", []string{"--service", "IS1"}},
	} {
		t.Run(c.name, func(t *testing.T) {
			ctx, stop := context.WithCancel(t.Context())
			stop()
			args := append([]string{"--bind-address", "127.0.0.1:0", "--control-bind-address", "127.0.0.1:0"}, c.args...)
			if err := run(ctx, args, noEnvironment, io.Discard, io.Discard); err == nil {
				t.Error("ran")
			}
		})
	}
}

func TestHelpDescribesTheControlPort(t *testing.T) {
	var help bytes.Buffer
	if err := run(t.Context(), []string{"--help"}, noEnvironment, io.Discard, &help); !errors.Is(err, flag.ErrHelp) {
		t.Errorf("ended with %v", err)
	}
	if !strings.Contains(help.String(), simulator.ControlUsage()) || !strings.Contains(help.String(), "-auth-token-file") {
		t.Errorf("help is\n%s", help.String())
	}
}
