// Copyright The conversations-operator Authors
// SPDX-License-Identifier: Apache-2.0

package main

import (
	"fmt"
	"os"
	"path/filepath"
	"strings"

	"k8s.io/apimachinery/pkg/apis/meta/v1/unstructured"
	"sigs.k8s.io/yaml"
)

// pack is the name of the package in a catalogue, and channel the one that a Subscription follows.
const (
	pack    = "conversations-operator"
	channel = "candidate"
)

// annotations tell the Operator Lifecycle Manager where the parts of a bundle are:
// https://olm.operatorframework.io/docs/tasks/creating-operator-bundle/.
var annotations = []string{
	"operators.operatorframework.io.bundle.mediatype.v1=registry+v1",
	"operators.operatorframework.io.bundle.manifests.v1=manifests/",
	"operators.operatorframework.io.bundle.metadata.v1=metadata/",
	"operators.operatorframework.io.bundle.package.v1=" + pack,
	"operators.operatorframework.io.bundle.channels.v1=" + channel,
	"operators.operatorframework.io.bundle.channel.default.v1=" + channel,
}

// writeBundle writes the manifests of a bundle, its metadata, and the Dockerfile of its image.
func writeBundle(root, installer, version, folder string) error {
	objects, err := readObjects(installer)
	if err != nil {
		return err
	}
	service, err := newService(root, version, objects)
	if err != nil {
		return err
	}
	files := map[string]any{"manifests/" + pack + ".clusterserviceversion.yaml": service}
	for _, o := range objects {
		if name := fileOf(o); name != "" {
			// The Operator Lifecycle Manager chooses the namespace.
			o.SetNamespace("")
			files["manifests/"+name] = o.Object
		}
	}
	told, labels := map[string]string{}, "FROM scratch\n"
	for _, line := range annotations {
		key, value, _ := strings.Cut(line, "=")
		told[key] = value
		labels += "LABEL " + line + "\n"
	}
	files["metadata/annotations.yaml"] = map[string]any{"annotations": told}
	if err := os.RemoveAll(folder); err != nil {
		return err
	}
	for name, content := range files {
		if err := write(filepath.Join(folder, name), content); err != nil {
			return err
		}
	}
	labels += "COPY manifests /manifests/\nCOPY metadata /metadata/\n"
	return os.WriteFile(filepath.Join(folder, "bundle.Dockerfile"), []byte(labels), 0o644)
}

// fileOf is the name of the file of an object in a bundle; empty for what the ClusterServiceVersion has instead: the Deployment,
// and the manager's account with its permissions.
func fileOf(o *unstructured.Unstructured) string {
	switch o.GetKind() {
	case "CustomResourceDefinition", "Service", "PodDisruptionBudget":
	case "ClusterRole":
		if manager(o) {
			return ""
		}
	default:
		return ""
	}
	return fmt.Sprintf("%s_%s.yaml", o.GetName(), strings.ToLower(o.GetKind()))
}

// manager reports whether a role is of the manager; the others are for people, and for Prometheus.
func manager(o *unstructured.Unstructured) bool {
	switch strings.TrimPrefix(o.GetName(), pack+"-") {
	case "manager-role", "metrics-auth-role", "leader-election-role":
		return true
	}
	return false
}

func write(path string, content any) error {
	text, err := yaml.Marshal(content)
	if err != nil {
		return err
	}
	if err := os.MkdirAll(filepath.Dir(path), 0o755); err != nil {
		return err
	}
	return os.WriteFile(path, text, 0o644)
}
