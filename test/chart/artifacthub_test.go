// Copyright The conversations-operator Authors
// SPDX-License-Identifier: Apache-2.0

package chart

import (
	"bytes"
	"errors"
	"io"
	"net/url"
	"os"
	"path/filepath"
	"slices"
	"strconv"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
	apiextensionsv1 "k8s.io/apiextensions-apiserver/pkg/apis/apiextensions/v1"
	utilyaml "k8s.io/apimachinery/pkg/util/yaml"
	"sigs.k8s.io/yaml"
)

// metadata are the chart's own words about itself.
type metadata struct {
	Name, Version, AppVersion, KubeVersion, Home, Icon string
	Maintainers                                        []struct{ Name, URL string }
	Annotations                                        map[string]string
}

// The values that Artifact Hub takes: https://artifacthub.io/docs/topics/annotations/helm/.
var (
	categories = []string{
		"ai-machine-learning", "database", "integration-delivery", "monitoring-logging", "networking", "security", "storage", "streaming-messaging",
	}
	capabilities = []string{"Basic Install", "Seamless Upgrades", "Full Lifecycle", "Deep Insights", "Auto Pilot"}
	changeKinds  = []string{"added", "changed", "deprecated", "removed", "fixed", "security"}
	// flags are the annotations that are true or false.
	flags = []string{"operator", "prerelease", "containsSecurityUpdates"}
)

// link is an entry of the annotation links.
type link struct{ Name, URL string }

// image is an entry of the annotation images.
type image struct {
	Name, Image string
	Whitelisted bool
	Platforms   []string
}

// change is an entry of the annotation changes.
type change struct {
	Kind, Description string
	Links             []link
}

// card is an entry of the annotation crds.
type card struct{ Kind, Version, Name, DisplayName, Description string }

func readChart(t *testing.T) metadata {
	t.Helper()
	var m metadata
	decode(t, filepath.Join(folder, "Chart.yaml"), &m)
	return m
}

// annotation reads one of the annotations that are YAML in themselves, and refuses what is not known in it.
func (m metadata) annotation(t *testing.T, name string, to any) {
	t.Helper()
	text, ok := m.Annotations["artifacthub.io/"+name]
	if !ok {
		t.Fatalf("there is no annotation %s", name)
	}
	if err := yaml.UnmarshalStrict([]byte(text), to); err != nil {
		t.Fatalf("%s: %v", name, err)
	}
}

func TestArtifactHubTakesTheAnnotations(t *testing.T) {
	m := readChart(t)
	known := slices.Concat(flags, []string{
		"category", "changes", "crds", "crdsExamples", "images", "license", "links", "operatorCapabilities",
	})
	for name, text := range m.Annotations {
		short := strings.TrimPrefix(name, "artifacthub.io/")
		if !slices.Contains(known, short) {
			t.Errorf("there is no annotation %s at Artifact Hub", name)
		}
		if _, err := strconv.ParseBool(text); slices.Contains(flags, short) && err != nil {
			t.Errorf("%s: %v", name, err)
		}
	}
	for name, allowed := range map[string][]string{"category": categories, "operatorCapabilities": capabilities, "license": {"Apache-2.0"}} {
		if value := m.Annotations["artifacthub.io/"+name]; !slices.Contains(allowed, value) {
			t.Errorf("%s is %q, not one of %q", name, value, allowed)
		}
	}
	var links []link
	m.annotation(t, "links", &links)
	for _, l := range append(links, link{"home", m.Home}, link{"icon", m.Icon}, link{"maintainer", m.Maintainers[0].URL}) {
		if u, err := url.Parse(l.URL); err != nil || u.Scheme != "https" || l.Name == "" {
			t.Errorf("the link %+v leads nowhere: %v", l, err)
		}
	}
	// 1.0.0-rc.1 and 0.1.0 are no versions to rely on.
	early := strings.Contains(m.Version, "-") || strings.HasPrefix(m.Version, "0.")
	if m.Annotations["artifacthub.io/prerelease"] != strconv.FormatBool(early) {
		t.Errorf("prerelease of %s is %s", m.Version, m.Annotations["artifacthub.io/prerelease"])
	}
}

// What links into the repository leads to a file that is there.
func TestTheChartLinksToFilesThatExist(t *testing.T) {
	m := readChart(t)
	var links []link
	m.annotation(t, "links", &links)
	links = append(links, link{"icon", m.Icon})
	for line := range strings.Lines(decode(t, filepath.Join(folder, "README.md"), nil)) {
		for part := range strings.SplitSeq(line, "](") {
			if address, _, ok := strings.Cut(part, ")"); ok && strings.HasPrefix(address, m.Home) {
				links = append(links, link{"README", address})
			}
		}
	}
	files := 0
	for _, l := range links {
		_, path, ok := strings.Cut(l.URL, "/main/")
		if !ok {
			continue
		}
		files++
		if _, err := os.Stat(filepath.Join(root, path)); err != nil {
			t.Errorf("%s: %v", l.Name, err)
		}
	}
	if files < 8 {
		t.Errorf("only %d links into the repository were found", files)
	}
}

