// Copyright The conversations-operator Authors
// SPDX-License-Identifier: Apache-2.0

package export

import (
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
	"sigs.k8s.io/yaml"
)

// pointer is what objects of Argo CD and Flux say of where the manifests are and go.
type pointer struct {
	Kind string
	Spec struct {
		Source struct {
			RepoURL, Path string
		}
		Destination struct {
			Namespace string
		}
		URL, Path, TargetNamespace string
		SourceRef                  struct {
			Kind, Name string
		}
	}
}

func TestLayoutsPointToTheManifests(t *testing.T) {
	const repository, at, namespace = "https://git.example.com/a: b.git", "clusters/#1/conversations", "1e3"
	for name, c := range map[LayoutKind]struct {
		file string
		want []string
	}{
		KindArgoCD: {"application.yaml", []string{"Application", repository, at, namespace}},
		KindFlux:   {"flux.yaml", []string{"GitRepository", repository, "Kustomization", at, namespace, "GitRepository", "conversations"}},
	} {
		t.Run(string(name), func(t *testing.T) {
			dir := t.TempDir()
			o := Folder(dir, Layout{Kind: name, Repository: repository, Path: at, Namespace: namespace})
			if _, err := added(t, o, 0, "vip", "a: 1\n"); err != nil {
				t.Fatal(err)
			}
			if err := o.end(); err != nil {
				t.Fatal(err)
			}
			text, err := os.ReadFile(filepath.Join(dir, c.file))
			if err != nil {
				t.Fatal(err)
			}
			if diff := cmp.Diff(c.want, pointed(t, string(text))); diff != "" {
				t.Errorf("(-want +got):\n%s", diff)
			}
			list, err := os.ReadFile(filepath.Join(dir, conversations, kustomization))
			if err != nil || string(list) != kustomizeHead+"- vip.yaml\n" {
				t.Errorf("%s%v", list, err)
			}
		})
	}
}

// pointed is all that the objects say.
func pointed(t *testing.T, text string) (all []string) {
	t.Helper()
	for object := range strings.SplitSeq(text, "---\n") {
		var p pointer
		if err := yaml.Unmarshal([]byte(object), &p); err != nil {
			t.Fatal(err)
		}
		s := &p.Spec
		all = append(all, p.Kind, s.Source.RepoURL, s.Source.Path, s.Destination.Namespace, s.URL, s.Path, s.TargetNamespace,
			s.SourceRef.Kind, s.SourceRef.Name)
	}
	return slices.DeleteFunc(all, func(value string) bool { return value == "" })
}
