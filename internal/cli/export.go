// Copyright The conversations-operator Authors
// SPDX-License-Identifier: Apache-2.0

package cli

import (
	"cmp"
	"context"
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"strings"

	"github.com/spf13/cobra"

	"github.com/conversations-operator/conversations-operator/api/v1alpha1"
	"github.com/conversations-operator/conversations-operator/internal/export"
)

// exporting holds the flags of export.
type exporting struct {
	chosen          selection
	dir, file       string
	layout          *format
	accountRef      string
	repository, at  string
	resume, restart bool
}

func (s *session) export() *cobra.Command {
	e := &exporting{layout: &format{value: string(export.KindFiles), allowed: export.LayoutKinds()}}
	cmd := &cobra.Command{
		Use:   "export [SID|UNIQUE_NAME…]",
		Short: "Write manifests that adopt the conversations at Twilio unchanged",
		Long: `Writes a manifest for each conversation, ready to be applied and committed. The object of a manifest adopts its conversation
by sid, and the conversation stays at Twilio when the object is deleted. Applying the manifest changes nothing at Twilio.
Twilio does not tell the duration of a timer, and a manifest cannot hold some values; a comment in the manifest names them.

Without --dir or --file, the command writes all manifests to the standard output. An export into a folder or a file saves
its progress after each page, and --resume continues from the saved progress.`,
		Example: `  # All conversations in one stream
  kubectl conversations export > conversations.yaml

  # Conversations without an object, as a folder for kustomize
  kubectl conversations export --unmanaged --dir conversations --layout kustomize

  # Continue the same export after an interruption
  kubectl conversations export --unmanaged --dir conversations --layout kustomize --resume

  # A folder for a repository that Argo CD reads; --layout flux is the same for Flux
  kubectl conversations export --dir fleet --layout argocd --repo-url https://git.example.com/fleet.git --repo-path conversations

  # Two conversations, for a namespace
  kubectl conversations export CH11111111111111111111111111111111 support-berlin -n support`,
		RunE: func(cmd *cobra.Command, args []string) error {
			if flag := filtered(cmd); flag != "" && len(args) > 0 {
				return fmt.Errorf("--%s cannot be combined with names: leave out the flag or the names", flag)
			}
			return s.runExport(cmd.Context(), e, args)
		},
	}
	e.chosen.addFlags(cmd)
	flags := cmd.Flags()
	flags.StringVarP(&e.dir, "dir", "d", "", "write a file for each conversation into this folder")
	flags.StringVar(&e.file, "file", "", "write all manifests into this file")
	flags.Var(e.layout, "layout", "how the folder is arranged: "+strings.Join(e.layout.allowed, ", "))
	flags.StringVar(&e.accountRef, "account-ref", "", "the accountRef of all objects, such as TwilioAccount/production; left out, none")
	flags.StringVar(&e.repository, "repo-url", "https://git.example.com/conversations.git", "the repository that Argo CD or Flux reads")
	flags.StringVar(&e.at, "repo-path", "", "the folder of the manifests in the repository; left out, derived from --dir")
	flags.BoolVar(&e.resume, "resume", false, "continue an interrupted export")
	flags.BoolVar(&e.restart, "restart", false, "begin anew after an interruption, or overwrite existing manifests; other manifests in the folder stay")
	cmd.MarkFlagsMutuallyExclusive("dir", "file")
	cmd.MarkFlagsMutuallyExclusive("resume", "restart")
	complete(cmd, "layout", e.layout.allowed)
	return cmd
}

func (s *session) runExport(ctx context.Context, e *exporting, names []string) error {
	x, err := s.prepare(ctx, e)
	if err != nil {
		return err
	}
	if len(names) == 0 {
		if err := e.fresh(x.Output); err != nil {
			return err
		}
	}
	account, err := s.access(ctx)
	if err != nil {
		return err
	}
	if err := e.chosen.reach(ctx, account); err != nil {
		return err
	}
	x.Client, x.Services = account.Client, e.chosen.services
	x.Choice = fmt.Sprintf("%s %s %s", e.chosen.choice(), e.layout.value, account.sid)
	if len(names) > 0 {
		return s.exportNamed(ctx, e, x, names)
	}
	bar := e.shown(s, s.newPages)
	x.Report, x.Retry = bar.exported, bar.retrying
	p, err := x.Run(ctx, e.resume)
	bar.end()
	if err == nil {
		if e.target() != "" {
			_ = line(s.ErrOut, "Exported %d conversations to %s.", p.Conversations, e.target())
		}
		return nil
	}
	if ctx.Err() != nil {
		return &interruptedError{e.interrupted(&p)}
	}
	if p.Pages > 0 && x.Output.Interrupted() && !errors.Is(err, export.ErrShort) {
		return &partialError{err, fmt.Sprintf("%d conversations are in %s: continue with --resume", p.Conversations, e.target())}
	}
	return err
}

