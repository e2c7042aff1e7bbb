// Copyright The conversations-operator Authors
// SPDX-License-Identifier: Apache-2.0

package main

import (
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
	"syscall"
)

// store answers the folder that setup-envtest keeps its binaries in, on the given operating system
// (store.DefaultStoreDir in sigs.k8s.io/controller-runtime/tools/setup-envtest, which importing would make this
// program, that runs before everything else, minutes to compile).
func store(goos string, getenv func(string) string) (string, error) {
	if data := getenv("XDG_DATA_HOME"); data != "" && goos != "darwin" {
		return filepath.Join(data, "kubebuilder-envtest"), nil
	}
	home := getenv("HOME")
	switch {
	case home == "":
		return "", errors.New("no folder to put the control plane into: set HOME, or KUBEBUILDER_ASSETS to a folder that holds it")
	case goos == "darwin":
		return filepath.Join(home, "Library/Application Support/io.kubebuilder.envtest"), nil
	default:
		return filepath.Join(home, ".local/share/kubebuilder-envtest"), nil
	}
}

// lock takes the lock file at path, waiting for whoever holds it; the system frees it when its holder dies.
func (e *errand) lock(path string) (unlock func(), err error) {
	file, err := os.OpenFile(path, os.O_CREATE|os.O_RDWR, 0o644)
	if err != nil {
		return nil, fmt.Errorf("opening the lock file of the control plane: %w", err)
	}
	fd := int(file.Fd())
	err = syscall.Flock(fd, syscall.LOCK_EX|syscall.LOCK_NB)
	if errors.Is(err, syscall.EWOULDBLOCK) {
		e.meter.say("Another run is getting the control plane: waiting for it")
		err = syscall.Flock(fd, syscall.LOCK_EX)
	}
	if err != nil {
		return nil, errors.Join(&fs.PathError{Op: "lock", Path: path, Err: err}, file.Close())
	}
	return func() { _ = file.Close() }, nil
}
