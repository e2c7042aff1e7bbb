// Copyright The conversations-operator Authors
// SPDX-License-Identifier: Apache-2.0

package main

import (
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"testing"
)

func TestStore(t *testing.T) {
	for name, c := range map[string]struct {
		goos string
		env  map[string]string
		want string
	}{
		"Linux keeps binaries below the home folder": {
			goos: "linux", env: map[string]string{"HOME": "/home/me"}, want: "/home/me/.local/share/kubebuilder-envtest",
		},
		"XDG_DATA_HOME goes before the home folder": {
			goos: "linux", env: map[string]string{"HOME": "/home/me", "XDG_DATA_HOME": "/data"}, want: "/data/kubebuilder-envtest",
		},
		"macOS has a folder of its own for such things": {
			goos: "darwin", env: map[string]string{"HOME": "/Users/me", "XDG_DATA_HOME": "/data"},
			want: "/Users/me/Library/Application Support/io.kubebuilder.envtest",
		},
		"no home folder is an error": {goos: "linux"},
	} {
		t.Run(name, func(t *testing.T) {
			got, err := store(c.goos, func(key string) string { return c.env[key] })
			if got != c.want || (err != nil) != (c.want == "") {
				t.Errorf("store is %q, error %v; want %q", got, err, c.want)
			}
		})
	}
}

func TestEnsureAnswersTheFolderThatIsSet(t *testing.T) {
	t.Setenv("KUBEBUILDER_ASSETS", "/some/where")
	if got, err := ensure(t.Context()); got != "/some/where" || err != nil {
		t.Errorf("the folder is %q, error %v", got, err)
	}
}

func TestBuild(t *testing.T) {
	t.Run("what is missing is built, with its version, also in a folder that setup-envtest left read-only", func(t *testing.T) {
		dir, greeter := t.TempDir(), module(t, "good")
		if err := os.Chmod(dir, 0o555); err != nil {
			t.Fatal(err)
		}
		if err := build(t.Context(), dir, []binary{greeter}); err != nil {
			t.Fatal(err)
		}
		expectGreeting(t, dir, "v1.2.3")
	})
	t.Run("what is there is left alone", func(t *testing.T) {
		dir, greeter := t.TempDir(), module(t, "good")
		if err := os.WriteFile(filepath.Join(dir, greeter.name), []byte("#!/bin/sh\necho an older one\n"), 0o755); err != nil {
			t.Fatal(err)
		}
		if err := build(t.Context(), dir, []binary{greeter}); err != nil {
			t.Fatal(err)
		}
		expectGreeting(t, dir, "an older one")
	})
	t.Run("of builds at the same time one does the work and the others wait for it", func(t *testing.T) {
		dir, greeter := t.TempDir(), module(t, "good")
		greetings := make(chan string)
		for _, version := range []string{"v1", "v2", "v3"} {
			go func() {
				own := greeter
				own.ldflags = " -X main.version=" + version
				if err := build(t.Context(), dir, []binary{own}); err != nil {
					t.Error(err)
				}
				greetings <- greeting(t, dir)
			}()
		}
		first, second, third := <-greetings, <-greetings, <-greetings
		if first != second || second != third {
			t.Errorf("the builds found %q, %q and %q; want the same binary", first, second, third)
		}
	})
	t.Run("a build that fails leaves nothing behind", func(t *testing.T) {
		dir := t.TempDir()
		if err := build(t.Context(), dir, []binary{module(t, "undefined")}); err == nil {
			t.Error("want an error")
		}
		expectFiles(t, dir)
	})
}

// module writes a module with a command that prints its version, or that calls the function named.
func module(t *testing.T, function string) binary {
	t.Helper()
	dir := t.TempDir()
	files := map[string]string{
		"go.mod":  "module example.com/greeter\n\ngo 1.26.0\n",
		"main.go": "package main\n\nvar version string\n\nfunc good() { println(version) }\n\nfunc main() { " + function + "() }\n",
	}
	for name, text := range files {
		if err := os.WriteFile(filepath.Join(dir, name), []byte(text), 0o644); err != nil {
			t.Fatal(err)
		}
	}
	return binary{name: "greeter", module: dir, pkg: "example.com/greeter", ldflags: " -X main.version=v1.2.3"}
}

// expectGreeting fails the test unless dir holds nothing but the greeter, and it prints want.
func expectGreeting(t *testing.T, dir, want string) {
	t.Helper()
	expectFiles(t, dir, "greeter")
	if got := greeting(t, dir); got != want {
		t.Errorf("the greeter says %q; want %q", got, want)
	}
}

// greeting answers what the greeter in dir prints.
func greeting(t *testing.T, dir string) string {
	t.Helper()
	out, err := exec.CommandContext(t.Context(), filepath.Join(dir, "greeter")).CombinedOutput()
	if err != nil {
		t.Errorf("running the greeter: %v", err)
	}
	return strings.TrimSpace(string(out))
}

// expectFiles fails the test unless dir holds exactly these files.
func expectFiles(t *testing.T, dir string, want ...string) {
	t.Helper()
	entries, err := os.ReadDir(dir)
	if err != nil {
		t.Fatal(err)
	}
	var got []string
	for _, entry := range entries {
		got = append(got, entry.Name())
	}
	if strings.Join(got, " ") != strings.Join(want, " ") {
		t.Errorf("the folder holds %q; want %q", got, want)
	}
}
