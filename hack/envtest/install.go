// Copyright The conversations-operator Authors
// SPDX-License-Identifier: Apache-2.0

package main

import (
	"archive/tar"
	"compress/gzip"
	"errors"
	"fmt"
	"io"
	"os"
	"path"
	"path/filepath"
	"slices"
)

// install puts the wanted programs of a downloaded file into dir, each complete or not at all. tmp is a folder on the same
// file system.
func (f file) install(whole, tmp, dir string, wanted []string) error {
	if !f.isArchive() {
		return place(whole, filepath.Join(dir, path.Base(f.url)))
	}
	if err := unpack(whole, tmp, wanted); err != nil {
		return fmt.Errorf("unpacking %s: %w", f.url, err)
	}
	for _, program := range wanted {
		if err := place(filepath.Join(tmp, program), filepath.Join(dir, program)); err != nil {
			return fmt.Errorf("%s holds no %s: %w", f.url, program, err)
		}
	}
	return nil
}

// unpack writes the wanted programs of an archive into dir, whatever folders of the archive they are in.
func unpack(archive, dir string, wanted []string) error {
	in, err := os.Open(archive)
	if err != nil {
		return err
	}
	defer in.Close()
	unzipped, err := gzip.NewReader(in)
	if err != nil {
		return err
	}
	for entries := tar.NewReader(unzipped); ; {
		header, err := entries.Next()
		if errors.Is(err, io.EOF) {
			return nil
		}
		if err != nil {
			return err
		}
		name := path.Base(header.Name)
		if header.Typeflag != tar.TypeReg || !slices.Contains(wanted, name) {
			continue
		}
		if err := write(entries, filepath.Join(dir, name)); err != nil {
			return err
		}
	}
}

func write(from io.Reader, to string) error {
	out, err := os.Create(to)
	if err != nil {
		return err
	}
	_, err = io.Copy(out, from)
	return errors.Join(err, out.Close())
}

// place makes a file a program, and renames it, so that nobody ever starts half a program.
func place(from, to string) error {
	if err := os.Chmod(from, 0o755); err != nil {
		return err
	}
	return os.Rename(from, to)
}
