// Copyright The conversations-operator Authors
// SPDX-License-Identifier: Apache-2.0

package cli

import (
	"encoding/json"
	"fmt"
	"io"
	"slices"
	"strings"

	"github.com/spf13/cobra"
	"k8s.io/cli-runtime/pkg/printers"

	"github.com/conversations-operator/conversations-operator/internal/escape"
	"github.com/conversations-operator/conversations-operator/internal/export"
)

// Output formats.
const (
	formatTable    = "table"
	formatWide     = "wide"
	formatJSON     = "json"
	formatYAML     = "yaml"
	formatName     = "name"
	formatMarkdown = "markdown"
)

// outputs are the output formats of list, plan, drift and orphans; the first format is the default.
var outputs = []string{formatTable, formatWide, formatYAML, formatJSON, formatName}

// format is the value of a flag with a few allowed values, such as -o or --layout.
type format struct {
	value   string
	allowed []string
}

func (f *format) String() string { return f.value }

// Type returns the name of the value's type for the help text.
func (f *format) Type() string { return "string" }

// Set stores the value. A value outside the allowed values is an error.
func (f *format) Set(value string) error {
	if !slices.Contains(f.allowed, value) {
		return fmt.Errorf("must be one of %s", strings.Join(f.allowed, ", "))
	}
	f.value = value
	return nil
}

// addOutput adds the flag -o to a command. The first allowed format is the default.
func addOutput(cmd *cobra.Command, allowed ...string) *format {
	f := &format{value: allowed[0], allowed: allowed}
	cmd.Flags().VarP(f, "output", "o", "how to print: "+strings.Join(allowed, ", "))
	complete(cmd, "output", allowed)
	return f
}

// complete makes shells complete a flag with the given values.
func complete(cmd *cobra.Command, flag string, values []string) {
	// cobra returns an error only for an unknown flag and for a second registration.
	_ = cmd.RegisterFlagCompletionFunc(flag, cobra.FixedCompletions(values, cobra.ShellCompDirectiveNoFileComp))
}

// table holds rows of cells below a head.
type table struct {
	head []string
	rows [][]string
}

func (t *table) add(cells ...string) { t.rows = append(t.rows, cells) }

// print writes the table in aligned columns. Texts from Twilio may hold line ends and control characters, so print escapes
// each cell.
func (t *table) print(w io.Writer) error {
	out := printers.GetNewTabWriter(w)
	if len(t.head) > 0 {
		_, _ = fmt.Fprintln(out, strings.Join(t.head, "\t"))
	}
	for _, row := range t.rows {
		cells := make([]string, 0, len(row))
		for _, cell := range row {
			cells = append(cells, escape.Line(cell))
		}
		_, _ = fmt.Fprintln(out, strings.TrimRight(strings.Join(cells, "\t"), "\t"))
	}
	return out.Flush()
}

// markdown writes the table in Markdown. The caller escapes the cells.
func (t *table) markdown(w io.Writer) error {
	line := func(cells []string) error {
		_, err := fmt.Fprintln(w, "| "+strings.Join(cells, " | ")+" |")
		return err
	}
	rule := slices.Repeat([]string{"---"}, len(t.head))
	for _, row := range slices.Concat([][]string{t.head, rule}, t.rows) {
		if err := line(row); err != nil {
			return err
		}
	}
	return nil
}

// line prints a single line, with escapes for control characters: a text from Twilio must not move the cursor.
func line(w io.Writer, format string, args ...any) error {
	_, err := fmt.Fprintln(w, escape.Line(fmt.Sprintf(format, args...)))
	return err
}

// encode writes a value as JSON or YAML.
func encode(w io.Writer, as string, value any) error {
	var text []byte
	var err error
	if as == formatJSON {
		text, err = json.MarshalIndent(value, "", "  ")
		text = append(escape.JSON(text), '\n')
	} else {
		text, err = export.YAML(value)
	}
	if err != nil {
		return fmt.Errorf("encoding as %s: %w", as, err)
	}
	_, err = w.Write(text)
	return err
}

// ANSI colours.
const (
	green  = "\x1b[32m"
	yellow = "\x1b[33m"
	red    = "\x1b[31m"
	reset  = "\x1b[0m"
)

// paint colours a text if the output is a terminal and the environment does not set NO_COLOR.
func (s *session) paint(colour, text string) string {
	if colour == "" || !terminal(s.Out) || s.getenv("NO_COLOR") != "" {
		return text
	}
	return colour + text + reset
}
