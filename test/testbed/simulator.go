// Copyright The conversations-operator Authors
// SPDX-License-Identifier: Apache-2.0

package testbed

import (
	"bytes"
	"cmp"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"net/http"
	"path/filepath"
	"strings"

	"github.com/conversations-operator/conversations-operator/internal/twilio/simulator"
)

// SimulatorOptions are how the simulator runs.
type SimulatorOptions struct {
	// AuthToken of its first account; left out, the simulator's own.
	AuthToken string
	// Args are its flags, beside those that say where it listens.
	Args []string
}

// Simulator is the simulator's binary, driven over its control port.
type Simulator struct {
	// URL stands in for Twilio's hosts.
	URL string `json:"url"`
	// ControlURL is the control port's, see [simulator.ControlUsage].
	ControlURL string `json:"controlURL"`
	// AccountSID is the first account's.
	AccountSID string `json:"accountSID"`
}

// StartSimulator starts the simulator and waits until it listens.
func (b *Bed) StartSimulator(ctx context.Context, o SimulatorOptions) (*Simulator, error) {
	bin, err := b.binaries(ctx)
	if err != nil {
		return nil, err
	}
	out := &firstLine{line: make(chan []byte, 1)}
	p, err := b.run(ctx, command{
		path: filepath.Join(bin, "twilio-simulator"), out: out,
		args: append([]string{"--bind-address=127.0.0.1:0", "--control-bind-address=127.0.0.1:0"}, o.Args...),
		env:  []string{"TWILIO_AUTH_TOKEN=" + cmp.Or(o.AuthToken, simulator.DefaultAuthToken)},
	})
	if err != nil {
		return nil, err
	}
	select {
	case line := <-out.line:
		s := &Simulator{}
		if err := json.Unmarshal(line, s); err != nil {
			return nil, fmt.Errorf("starting the simulator: it said %q", line)
		}
		return s, nil
	case <-p.done:
		return nil, fmt.Errorf("starting the simulator: %w", p.err)
	case <-ctx.Done():
		return nil, ctx.Err()
	}
}

// firstLine hands on the first line that is written to it and drops the rest.
type firstLine struct {
	line   chan []byte
	buffer []byte
	full   bool
}

func (f *firstLine) Write(p []byte) (int, error) {
	if f.full {
		return len(p), nil
	}
	f.buffer = append(f.buffer, p...)
	if line, _, ok := bytes.Cut(f.buffer, []byte("\n")); ok {
		f.full = true
		f.line <- line
	}
	return len(p), nil
}

// Close does nothing.
func (f *firstLine) Close() error { return nil }

// Conversations are all of an account, the oldest first; empty: the first account.
func (s *Simulator) Conversations(ctx context.Context, account string) ([]simulator.Conversation, error) {
	var all []simulator.Conversation
	return all, s.Control(ctx, "GET /conversations?account="+account, nil, &all)
}

// Requests are the latest ones that were answered.
func (s *Simulator) Requests(ctx context.Context) ([]simulator.Request, error) {
	var all []simulator.Request
	return all, s.Control(ctx, "GET /requests", nil, &all)
}

// Counts are exact since the start or the last [Simulator.ResetRequests].
func (s *Simulator) Counts(ctx context.Context) (simulator.Counts, error) {
	var counts simulator.Counts
	return counts, s.Control(ctx, "GET /counts", nil, &counts)
}

// ResetRequests empties the log of requests and their counts.
func (s *Simulator) ResetRequests(ctx context.Context) error {
	return s.Control(ctx, "DELETE /requests", nil, nil)
}

// Control sends a request to the control port: `PATCH /settings` with a body that is encoded as JSON unless nil, and
// decodes the answer unless that is nil.
func (s *Simulator) Control(ctx context.Context, request string, body, answer any) error {
	method, path, _ := strings.Cut(request, " ")
	var content io.Reader = http.NoBody
	if body != nil {
		encoded, err := json.Marshal(body)
		if err != nil {
			return fmt.Errorf("encoding the body of %s: %w", request, err)
		}
		content = bytes.NewReader(encoded)
	}
	req, err := http.NewRequestWithContext(ctx, method, s.ControlURL+path, content)
	if err != nil {
		return fmt.Errorf("asking the simulator: %w", err)
	}
	var out bytes.Buffer
	if err := send(req, &out); err != nil {
		return fmt.Errorf("asking the simulator: %w", err)
	}
	if answer == nil {
		return nil
	}
	if err := json.Unmarshal(out.Bytes(), answer); err != nil {
		return errors.Join(fmt.Errorf("reading the simulator's answer to %s", request), err)
	}
	return nil
}
