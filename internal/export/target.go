// Copyright The conversations-operator Authors
// SPDX-License-Identifier: Apache-2.0

package export

import (
	"bufio"
	"bytes"
	"cmp"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"os"
	"path/filepath"
	"slices"
	"strings"
)

const (
	separator     = "---\n"
	kustomization = "kustomization.yaml"
	kustomizeHead = "apiVersion: kustomize.config.k8s.io/v1beta1\nkind: Kustomization\nresources:\n"
)

// target is a stream, a file or a folder which receives manifests.
type target interface {
	// begin opens the target for writing. A file keeps its first size bytes; 0: the file starts empty.
	begin(size int64) error
	add(name string, manifest []byte) error
	// settle hands all manifests to the operating system, and returns the length of a file in bytes.
	settle() (int64, error)
	// progress returns the path of the saved progress; empty: an export to the target cannot be continued.
	progress() string
	end() error
}

// Stream writes all manifests to a stream. An export to a stream cannot be continued.
func Stream(w io.Writer) *Output { return &Output{&stream{out: bufio.NewWriter(w)}} }

// File writes all manifests to a single file.
func File(path string) *Output { return &Output{&file{path: path}} }

// Folder writes a file for each manifest, and the other files of the layout.
func Folder(path string, layout Layout) *Output { return &Output{&folder{path: path, layout: layout}} }

// Output receives the manifests of an export.
type Output struct{ target }

// Interrupted reports whether an earlier export into the output was interrupted, and the user must continue or restart the
// export.
func (o *Output) Interrupted() bool {
	if o.progress() == "" {
		return false
	}
	_, err := os.Stat(o.progress())
	return err == nil
}

// forget removes the saved progress.
func (o *Output) forget() error {
	if !o.Interrupted() {
		return nil
	}
	return os.Remove(o.progress())
}

type stream struct{ out *bufio.Writer }

func (s *stream) begin(int64) error { return nil }

func (s *stream) add(_ string, manifest []byte) error {
	_, err := s.out.WriteString(separator + string(manifest))
	return err
}

func (s *stream) settle() (int64, error) { return 0, s.out.Flush() }
func (s *stream) progress() string       { return "" }
func (s *stream) end() error             { return s.out.Flush() }

// file is a stream into a file.
type file struct {
	stream
	path string
	f    *os.File
}

func (s *file) begin(size int64) error {
	var err error
	s.f, err = grow(s.path, size)
	s.out = bufio.NewWriter(s.f)
	return err
}

func (s *file) settle() (int64, error) { return flushed(s.out, s.f) }
func (s *file) progress() string       { return s.path + ".progress" }

func (s *file) end() error {
	if s.f == nil {
		return nil
	}
	return errors.Join(s.out.Flush(), s.f.Close())
}

// grow opens a file for writing after the first size bytes, and drops all later bytes. A shorter file is [ErrShort].
func grow(path string, size int64) (*os.File, error) {
	f, err := os.OpenFile(path, os.O_CREATE|os.O_WRONLY, 0o644)
	if err != nil {
		return nil, err
	}
	if is, err := f.Stat(); err != nil || is.Size() < size {
		return nil, errors.Join(cmp.Or(err, fmt.Errorf("%s %w", path, ErrShort)), f.Close())
	}
	if err := f.Truncate(size); err != nil {
		return nil, errors.Join(err, f.Close())
	}
	if _, err := f.Seek(size, io.SeekStart); err != nil {
		return nil, errors.Join(err, f.Close())
	}
	return f, nil
}

func flushed(out *bufio.Writer, f *os.File) (int64, error) {
	if err := out.Flush(); err != nil {
		return 0, err
	}
	return f.Seek(0, io.SeekCurrent)
}

// Holds reports whether the output is a folder which already contains manifests.
func (o *Output) Holds() (bool, error) {
	d, ok := o.target.(*folder)
	if !ok {
		return false, nil
	}
	manifests, err := d.manifests()
	return len(manifests) > 0, err
}

// folder is a folder of manifests. In every layout except KindFiles a kustomization.yaml lists the manifests.
type folder struct {
	path   string
	layout Layout
}

func (d *folder) files() string { return filepath.Join(d.path, d.layout.folder()) }

// manifests returns the sorted names of the manifest files in the folder.
func (d *folder) manifests() ([]string, error) {
	f, err := os.Open(d.files())
	if errors.Is(err, fs.ErrNotExist) {
		return nil, nil
	}
	if err != nil {
		return nil, err
	}
	names, err := f.Readdirnames(-1)
	if err := errors.Join(err, f.Close()); err != nil {
		return nil, err
	}
	names = slices.DeleteFunc(names, func(name string) bool {
		return !strings.HasSuffix(name, ".yaml") || name == kustomization
	})
	slices.Sort(names)
	return names, nil
}

func (d *folder) begin(int64) error {
	if err := os.MkdirAll(d.files(), 0o755); err != nil {
		return err
	}
	return d.layout.write(d.path)
}

func (d *folder) add(name string, manifest []byte) error {
	return os.WriteFile(filepath.Join(d.files(), name+".yaml"), manifest, 0o644)
}

func (d *folder) settle() (int64, error) { return 0, nil }
func (d *folder) progress() string       { return filepath.Join(d.path, ".export-progress") }

// end writes the kustomization.yaml with all manifests in the folder, also the manifests of earlier exports.
func (d *folder) end() error {
	if d.layout.Kind == KindFiles {
		return nil
	}
	manifests, err := d.manifests()
	if err != nil {
		return err
	}
	var list bytes.Buffer
	list.WriteString(kustomizeHead)
	for _, name := range manifests {
		fmt.Fprintf(&list, "- %s\n", name)
	}
	return os.WriteFile(filepath.Join(d.files(), kustomization), list.Bytes(), 0o644)
}
