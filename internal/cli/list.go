// Copyright The conversations-operator Authors
// SPDX-License-Identifier: Apache-2.0

package cli

import (
	"bufio"
	"cmp"
	"context"
	"encoding/json"
	"fmt"
	"io"
	"time"

	"github.com/spf13/cobra"

	"github.com/conversations-operator/conversations-operator/internal/escape"
	"github.com/conversations-operator/conversations-operator/internal/export"
	"github.com/conversations-operator/conversations-operator/internal/twilio"
)

func (s *session) list() *cobra.Command {
	var chosen selection
	var out *format
	cmd := &cobra.Command{
		Use:   "list",
		Short: "List the conversations at Twilio",
		Long: `Lists the conversations at Twilio, the latest first. The command prints each page as soon as Twilio answers, and holds one
page in memory.

With --by-activity, the conversation with the latest activity comes first. That order changes while the command reads the
pages: a conversation with new activity may then be printed twice, or be missing.`,
		Example: `  # Conversations without an object
  kubectl conversations list --unmanaged

  # The sids of closed conversations that were created this year
  kubectl conversations list --state closed --created-after 2026-01-01 -o name

  # What was created in January, in every Conversation Service of the account
  kubectl conversations list --start-date 2026-01-01 --end-date 2026-01-31 --all-services

  # The five conversations with the latest activity, with one request for five
  kubectl conversations list --by-activity --limit 5`,
		Args: arguments(cobra.NoArgs),
		RunE: func(cmd *cobra.Command, _ []string) error {
			return s.runList(cmd.Context(), &chosen, out.value)
		},
	}
	chosen.addFlags(cmd)
	cmd.Flags().BoolVar(&chosen.byActivity, "by-activity", false, "the latest activity first, instead of the latest creation")
	out = addOutput(cmd, outputs...)
	return cmd
}

func (s *session) runList(ctx context.Context, chosen *selection, as string) error {
	if err := chosen.complete(ctx, s); err != nil {
		return err
	}
	account, err := s.access(ctx)
	if err != nil {
		return err
	}
	if err := chosen.reach(ctx, account); err != nil {
		return err
	}
	out := bufio.NewWriter(s.Out)
	l := &lister{as: as, chosen: chosen, out: out}
	if err := l.begin(); err != nil {
		return err
	}
	for _, service := range chosen.services {
		for page, err := range account.Conversations(service).Pages(ctx, chosen.list()) {
			if err != nil {
				// Print the pages before the error.
				_ = out.Flush()
				return err
			}
			if err := l.page(page); err != nil {
				return err
			}
			if err := out.Flush(); err != nil || l.full() {
				return err
			}
		}
	}
	if l.printed == 0 && (as == formatTable || as == formatWide) {
		_, _ = fmt.Fprintln(s.ErrOut, "No conversations found.")
	}
	return l.end()
}

// listed is a conversation with the name of the object which manages the conversation.
type listed struct {
	*twilio.Conversation
	Object string `json:"object,omitempty"`
}

// lister prints the conversations of a list page by page.
type lister struct {
	as      string
	chosen  *selection
	out     *bufio.Writer
	printed int
}

func (l *lister) full() bool { return l.chosen.limit > 0 && l.printed >= l.chosen.limit }

func (l *lister) begin() error {
	if l.as == formatJSON {
		_, err := l.out.WriteString("[")
		return err
	}
	return nil
}

func (l *lister) end() error {
	if l.as == formatJSON {
		if _, err := l.out.WriteString("\n]\n"); err != nil {
			return err
		}
	}
	return l.out.Flush()
}

func (l *lister) page(page *twilio.Page) error {
	var t table
	if l.printed == 0 {
		t.head = l.head()
	}
	for _, conv := range page.Conversations {
		if l.full() {
			continue
		}
		keep, err := l.chosen.keep(conv)
		if err != nil {
			return err
		}
		if !keep {
			continue
		}
		c := listed{conv, l.chosen.objects[conv.SID]}
		if err := l.one(&t, c); err != nil {
			return err
		}
		l.printed++
	}
	if len(t.rows) > 0 {
		if err := t.print(l.out); err != nil {
			return err
		}
	}
	if l.full() {
		return l.end()
	}
	return nil
}

func (l *lister) one(t *table, c listed) error {
	switch l.as {
	case formatName:
		return line(l.out, "%s", c.SID)
	case formatJSON:
		return l.json(c)
	case formatYAML:
		text, err := export.YAML(c)
		if err != nil {
			return err
		}
		_, err = io.WriteString(l.out, "---\n"+string(text))
		return err
	}
	t.add(l.row(c)...)
	return nil
}

func (l *lister) json(c listed) error {
	text, err := json.MarshalIndent(c, "  ", "  ")
	if err != nil {
		return err
	}
	comma := ","
	if l.printed == 0 {
		comma = ""
	}
	_, err = l.out.WriteString(comma + "\n  " + string(escape.JSON(text)))
	return err
}

func (l *lister) head() []string {
	head := []string{"SID", "STATE", "CREATED"}
	if l.as == formatWide {
		head = append(head, "UPDATED", "CLOSES AT", "SERVICE")
	}
	if l.chosen.managed {
		head = append(head, "OBJECT")
	}
	head = append(head, "UNIQUE NAME")
	if l.as == formatWide {
		head = append(head, "FRIENDLY NAME")
	}
	return head
}

func (l *lister) row(c listed) []string {
	row := []string{c.SID, string(c.State), when(c.DateCreated)}
	if l.as == formatWide {
		row = append(row, when(c.DateUpdated), when(c.Timers.DateClosed), c.ChatServiceSID)
	}
	if l.chosen.managed {
		row = append(row, c.Object)
	}
	row = append(row, cmp.Or(c.UniqueName, "-"))
	if l.as == formatWide {
		row = append(row, c.FriendlyName)
	}
	return row
}

func when(t *time.Time) string {
	if t == nil {
		return "-"
	}
	return t.UTC().Format(time.RFC3339)
}
