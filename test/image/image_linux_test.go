// Copyright The conversations-operator Authors
// SPDX-License-Identifier: Apache-2.0

// Package image_test unpacks the image that `make image` makes, and runs the manager in it as a kubelet would.
package image_test

import (
	"archive/tar"
	"compress/gzip"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"os"
	"os/exec"
	"path/filepath"
	"runtime"
	"strings"
	"testing"
	"time"

	"github.com/go-logr/logr"
	ctrl "sigs.k8s.io/controller-runtime"

	"github.com/conversations-operator/conversations-operator/test/testbed"
	"github.com/conversations-operator/conversations-operator/test/testbed/stage"
)

// patience is how long the image may take to be made: nothing of it may be compiled yet.
const patience = 14 * time.Minute

func TestTheManagerRunsInItsImage(t *testing.T) {
	ctrl.SetLogger(logr.Discard())
	ctx, cancel := context.WithTimeout(t.Context(), patience)
	defer cancel()
	image := t.TempDir()
	unpack(t, makeImage(ctx, t), image)

	all, err := stage.Start(ctx, stage.Props{Samples: true, Managers: []testbed.ManagerOptions{{Image: image}}})
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() {
		if err := all.Close(); err != nil {
			t.Error(err)
		}
	})
	bed, manager := all.Bed, all.Managers[0]
	t.Logf("the manager runs with %s", manager.Isolation())
	for _, args := range [][]string{
		{"apply", "-k", "config/samples"},
		{"wait", "conversations", "--all", "--for=condition=Ready", "--timeout=120s"},
	} {
		if _, err := bed.Kubectl(ctx, args...); err != nil {
			t.Fatal(err)
		}
	}
	expectContained(t, manager, image)
	if err := manager.Stop(); err != nil {
		t.Error(err)
	}
}

// expectContained fails the test unless the process sees the image alone, may not write into it and is the image's user, as
// far as this user may run a process so.
func expectContained(t *testing.T, manager *testbed.Manager, image string) {
	t.Helper()
	if !manager.Contained() {
		if os.Geteuid() == 0 {
			t.Error("the manager runs in no container although this is root")
		}
		return
	}
	proc := fmt.Sprintf("/proc/%d/", manager.PID())
	mounts, err := os.ReadFile(proc + "mountinfo")
	if err != nil {
		t.Fatal(err)
	}
	readOnly := false
	for line := range strings.Lines(string(mounts)) {
		// The fields are an ID, the parent's, the device, the root in the device, where it is seen, and the options.
		fields := strings.Fields(line)
		readOnly = readOnly || (fields[4] == "/" && strings.HasPrefix(fields[5]+",", "ro,"))
	}
	if !readOnly {
		t.Errorf("its root is not mounted read-only:\n%s", mounts)
	}
	if root, err := os.Readlink(proc + "root"); err != nil || root != image {
		t.Errorf("its root is %s, error %v; want %s", root, err, image)
	}
	status, err := os.ReadFile(proc + "status")
	if err != nil {
		t.Fatal(err)
	}
	want := os.Geteuid()
	if want == 0 {
		want = 65532
	}
	if !strings.Contains(string(status), fmt.Sprintf("\nUid:\t%[1]d\t%[1]d\t%[1]d\t%[1]d\n", want)) {
		t.Errorf("it does not run as user %d:\n%s", want, status)
	}
}

// makeImage makes the image for this machine, and answers the folder of its OCI layout.
func makeImage(ctx context.Context, t *testing.T) string {
	t.Helper()
	root, err := testbed.FindRoot()
	if err != nil {
		t.Fatal(err)
	}
	dir := t.TempDir()
	cmd := exec.CommandContext(ctx, "make", "--silent", "image", "DIST="+dir, "PLATFORMS=linux/"+runtime.GOARCH)
	cmd.Dir = root
	cmd.Env = append(os.Environ(), "MAKEFLAGS=")
	if out, err := cmd.CombinedOutput(); err != nil {
		t.Fatalf("making the image: %v: %s", err, out)
	}
	return filepath.Join(dir, "image")
}

// manifest is an index of images, or an image, as far as unpacking goes.
type manifest struct {
	Manifests, Layers []descriptor
}

type descriptor struct {
	Digest   string
	Platform struct{ OS string }
}

// unpack unpacks the image of an OCI layout for Linux (https://github.com/opencontainers/image-spec).
func unpack(t *testing.T, layout, to string) {
	t.Helper()
	top := readManifest(t, filepath.Join(layout, "index.json"))
	blob := func(d descriptor) string {
		return filepath.Join(layout, "blobs", strings.ReplaceAll(d.Digest, ":", string(filepath.Separator)))
	}
	for _, entry := range readManifest(t, blob(top.Manifests[0])).Manifests {
		if entry.Platform.OS != "linux" {
			continue
		}
		for _, layer := range readManifest(t, blob(entry)).Layers {
			unpackLayer(t, blob(layer), to)
		}
	}
}

func readManifest(t *testing.T, path string) (m manifest) {
	t.Helper()
	text, err := os.ReadFile(path)
	if err != nil {
		t.Fatal(err)
	}
	if err := json.Unmarshal(text, &m); err != nil {
		t.Fatal(err)
	}
	return m
}

func unpackLayer(t *testing.T, path, to string) {
	t.Helper()
	file, err := os.Open(path)
	if err != nil {
		t.Fatal(err)
	}
	defer file.Close()
	content, err := gzip.NewReader(file)
	if err != nil {
		t.Fatal(err)
	}
	for entries := tar.NewReader(content); ; {
		header, err := entries.Next()
		if errors.Is(err, io.EOF) {
			return
		}
		if err != nil {
			t.Fatal(err)
		}
		if !filepath.IsLocal(header.Name) {
			t.Fatalf("%s leads out of the image", header.Name)
		}
		target := filepath.Join(to, header.Name)
		if header.Typeflag == tar.TypeDir {
			err = os.MkdirAll(target, header.FileInfo().Mode())
		} else {
			err = writeFile(target, header, entries)
		}
		if err != nil {
			t.Fatal(err)
		}
	}
}

func writeFile(path string, header *tar.Header, content io.Reader) error {
	file, err := os.OpenFile(path, os.O_CREATE|os.O_WRONLY|os.O_EXCL, header.FileInfo().Mode())
	if err != nil {
		return err
	}
	_, err = io.Copy(file, content)
	return errors.Join(err, file.Close())
}