// fresh refuses a folder with manifests, unless the user resumes, restarts, or adds with --unmanaged: the conversation of an
// old manifest may be deleted or renamed by now.
func (e *exporting) fresh(out *export.Output) error {
	if e.resume || e.restart || e.chosen.unmanaged {
		return nil
	}
	if holds, err := out.Holds(); err != nil || !holds {
		return err
	}
	return fmt.Errorf("%s already contains manifests: export into an empty folder, add new conversations with --unmanaged, "+
		"or overwrite the manifests with --restart", e.dir)
}

// shown starts a bar, unless the terminal shows the exported manifests.
func (e *exporting) shown(s *session, begin func() *bar) *bar {
	if e.target() == "" && terminal(s.Out) {
		return &bar{}
	}
	return begin()
}

// target returns the folder or the file of the export; empty: a stream.
func (e *exporting) target() string {
	if e.dir != "" {
		return e.dir
	}
	return e.file
}

func (e *exporting) interrupted(p *export.Progress) string {
	if e.target() == "" {
		return fmt.Sprintf("Interrupted after %d conversations. An export to a stream cannot be continued: use --file or --dir.", p.Conversations)
	}
	return fmt.Sprintf("Interrupted: %d conversations are in %s. To continue, run the same command with --resume.", p.Conversations, e.target())
}

func (s *session) prepare(ctx context.Context, e *exporting) (*export.Export, error) {
	if e.layout.value != string(export.KindFiles) && e.dir == "" {
		return nil, errors.New("--layout needs --dir")
	}
	head := export.Head{Namespace: s.givenNamespace(), Kustomize: e.layout.value != string(export.KindFiles)}
	if e.accountRef != "" {
		kind, name, found := strings.Cut(e.accountRef, "/")
		if !found {
			kind, name = "", e.accountRef
		}
		head.AccountRef = &v1alpha1.AccountReference{Kind: v1alpha1.AccountKind(kind), Name: name}
		spec := v1alpha1.ConversationSpec{AccountRef: head.AccountRef}
		if errs := spec.Validate(); len(errs) > 0 {
			return nil, fmt.Errorf("--account-ref: %w", errs.ToAggregate())
		}
	}
	out := export.Stream(s.Out)
	switch {
	case e.dir != "":
		out = export.Folder(e.dir, e.arrangement(head.Namespace))
	case e.file != "":
		out = export.File(e.file)
	}
	if e.resume && e.target() == "" {
		return nil, errors.New("--resume needs --dir or --file: a stream cannot be continued")
	}
	if out.Interrupted() && !e.resume && !e.restart {
		return nil, fmt.Errorf("an export into %s was interrupted: continue with --resume, or begin anew with --restart", e.target())
	}
	if err := e.chosen.complete(ctx, s); err != nil {
		return nil, err
	}
	return &export.Export{
		Services: e.chosen.services, List: e.chosen.list(), Limit: e.chosen.limit, Keep: e.chosen.keep, Head: head, Output: out,
	}, nil
}

func (e *exporting) arrangement(namespace string) export.Layout {
	l := export.Layout{Kind: export.LayoutKind(e.layout.value), Repository: e.repository, Path: e.at, Namespace: cmp.Or(namespace, "default")}
	if l.Path == "" {
		l.Path = filepath.ToSlash(filepath.Join(filepath.Base(e.dir), "conversations"))
	}
	return l
}

// failures is the name of the file which lists the conversations of failed exports, by the names from the command line.
const failures = "failed.txt"

// exportNamed exports the conversations with the given sids or unique names. A failure does not stop the other exports.
func (s *session) exportNamed(ctx context.Context, e *exporting, x *export.Export, names []string) error {
	if e.resume {
		return errors.New("--resume cannot be combined with names: leave out the flag or the names")
	}
	bar := e.shown(s, func() *bar { return s.newBar(len(names)) })
	var failed []string
	err := x.Named(ctx, names, func(name string, err error) {
		if err != nil {
			failed = append(failed, name)
			bar.clear()
			_ = line(s.ErrOut, "error: %s: %s", name, explain(err))
		}
		bar.add(1)
	})
	bar.end()
	if ctx.Err() != nil {
		return &interruptedError{"Interrupted."}
	}
	if err != nil {
		return err
	}
	path := filepath.Join(e.dir, failures)
	if len(failed) == 0 {
		if e.dir != "" {
			// The file is from an earlier run.
			_ = os.Remove(path)
		}
		return nil
	}
	saved := ""
	if e.dir != "" {
		if err := os.WriteFile(path, []byte(strings.Join(failed, "\n")+"\n"), 0o644); err != nil {
			return err
		}
		saved = " Their names are in " + path + "."
	}
	return fmt.Errorf("%d of %d conversations could not be exported; the other conversations were exported.%s", len(failed), len(names), saved)
}
