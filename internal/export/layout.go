// Copyright The conversations-operator Authors
// SPDX-License-Identifier: Apache-2.0

package export

import (
	"bytes"
	"fmt"
	"os"
	"path/filepath"
	"text/template"
)

// LayoutKind is the kind of a folder's layout.
type LayoutKind string

// The kinds of layouts.
const (
	// KindFiles holds a file for each manifest.
	KindFiles LayoutKind = "files"
	// KindKustomize adds a kustomization.yaml.
	KindKustomize LayoutKind = "kustomize"
	// KindArgoCD adds an Application of Argo CD beside the folder of the manifests.
	KindArgoCD LayoutKind = "argocd"
	// KindFlux adds a GitRepository and a Kustomization of Flux beside the folder of the manifests.
	KindFlux LayoutKind = "flux"
)

// LayoutKinds returns all kinds of layouts.
func LayoutKinds() []string {
	return []string{string(KindFiles), string(KindKustomize), string(KindArgoCD), string(KindFlux)}
}

// Layout is the arrangement of the files in a folder of manifests.
type Layout struct {
	Kind LayoutKind
	// Repository is the URL of the Git repository, and Path the folder of the manifests in the repository, for Argo CD and
	// Flux. Namespace is the namespace of the objects.
	Repository, Path, Namespace string
}

// conversations is the subfolder of the manifests in a layout with files of Argo CD or Flux.
const conversations = "conversations"

func (l Layout) folder() string {
	if l.Kind == KindArgoCD || l.Kind == KindFlux {
		return conversations
	}
	return ""
}

// write writes the files of Argo CD or Flux beside the manifests.
func (l Layout) write(dir string) error {
	var text *template.Template
	switch l.Kind {
	case KindArgoCD:
		text = application
	case KindFlux:
		text = flux
	default:
		return nil
	}
	var b bytes.Buffer
	if err := text.Execute(&b, l); err != nil {
		return fmt.Errorf("writing %s: %w", text.Name(), err)
	}
	return os.WriteFile(filepath.Join(dir, text.Name()), b.Bytes(), 0o644)
}

// Pruning is off in both files: an object must not lose its history because the user moves its manifest to another folder.
// The conversation of a deleted object stays at Twilio, by the deletionPolicy of the object.
var (
	application = template.Must(template.New("application.yaml").Parse(`apiVersion: argoproj.io/v1alpha1
kind: Application
metadata:
  name: conversations
  namespace: argocd
spec:
  project: default
  source:
    repoURL: {{printf "%q" .Repository}}
    targetRevision: HEAD
    path: {{printf "%q" .Path}}
  destination:
    server: https://kubernetes.default.svc
    namespace: {{printf "%q" .Namespace}}
  syncPolicy:
    automated:
      prune: false
      selfHeal: true
    syncOptions:
    - ServerSideApply=true
`))
	flux = template.Must(template.New("flux.yaml").Parse(`apiVersion: source.toolkit.fluxcd.io/v1
kind: GitRepository
metadata:
  name: conversations
  namespace: flux-system
spec:
  interval: 1m
  url: {{printf "%q" .Repository}}
  ref:
    branch: main
---
apiVersion: kustomize.toolkit.fluxcd.io/v1
kind: Kustomization
metadata:
  name: conversations
  namespace: flux-system
spec:
  interval: 10m
  path: {{printf "%q" .Path}}
  prune: false
  wait: true
  targetNamespace: {{printf "%q" .Namespace}}
  sourceRef:
    kind: GitRepository
    name: conversations
`))
)
