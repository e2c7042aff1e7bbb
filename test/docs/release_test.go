// Copyright The conversations-operator Authors
// SPDX-License-Identifier: Apache-2.0

package docs

import (
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"testing"

	"sigs.k8s.io/yaml"
)

// stamp is how the manager learns its version, which it tells in its first line, to Twilio and in traces.
const stamp = "-X main.version=${VERSION}"

// releaseSteps are the scripts of the workflow that makes a release.
func releaseSteps(t *testing.T) string {
	t.Helper()
	var w workflow
	if err := yaml.Unmarshal([]byte(read(t, filepath.Join(root, ".github/workflows/release.yml"))), &w); err != nil {
		t.Fatal(err)
	}
	var scripts strings.Builder
	for _, step := range w.Jobs["release"].Steps {
		scripts.WriteString(strings.ReplaceAll(step.Run, "\\\n", "") + "\n")
	}
	return scripts.String()
}

// lineWith is the line of a script that has a text.
func lineWith(t *testing.T, script, text string) string {
	t.Helper()
	for line := range strings.Lines(script) {
		if strings.Contains(line, text) {
			return strings.TrimSpace(line)
		}
	}
	t.Fatalf("no line has %q", text)
	return ""
}

func TestImagesKnowTheirVersion(t *testing.T) {
	if !strings.Contains(read(t, filepath.Join(root, "cmd/main.go")), `version = "dev"`) {
		t.Error("the manager has no variable version")
	}
	if !strings.Contains(lineWith(t, read(t, filepath.Join(root, "Dockerfile")), "-o manager"), stamp) {
		t.Errorf("the Dockerfile does not build with %s", stamp)
	}
	if !strings.Contains(lineWith(t, releaseSteps(t), "buildx build"), `--build-arg VERSION="$TAG"`) {
		t.Error("the image of a release does not get its version")
	}
	for _, target := range []string{"docker-build", "docker-buildx"} {
		out, err := exec.CommandContext(t.Context(), "make", "-n", "-C", root, target, "VERSION=v1.2.3").CombinedOutput()
		if err != nil || !strings.Contains(string(out), "--build-arg VERSION=v1.2.3") {
			t.Errorf("make %s does not tell the image its version: %v\n%s", target, err, out)
		}
	}
}

// Making dist/install.yaml changes the checkout, which git then tells of in the version.
func TestTheFilesOfAReleaseHaveItsVersion(t *testing.T) {
	if line := lineWith(t, releaseSteps(t), "make build-installer"); !strings.Contains(line, `VERSION="$TAG"`) {
		t.Errorf("%s: the version is left to git", line)
	}
}

func TestTheReleaseHasWhatTheManifestOfKrewPointsTo(t *testing.T) {
	if line := lineWith(t, releaseSteps(t), "make build-installer"); !strings.Contains(line, " krew ") {
		t.Errorf("%s: the plugin is not built", line)
	}
	lineWith(t, releaseSteps(t), "mv dist/krew/* dist")
}

func TestTheChartOfAReleaseHasItsImage(t *testing.T) {
	path := filepath.Join(t.TempDir(), "charts/conversations-operator/values.yaml")
	if err := os.MkdirAll(filepath.Dir(path), 0o700); err != nil {
		t.Fatal(err)
	}
	if err := os.WriteFile(path, []byte(read(t, filepath.Join(root, "charts/conversations-operator/values.yaml"))), 0o600); err != nil {
		t.Fatal(err)
	}
	script := lineWith(t, releaseSteps(t), "sed ") + "\n" + lineWith(t, releaseSteps(t), "mv values.yaml")
	cmd := exec.CommandContext(t.Context(), "bash", "-ec", script)
	cmd.Dir = filepath.Join(path, "../../..")
	cmd.Env = append(os.Environ(), "IMAGE=registry.example.com/operator")
	if out, err := cmd.CombinedOutput(); err != nil {
		t.Fatalf("%v: %s", err, out)
	}
	var values struct{ Image struct{ Repository string } }
	if err := yaml.Unmarshal([]byte(read(t, path)), &values); err != nil {
		t.Fatal(err)
	}
	if values.Image.Repository != "registry.example.com/operator" {
		t.Errorf("the chart runs %s", values.Image.Repository)
	}
}

// The chart's appVersion is the tag of the image that it runs, unless values name another.
func TestTheChartNamesItsReleaseAsImagesAreTagged(t *testing.T) {
	var chart struct{ Version, AppVersion string }
	if err := yaml.Unmarshal([]byte(read(t, filepath.Join(root, "charts/conversations-operator/Chart.yaml"))), &chart); err != nil {
		t.Fatal(err)
	}
	if chart.AppVersion != "v"+chart.Version {
		t.Errorf("version %s runs the image %s", chart.Version, chart.AppVersion)
	}
}

// A chart from the repository has the default image, which is in no registry.
func TestTheExamplesRunTheImageOfTheirRelease(t *testing.T) {
	for path, release := range map[string]string{"argocd/operator.yaml": "targetRevision: ", "flux/operator.yaml": "tag: "} {
		text := read(t, filepath.Join(root, "examples", path))
		version := strings.TrimPrefix(lineWith(t, text, release), release)
		for _, want := range []string{"repository: ghcr.io/conversations-operator/conversations-operator\n", " tag: " + version + "\n"} {
			if _, image, ok := strings.Cut(text, "image:\n"); !ok || !strings.Contains(image, want) {
				t.Errorf("%s does not have the image's %q", path, want)
			}
		}
	}
}
