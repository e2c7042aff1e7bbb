// Copyright The conversations-operator Authors
// SPDX-License-Identifier: Apache-2.0

package main

import (
	"context"
	"encoding/json"
	"fmt"
	"io"
	"math"
	"os"
	"os/exec"
	"path/filepath"
	"runtime"
	"slices"
	"strings"
	"text/tabwriter"
	"time"
)

// inMilliseconds is what a value is called that is the only one of its figure in milliseconds.
const inMilliseconds = "milliseconds"

// figure is one line of the table.
type figure struct {
	Name     string `json:"name"`
	Budget   string `json:"budget"`
	Measured string `json:"measured"`
	OK       bool   `json:"ok"`
	// Values are what Measured says, in milliseconds, bytes, seconds of CPU, or plain numbers.
	Values map[string]float64 `json:"values,omitempty"`
}

// results is the file that other programs read.
type results struct {
	Time    time.Time `json:"time"`
	Cores   int       `json:"cores"`
	Go      string    `json:"go"`
	Commit  string    `json:"commit"`
	Figures []figure  `json:"figures"`
}

// report prints the table and writes results.json and results.md into a folder.
func report(ctx context.Context, w io.Writer, dir string, figures []figure) error {
	table := tabwriter.NewWriter(w, 0, 0, 3, ' ', 0)
	var md strings.Builder
	md.WriteString("| what | budget | measured | ok |\n|---|---|---|---|\n")
	_, _ = fmt.Fprintln(table, "WHAT\tBUDGET\tMEASURED\tOK")
	for _, f := range figures {
		ok := "yes"
		if !f.OK {
			ok = "NO"
		}
		_, _ = fmt.Fprintf(table, "%s\t%s\t%s\t%s\n", f.Name, f.Budget, f.Measured, ok)
		fmt.Fprintf(&md, "| %s | %s | %s | %s |\n", f.Name, f.Budget, f.Measured, ok)
	}
	if err := table.Flush(); err != nil {
		return fmt.Errorf("printing the results: %w", err)
	}
	fmt.Fprintf(&md, "\nCommit %s, %d cores, %s, with the control plane and the simulator on the same machine.\n",
		commit(ctx), runtime.NumCPU(), runtime.Version())
	content, err := json.MarshalIndent(results{time.Now().UTC(), runtime.NumCPU(), runtime.Version(), commit(ctx), figures}, "", "  ")
	if err != nil {
		return fmt.Errorf("encoding the results: %w", err)
	}
	if err := os.MkdirAll(dir, 0o755); err != nil {
		return fmt.Errorf("making the folder of the results: %w", err)
	}
	for name, text := range map[string]string{"results.json": string(content) + "\n", "results.md": md.String()} {
		if err := os.WriteFile(filepath.Join(dir, name), []byte(text), 0o644); err != nil {
			return fmt.Errorf("writing the results: %w", err)
		}
	}
	return nil
}

// commit is what was measured.
func commit(ctx context.Context) string {
	out, err := exec.CommandContext(ctx, "git", "rev-parse", "--short=12", "HEAD").Output()
	if err != nil {
		return "unknown"
	}
	return strings.TrimSpace(string(out))
}

// percentile of durations: the smallest that is not below this share of them.
func percentile(all []time.Duration, share float64) time.Duration {
	sorted := slices.Sorted(slices.Values(all))
	return sorted[max(0, int(math.Ceil(share*float64(len(sorted))))-1)]
}

func milliseconds(d time.Duration) float64 { return float64(d.Microseconds()) / 1000 }
