// Copyright The conversations-operator Authors
// SPDX-License-Identifier: Apache-2.0

package main

import (
	"context"
	_ "embed"
	"fmt"
	"os"
	"os/exec"
	"path"
	"path/filepath"
	"strings"
)

// archives is the list of everything published that may be downloaded, with its checksums.
//
//go:embed archives.txt
var archives string

// release is a version of Kubernetes' control plane on one platform.
type release struct {
	// platform is written as Go does, such as linux/amd64.
	platform string
	// files is what is published of it, and published the version of the files; empty if there are none.
	files     []file
	published string
	// module is the folder of the module that pins what is built, and built the version of Kubernetes in it.
	module, built string
	// packages are the main packages of the programs, by name.
	packages map[string]string
}

// packages are the main packages of a control plane.
var packages = map[string]string{
	"etcd":                    "go.etcd.io/etcd/server/v3",
	"kube-apiserver":          "k8s.io/kubernetes/cmd/kube-apiserver",
	"kube-controller-manager": "k8s.io/kubernetes/cmd/kube-controller-manager",
	"kubectl":                 "k8s.io/kubernetes/cmd/kubectl",
}

// file is one published file: a single program, or an archive of several.
type file struct {
	// algorithm is sha256 or sha512, and sum the checksum in hexadecimal digits.
	algorithm, sum, url string
	// holds are the names of the programs in it.
	holds []string
}

// isArchive tells whether the file is an archive.
func (f file) isArchive() bool { return strings.HasSuffix(f.url, ".tar.gz") }

// folder is the name that setup-envtest gives to the folder of a version.
func (r release) folder(version string) string {
	return strings.TrimPrefix(version, "v") + "-" + strings.ReplaceAll(r.platform, "/", "-")
}

// findRelease answers the newest or the oldest release that the operator supports.
func findRelease(ctx context.Context, kubernetes, platform string) (release, error) {
	r := release{platform: platform, module: filepath.Join("hack/controlplane", kubernetes), packages: packages}
	if kubernetes != "newest" && kubernetes != "oldest" {
		return r, fmt.Errorf("there is no Kubernetes %q here: ask for newest or oldest", kubernetes)
	}
	cmd := exec.CommandContext(ctx, "go", "list", "-m", "-f", "{{.Version}}", "k8s.io/kubernetes")
	cmd.Dir = r.module
	cmd.Env = append(os.Environ(), "GOWORK=off")
	cmd.Stderr = os.Stderr
	out, err := cmd.Output()
	if err != nil {
		return r, fmt.Errorf("reading the version of k8s.io/kubernetes from %s: %w", r.module, err)
	}
	r.built = strings.TrimSpace(string(out))
	r.published, r.files = published(archives, kubernetes, platform)
	return r, nil
}

// published answers what a list of archives has for a platform: the version, and the files.
func published(list, kubernetes, platform string) (version string, files []file) {
	for line := range strings.Lines(list) {
		fields := strings.Fields(line)
		if len(fields) != 5 || fields[0] != kubernetes || fields[2] != platform {
			continue
		}
		algorithm, sum, _ := strings.Cut(fields[3], ":")
		version = fields[1]
		f := file{algorithm: algorithm, sum: sum, url: fields[4], holds: []string{path.Base(fields[4])}}
		if f.isArchive() {
			f.holds = []string{"etcd", "kube-apiserver", "kubectl"}
		}
		files = append(files, f)
	}
	return version, files
}
