// Copyright The conversations-operator Authors
// SPDX-License-Identifier: Apache-2.0

package main

import (
	"context"
	"crypto/sha256"
	"crypto/sha512"
	"encoding/hex"
	"errors"
	"fmt"
	"hash"
	"io"
	"net/http"
	"os"
	"path"
	"path/filepath"
	"time"
)

const (
	// reachTimeout is how long it may take to find out that there is no way to a server.
	reachTimeout = 3 * time.Second
	// stallTimeout is how long a download may bring nothing.
	stallTimeout = 30 * time.Second
)

// unreachableError says that a published file can't be had, which is no reason to give up: it can be built.
type unreachableError struct{ err error }

// Error says why.
func (e *unreachableError) Error() string { return e.err.Error() }

// Unwrap answers why.
func (e *unreachableError) Unwrap() error { return e.err }

// fetch downloads a file, checks it and puts the wanted programs of it into dir. A file that can't be had, or not to its
// end, is an *unreachableError; one with another checksum is not.
func (e *errand) fetch(ctx context.Context, f file, dir string, wanted []string) error {
	ctx, cancel := context.WithCancelCause(ctx)
	defer cancel(nil)
	// The dog ends the request when nothing comes for too long, and is calmed by whatever comes.
	dog := time.AfterFunc(reachTimeout, func() { cancel(fmt.Errorf("%s does not answer within %s", f.url, reachTimeout)) })
	defer dog.Stop()
	req, err := http.NewRequestWithContext(ctx, http.MethodGet, f.url, nil)
	if err != nil {
		return fmt.Errorf("asking for %s: %w", f.url, err)
	}
	resp, err := (&http.Client{Transport: &http.Transport{Proxy: http.ProxyFromEnvironment, DisableCompression: true}}).Do(req)
	if err != nil {
		return unreachable(ctx, err)
	}
	defer resp.Body.Close()
	if resp.StatusCode != http.StatusOK {
		return &unreachableError{fmt.Errorf("%s answers %s", f.url, resp.Status)}
	}
	dog.Stop()
	dog = time.AfterFunc(stallTimeout, func() { cancel(fmt.Errorf("%s stopped in the middle of its answer", f.url)) })
	defer dog.Stop()

	tmp, err := os.MkdirTemp(dir, ".download-")
	if err != nil {
		return err
	}
	defer os.RemoveAll(tmp)
	body := &progressReader{from: resp.Body, name: path.Base(f.url), size: resp.ContentLength, meter: e.meter, dog: dog}
	whole := filepath.Join(tmp, "download")
	if err := f.save(body, whole); err != nil {
		if body.err != nil {
			return unreachable(ctx, body.err)
		}
		return err
	}
	return f.install(whole, tmp, dir, wanted)
}

// unreachable is the error of a request, with the reason if this program ended it.
func unreachable(ctx context.Context, err error) error {
	if cause := context.Cause(ctx); cause != nil {
		err = cause
	}
	// Whoever interrupts does not want to wait for a build.
	if errors.Is(err, context.Canceled) {
		return err
	}
	return &unreachableError{err}
}

// save writes the file, and fails if its checksum is not the one that the list has.
func (f file) save(from io.Reader, to string) error {
	var sum hash.Hash
	switch f.algorithm {
	case "sha256":
		sum = sha256.New()
	case "sha512":
		sum = sha512.New()
	default:
		return fmt.Errorf("%s has a checksum by %q in archives.txt: use sha256 or sha512", f.url, f.algorithm)
	}
	out, err := os.Create(to)
	if err != nil {
		return err
	}
	_, err = io.Copy(io.MultiWriter(out, sum), from)
	if err := errors.Join(err, out.Close()); err != nil {
		return err
	}
	if got := hex.EncodeToString(sum.Sum(nil)); got != f.sum {
		return fmt.Errorf("%s has the %s %s, and not the one of hack/envtest/archives.txt, %s: nothing of it is used. "+
			"Ask who changed it; ENVTEST=build builds the programs instead", f.url, f.algorithm, got, f.sum)
	}
	return nil
}

// progressReader reads the body of an answer, and shows how far it is.
type progressReader struct {
	from       io.Reader
	name       string
	done, size int64 // size is -1 if nobody told it
	meter      *meter
	dog        *time.Timer
	err        error
}

// Read reads on, calms the dog, and keeps the error that ended it.
func (r *progressReader) Read(p []byte) (int, error) {
	n, err := r.from.Read(p)
	if n > 0 {
		r.dog.Reset(stallTimeout)
	}
	r.done += int64(n)
	of := ""
	if r.size >= 0 {
		of = fmt.Sprintf(" of %.1f", megabytes(r.size))
	}
	r.meter.show("Downloading %s: %.1f%s MB", r.name, megabytes(r.done), of)
	if err != nil && !errors.Is(err, io.EOF) {
		r.err = err
	}
	return n, err
}

func megabytes(n int64) float64 { return float64(n) / 1e6 }
