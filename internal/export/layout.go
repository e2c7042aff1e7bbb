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

// LayoutKind is how a folder of manifests is arranged.
type LayoutKind string

// The kinds of layouts.
const (
	// KindFiles is a file for each manifest.
	KindFiles LayoutKind = "files"
	// KindKustomize adds a kustomization.yaml.
	KindKustomize LayoutKind = "kustomize"
	// KindArgoCD adds an Application of Argo CD beside the folder of the manifests.
	KindArgoCD LayoutKind = "argocd"
	// KindFlux adds a GitRepository and a Kustomization of Flux beside the folder of the manifests.
	KindFlux LayoutKind = "flux"
)

// LayoutKinds are all kinds.
func LayoutKinds() []string {
	return []string{string(KindFiles), string(KindKustomize), string(KindArgoCD), string(KindFlux)}
}

// Layout is how a folder of manifests is arranged.
type Layout struct {
	Kind LayoutKind
	// Repository and Path are where the folder is to be found in Git, for Argo CD and Flux; Namespace is where the
	// objects go.
	Repository, Path, Namespace string
}

// conversations is the folder of the manifests where there is more than these.
const conversations = "conversations"

func (l Layout) folder() string {
	if l.Kind == KindArgoCD || l.Kind == KindFlux {
		return conversations
	}
	return ""
}

// write adds what the layout has beside the manifests.
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

// Pruning is off in both: that a manifest is moved to another folder should not cost an object its history. What is
// deleted nevertheless stays at Twilio, by its deletionPolicy.
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
