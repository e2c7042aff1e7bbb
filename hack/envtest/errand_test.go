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

func TestTheFolderThatIsSetIsTheAnswer(t *testing.T) {
	t.Setenv("KUBEBUILDER_ASSETS", "/some/where")
	if got, err := run(t.Context(), nil); got != "/some/where" || err != nil {
		t.Errorf("the folder is %q, error %v", got, err)
	}
}

func TestBadArgumentsGetAnErrorThatSaysWhatToDo(t *testing.T) {
	t.Setenv("KUBEBUILDER_ASSETS", "")
	t.Setenv("HOME", t.TempDir())
	t.Chdir("../..")
	for name, c := range map[string]struct {
		way, want string
		args      []string
	}{
		"a program that there is not": {args: []string{"kubelet"}, want: `no program "kubelet": name some of etcd, kube-apiserver`},
		"a release that there is not": {args: []string{"-kubernetes=1.20"}, want: "ask for newest or oldest"},
		"a way that there is not":     {way: "guess", want: "set it to download or to build, or leave it unset"},
	} {
		t.Run(name, func(t *testing.T) {
			t.Setenv("ENVTEST", c.way)
			if _, err := run(t.Context(), c.args); err == nil || !strings.Contains(err.Error(), c.want) {
				t.Errorf("the error is %v; want %q in it", err, c.want)
			}
		})
	}
}

func TestPackagesWithoutAControlPlaneNeedNone(t *testing.T) {
	t.Setenv("KUBEBUILDER_ASSETS", "")
	t.Chdir("../..")
	if dir, err := run(t.Context(), []string{"-for=./internal/plan -run TestName/a_case"}); dir != "" || err != nil {
		t.Errorf("the folder is %q, error %v; want none", dir, err)
	}
	for args, want := range map[string]bool{
		"./internal/plan":                          false,
		"-run TestName/a_case ./internal/twilio":   false,
		"./internal/plan ./internal/controller":    true,
		"./internal/controller -ginkgo.focus=name": true,
		"-run TestName":                            true,
	} {
		if got, err := neededBy(t.Context(), strings.Fields(args)); got != want || err != nil {
			t.Errorf("go test %s needs a control plane: %t, error %v; want %t", args, got, err, want)
		}
	}
}

// newErrand is an errand for one program, the greeter, which is built of a module in which main calls the function named.
func newErrand(t *testing.T, function string, files ...file) *errand {
	t.Helper()
	dir := t.TempDir()
	for name, text := range map[string]string{
		"go.mod":           "module example.com/greeter\n\ngo 1.26.0\n",
		"cmd/other/x.go":   "package main\n\nfunc main() {}\n",
		"greeter.go":       "package greeter\n\nfunc Hello() { println(\"built\") }\n",
		"cmd/greeter/x.go": "package main\n\nimport \"example.com/greeter\"\n\nfunc main() { greeter." + function + "() }\n",
	} {
		path := filepath.Join(dir, name)
		if err := os.MkdirAll(filepath.Dir(path), 0o755); err != nil {
			t.Fatal(err)
		}
		if err := os.WriteFile(path, []byte(text), 0o644); err != nil {
			t.Fatal(err)
		}
	}
	r := release{
		platform: "linux/amd64", files: files, module: dir, built: "v1.2.3",
		packages: map[string]string{"greeter": "example.com/greeter/cmd/greeter"},
	}
	if len(files) > 0 {
		r.published = "v1.2.0"
	}
	return &errand{store: t.TempDir(), release: r, programs: []string{"greeter"}, meter: &meter{out: t.Output()}}
}

// expect runs the errand, and fails the test unless it ends with that folder, and the greeter in it says so.
func (e *errand) expect(t *testing.T, folder, says string) {
	t.Helper()
	dir, err := e.run(t.Context())
	if err != nil {
		t.Fatal(err)
	}
	if want := filepath.Join(e.store, "k8s", folder); dir != want {
		t.Errorf("the folder is %s; want %s", dir, want)
	}
	out, err := exec.CommandContext(t.Context(), filepath.Join(dir, "greeter")).CombinedOutput()
	if err != nil {
		t.Errorf("running the greeter: %v", err)
	}
	if got := strings.TrimSpace(string(out)); got != says {
		t.Errorf("the greeter says %q; want %q", got, says)
	}
	expectFiles(t, dir, "greeter")
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
