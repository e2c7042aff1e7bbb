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

// target is where manifests go.
type target interface {
	// begin prepares for what is to come after size bytes of what grows; 0: from the beginning.
	begin(size int64) error
	add(name string, manifest []byte) error
	// settle hands everything to the operating system, and answers how long what grows is now.
	settle() (int64, error)
	// progress is the path where progress is saved; empty: it cannot be continued.
	progress() string
	end() error
}

// Stream is one stream of manifests. It cannot be continued.
func Stream(w io.Writer) *Output { return &Output{&stream{out: bufio.NewWriter(w)}} }

// File is one file of manifests.
func File(path string) *Output { return &Output{&file{path: path}} }

// Folder holds a file for each manifest, and what the layout adds.
func Folder(path string, layout Layout) *Output { return &Output{&folder{path: path, layout: layout}} }

// Output is where an export goes.
type Output struct{ target }

// Interrupted tells whether an export into the output was interrupted, and is to be continued or begun anew.
func (o *Output) Interrupted() bool {
	if o.progress() == "" {
		return false
	}
	_, err := os.Stat(o.progress())
	return err == nil
}

// forget removes the progress that an interrupted export left.
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

// grow opens a file of which all beyond size is to be written anew, and nothing before it may be missing.
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

// Holds tells whether manifests are there already, which the output adds to.
func (o *Output) Holds() (bool, error) {
	d, ok := o.target.(*folder)
	if !ok {
		return false, nil
	}
	manifests, err := d.manifests()
	return len(manifests) > 0, err
}

// folder is a folder of manifests, which a kustomization.yaml may list.
type folder struct {
	path   string
	layout Layout
}

func (d *folder) files() string { return filepath.Join(d.path, d.layout.folder()) }

// manifests are the names of the files, sorted.
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

// end lists every manifest that is there, those of earlier exports among them.
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