func TestArtifactHubShowsEveryKindWithAnExample(t *testing.T) {
	m := readChart(t)
	var cards []card
	m.annotation(t, "crds", &cards)
	var examples []map[string]any
	m.annotation(t, "crdsExamples", &examples)
	shown := map[string]bool{}
	for _, c := range cards {
		shown[c.Kind+" "+c.Version+" "+c.Name] = true
		if c.DisplayName == "" || c.Description == "" {
			t.Errorf("%s has no name or description", c.Kind)
		}
		if !slices.ContainsFunc(examples, func(e map[string]any) bool { return e["kind"] == c.Kind }) {
			t.Errorf("%s has no example", c.Kind)
		}
	}
	served := map[string]bool{}
	files, err := filepath.Glob(filepath.Join(root, "config/crd/bases/*.yaml"))
	if err != nil || len(files) == 0 {
		t.Fatal(err)
	}
	for _, path := range files {
		var crd apiextensionsv1.CustomResourceDefinition
		decode(t, path, &crd)
		for _, v := range crd.Spec.Versions {
			served[crd.Spec.Names.Kind+" "+v.Name+" "+crd.Name] = true
		}
	}
	if diff := cmp.Diff(served, shown); diff != "" {
		t.Errorf("the CRDs, and what Artifact Hub shows (-want +got):\n%s", diff)
	}
	samples := readSamples(t)
	for _, e := range examples {
		if !slices.ContainsFunc(samples, func(s map[string]any) bool { return cmp.Equal(s, e) }) {
			t.Errorf("no sample of config/samples is this example: %v", e)
		}
	}
}

// readSamples are the objects of config/samples, which a test applies to a real API server.
func readSamples(t *testing.T) (out []map[string]any) {
	t.Helper()
	files, err := filepath.Glob(filepath.Join(root, "config/samples/twilio-*.yaml"))
	if err != nil {
		t.Fatal(err)
	}
	for _, path := range files {
		text := []byte(decode(t, path, nil))
		for decoder := utilyaml.NewYAMLOrJSONDecoder(bytes.NewReader(text), len(text)+1); ; {
			var o map[string]any
			err := decoder.Decode(&o)
			if errors.Is(err, io.EOF) {
				break
			}
			if err != nil {
				t.Fatal(err)
			}
			out = append(out, o)
		}
	}
	return out
}

func TestArtifactHubScansTheImageOfTheRelease(t *testing.T) {
	m := readChart(t)
	var images []image
	m.annotation(t, "images", &images)
	const repository = "ghcr.io/conversations-operator/conversations-operator"
	want := []image{{Name: m.Name, Image: repository + ":" + m.AppVersion, Platforms: []string{"linux/amd64", "linux/arm64"}}}
	if diff := cmp.Diff(want, images); diff != "" {
		t.Errorf("(-want +got):\n%s", diff)
	}
}

// The changes of a version are those of the changelog, which is for people who do not look at Artifact Hub.
func TestArtifactHubShowsTheChangelog(t *testing.T) {
	m := readChart(t)
	var changes []change
	m.annotation(t, "changes", &changes)
	_, text, found := strings.Cut(decode(t, filepath.Join(root, "CHANGELOG.md"), nil), "\n## ["+m.Version+"]")
	if !found {
		t.Fatalf("the changelog has no version %s", m.Version)
	}
	text, _, _ = strings.Cut(text, "\n## ")
	text, _, _ = strings.Cut(text, "\n[")
	var got []string
	for _, c := range changes {
		if !slices.Contains(changeKinds, c.Kind) {
			t.Errorf("%q is no kind of a change", c.Kind)
		}
		got = append(got, c.Kind+": "+c.Description)
	}
	var want []string
	kind := ""
	for line := range strings.Lines(text) {
		if name, ok := strings.CutPrefix(strings.TrimSpace(line), "### "); ok {
			kind = strings.ToLower(name)
		} else if entry, ok := strings.CutPrefix(line, "- "); ok {
			want = append(want, kind+": "+strings.TrimSpace(entry))
		} else if more := strings.TrimSpace(line); strings.HasPrefix(line, "  ") {
			want[len(want)-1] += " " + more
		}
	}
	if diff := cmp.Diff(want, got); diff != "" {
		t.Errorf("the changelog, and what Artifact Hub shows (-want +got):\n%s", diff)
	}
}
