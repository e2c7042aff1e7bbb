// Copyright The conversations-operator Authors
// SPDX-License-Identifier: Apache-2.0

package main

import (
	"bytes"
	"maps"
	"os"
	"os/exec"
	"path/filepath"
	"slices"
	"strings"
	"testing"

	"github.com/moby/buildkit/frontend/dockerfile/instructions"
	"github.com/moby/buildkit/frontend/dockerfile/parser"
	"github.com/moby/patternmatcher"
	"github.com/moby/patternmatcher/ignorefile"
)

// root is the folder of the repository.
const root = "../../.."

// stages are those of the Dockerfile, and its arguments with their defaults.
func stages(t *testing.T) ([]instructions.Stage, []instructions.ArgCommand) {
	t.Helper()
	file, err := os.Open(filepath.Join(root, "Dockerfile"))
	if err != nil {
		t.Fatal(err)
	}
	defer file.Close()
	parsed, err := parser.Parse(file)
	if err != nil {
		t.Fatal(err)
	}
	out, arguments, err := instructions.Parse(parsed.AST, nil)
	if err != nil {
		t.Fatal(err)
	}
	return out, arguments
}

// What docker build makes is the last stage.
func TestTheDockerfileMakesTheSameImage(t *testing.T) {
	all, arguments := stages(t)
	last := all[len(all)-1]
	got := map[string]string{}
	set := map[string]string{}
	for _, command := range last.Commands {
		switch c := command.(type) {
		case *instructions.UserCommand:
			got["user"] = c.User
		case *instructions.WorkdirCommand:
			got["folder"] = c.Path
		case *instructions.EntrypointCommand:
			got["runs"] = strings.Join(c.CmdLine, " ")
		case *instructions.CopyCommand:
			got["copies"] = c.From + ":" + strings.Join(c.SourcePaths, " ") + " to " + c.DestPath
		case *instructions.LabelCommand:
			for _, label := range c.Labels {
				set[strings.Trim(label.Key, `"`)] = strings.Trim(label.Value, `"`)
			}
		}
	}
	want := map[string]string{"user": user, "folder": "/", "runs": "/manager", "copies": "manager-builder:/workspace/manager to ."}
	if !maps.Equal(got, want) {
		t.Errorf("the last stage has %v; want %v", got, want)
	}
	if want := labels("${VERSION}", "${REVISION}"); !maps.Equal(set, want) {
		t.Errorf("its labels are %v; want %v", set, want)
	}
	for _, argument := range arguments {
		for _, a := range argument.Args {
			// Nothing but the program, certificates and such a user is in it.
			if a.Key == "BASE_IMAGE" && !strings.HasPrefix(a.ValueString(), "gcr.io/distroless/static") {
				t.Errorf("it is built on %s", a.ValueString())
			}
		}
	}
}

// The commands of the Dockerfile are run here, in a folder that holds what .dockerignore lets through.
func TestTheDockerfileBuildsTheSameManager(t *testing.T) {
	all, _ := stages(t)
	i := slices.IndexFunc(all, func(s instructions.Stage) bool { return s.Name == "manager-builder" })
	if i < 0 {
		t.Fatal("the Dockerfile has no stage manager-builder")
	}
	var script string
	for _, command := range all[i].Commands {
		if c, ok := command.(*instructions.RunCommand); ok {
			script = strings.Join(c.CmdLine, " ")
		}
	}
	workspace := t.TempDir()
	copyContext(t, workspace)
	cmd := exec.CommandContext(t.Context(), "sh", "-c", script)
	cmd.Dir = workspace
	cmd.Env = append(os.Environ(), "VERSION=v1.2.3", "CGO_ENABLED=0", "GOOS=linux", "GOARCH=amd64", "GOFLAGS=", "GOWORK=off")
	if out, err := cmd.CombinedOutput(); err != nil {
		t.Fatalf("%s: %v: %s", script, err, out)
	}
	got, err := os.ReadFile(filepath.Join(workspace, "manager"))
	if err != nil {
		t.Fatal(err)
	}
	platforms, err := parsePlatforms("linux/amd64")
	if err != nil {
		t.Fatal(err)
	}
	want, err := (&maker{root: root, version: "v1.2.3"}).build(t.Context(), platforms[0])
	if err != nil {
		t.Fatal(err)
	}
	if !bytes.Equal(got, want) {
		t.Errorf("%s makes other bytes than this command", script)
	}
}

// copyContext copies the files of the repository that .dockerignore lets through.
func copyContext(t *testing.T, to string) {
	t.Helper()
	file, err := os.Open(filepath.Join(root, ".dockerignore"))
	if err != nil {
		t.Fatal(err)
	}
	defer file.Close()
	patterns, err := ignorefile.ReadAll(file)
	if err != nil {
		t.Fatal(err)
	}
	ignored, err := patternmatcher.New(patterns)
	if err != nil {
		t.Fatal(err)
	}
	files, err := exec.CommandContext(t.Context(), "git", "-C", root, "ls-files", "--cached", "--others", "--exclude-standard").Output()
	if err != nil {
		t.Fatal(err)
	}
	for line := range strings.Lines(string(files)) {
		name := strings.TrimSpace(line)
		if out, err := ignored.MatchesOrParentMatches(name); err != nil || out {
			continue
		}
		content, err := os.ReadFile(filepath.Join(root, name))
		if os.IsNotExist(err) {
			continue
		}
		if err != nil {
			t.Fatal(err)
		}
		target := filepath.Join(to, name)
		if err := os.MkdirAll(filepath.Dir(target), 0o755); err != nil {
			t.Fatal(err)
		}
		if err := os.WriteFile(target, content, 0o644); err != nil {
			t.Fatal(err)
		}
	}
}
