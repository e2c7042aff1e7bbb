// Copyright The conversations-operator Authors
// SPDX-License-Identifier: Apache-2.0

package docs

import (
	"os"
	"os/exec"
	"path/filepath"
	"regexp"
	"slices"
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

// What a release publishes is verified as its users verify it, with the commands of SECURITY.md for that release.
func TestTheReleaseVerifiesItselfAsSECURITYSays(t *testing.T) {
	script := lineWith(t, releaseSteps(t), "sed -n 's/^    //p' SECURITY.md")
	cmd := exec.CommandContext(t.Context(), "bash", "-ec", script+"\ncat verify.sh; bash -n verify.sh; rm verify.sh")
	cmd.Dir = t.TempDir()
	if err := os.WriteFile(filepath.Join(cmd.Dir, "SECURITY.md"), []byte(read(t, filepath.Join(root, "SECURITY.md"))), 0o600); err != nil {
		t.Fatal(err)
	}
	cmd.Env = append(os.Environ(), "TAG=v1.2.3")
	out, err := cmd.CombinedOutput()
	if err != nil {
		t.Fatalf("%v: %s", err, out)
	}
	text := string(out)
	if strings.Contains(text, "0.1.0") || strings.Count(text, "refs/tags/v1.2.3") < 10 || !strings.Contains(text, "charts/conversations-operator:1.2.3 ") {
		t.Errorf("the commands are of another release:\n%s", text)
	}
	for line := range strings.Lines(text) {
		// A command begins at the margin, and what goes on with it does not.
		if first, _, _ := strings.Cut(line, " "); !slices.Contains([]string{"cosign", "gh", "sha256sum", ""}, first) {
			t.Errorf("this is no command that verifies: %s", line)
		}
	}
}

// baseImage is a base of the image, named by its digest; Renovate keeps both current.
var baseImage = regexp.MustCompile(`^ARG [A-Z]+_IMAGE=[a-z0-9./-]+:[a-z0-9.-]+@sha256:[0-9a-f]{64}$`)

func TestTheBasesOfTheImageArePinned(t *testing.T) {
	bases := 0
	for line := range strings.Lines(read(t, filepath.Join(root, "Dockerfile"))) {
		line = strings.TrimSpace(line)
		if strings.Contains(line, "_IMAGE=") {
			bases++
			if !baseImage.MatchString(line) {
				t.Errorf("no digest: %s", line)
			}
		}
		if from, ok := strings.CutPrefix(line, "FROM "); ok && !strings.Contains(from, "${B") && !strings.HasPrefix(from, "builder AS ") {
			t.Errorf("a base that is no argument: %s", line)
		}
	}
	if bases != 2 {
		t.Errorf("%d bases were found", bases)
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
