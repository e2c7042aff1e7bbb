// Copyright The conversations-operator Authors
// SPDX-License-Identifier: Apache-2.0

package main

import (
	"fmt"
	"os"
	"path/filepath"
	"regexp"
	"slices"
	"strings"
	"testing"

	"golang.org/x/mod/modfile"
	"golang.org/x/mod/semver"
	"sigs.k8s.io/yaml"
)

// root is the folder of the repository, from here.
const root = "../.."

func TestEveryArchiveHasAChecksumAndTheAddressOfItsVersion(t *testing.T) {
	lengths := map[string]int{"sha256": 64, "sha512": 128}
	lines := 0
	for line := range strings.Lines(archives) {
		if strings.HasPrefix(line, "#") {
			continue
		}
		lines++
		fields := strings.Fields(line)
		if len(fields) != 5 {
			t.Errorf("%q has not five fields", line)
			continue
		}
		algorithm, sum, _ := strings.Cut(fields[3], ":")
		if n := lengths[algorithm]; n == 0 || !regexp.MustCompile(fmt.Sprintf("^[0-9a-f]{%d}$", n)).MatchString(sum) {
			t.Errorf("%q has no checksum", line)
		}
		goos, goarch, _ := strings.Cut(fields[2], "/")
		for _, part := range []string{"https://", fields[1], goos, goarch} {
			if !strings.Contains(fields[4], part) {
				t.Errorf("%s of %s on %s does not have %q in it", fields[4], fields[1], fields[2], part)
			}
		}
	}
	if lines == 0 {
		t.Error("there are no archives")
	}
}

func TestEveryPlatformHasItsPrograms(t *testing.T) {
	for _, kubernetes := range []string{"newest", "oldest"} {
		for _, platform := range []string{"linux/amd64", "linux/arm64", "darwin/amd64", "darwin/arm64"} {
			_, files := published(archives, kubernetes, platform)
			var programs []string
			for _, file := range files {
				programs = append(programs, file.holds...)
			}
			want := slices.Clone(allPrograms)
			if strings.HasPrefix(platform, "darwin/") {
				want = slices.DeleteFunc(want, func(program string) bool { return program == "kube-controller-manager" })
			}
			if !slices.Equal(programs, want) {
				t.Errorf("the %s release has %q on %s; want %q", kubernetes, programs, platform, want)
			}
		}
	}
}

func TestWhatIsDownloadedAndWhatIsBuiltAreOneMinorVersion(t *testing.T) {
	var chart struct{ KubeVersion string }
	text, err := os.ReadFile(filepath.Join(root, "charts/conversations-operator/Chart.yaml"))
	if err != nil {
		t.Fatal(err)
	}
	if err := yaml.Unmarshal(text, &chart); err != nil {
		t.Fatal(err)
	}
	promised := "v" + strings.TrimSuffix(strings.TrimPrefix(chart.KubeVersion, ">="), ".0-0")
	for kubernetes, want := range map[string]string{
		"oldest": promised,
		"newest": strings.Replace(semver.MajorMinor(modules(t, "go.mod")["k8s.io/client-go"]), "v0", "v1", 1),
	} {
		pinned := modules(t, filepath.Join("hack/controlplane", kubernetes, "go.mod"))["k8s.io/kubernetes"]
		downloaded, _ := published(archives, kubernetes, "linux/amd64")
		if semver.MajorMinor(pinned) != want || semver.MajorMinor(downloaded) != want {
			t.Errorf("the %s Kubernetes is %s if built and %s if downloaded; want %s", kubernetes, pinned, downloaded, want)
		}
	}
	newest, _ := published(archives, "newest", "linux/amd64")
	var oldestMinor, newestMinor int
	if _, err := fmt.Sscanf(promised+" "+newest, "v1.%d v1.%d.", &oldestMinor, &newestMinor); err != nil {
		t.Fatal(err)
	}
	// https://kubernetes.io/releases/version-skew-policy/: three minor versions get fixes.
	for _, page := range []string{"README.md", "docs/upgrade.md"} {
		text, err := os.ReadFile(filepath.Join(root, page))
		if err != nil {
			t.Fatal(err)
		}
		if want := fmt.Sprintf("1.%d, 1.%d and 1.%d", oldestMinor, oldestMinor+1, newestMinor); !strings.Contains(string(text), want) {
			t.Errorf("%s does not promise %s", page, want)
		}
	}
	if newestMinor-oldestMinor != 2 {
		t.Errorf("the oldest version is %s and the newest %s: Kubernetes supports three minor versions", promised, newest)
	}
}

// The cache of the go command serves the operator, the control plane and helm only where they are built of the same versions.
func TestWhatIsBuiltBesideTheOperatorIsBuiltOfItsModules(t *testing.T) {
	own := modules(t, "go.mod")
	for _, folder := range []string{"hack/controlplane/newest", "hack/tools/helm"} {
		var get []string
		for path, version := range modules(t, filepath.Join(folder, "go.mod")) {
			if want, shared := own[path]; shared && version != want {
				get = append(get, path+"@"+want)
			}
		}
		if slices.Sort(get); len(get) > 0 {
			t.Errorf("%[1]s has other versions of the operator's modules. Run in it, or in the root for those that are newer there:\n"+
				"go get %[2]s && go mod tidy", folder, strings.Join(get, " "))
		}
	}
}

// modules are the versions of a go.mod in the repository.
func modules(t *testing.T, path string) map[string]string {
	t.Helper()
	text, err := os.ReadFile(filepath.Join(root, path))
	if err != nil {
		t.Fatal(err)
	}
	file, err := modfile.Parse(path, text, nil)
	if err != nil {
		t.Fatal(err)
	}
	versions := map[string]string{}
	for _, module := range file.Require {
		versions[module.Mod.Path] = module.Mod.Version
	}
	for _, module := range file.Replace {
		versions[module.Old.Path] = module.New.Version
	}
	return versions
}
