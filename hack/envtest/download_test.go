// Copyright The conversations-operator Authors
// SPDX-License-Identifier: Apache-2.0

package main

import (
	"archive/tar"
	"bytes"
	"compress/gzip"
	"crypto/sha512"
	"encoding/hex"
	"net"
	"net/http"
	"net/http/httptest"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"sync/atomic"
	"testing"
	"time"
)

const downloaded = "1.2.0-linux-amd64"

// archive is an archive as it is published, with programs in it that say so; left out, the greeter.
func archive(t *testing.T, programs ...string) []byte {
	t.Helper()
	var out bytes.Buffer
	zipped := gzip.NewWriter(&out)
	entries := tar.NewWriter(zipped)
	if len(programs) == 0 {
		programs = []string{"greeter", "other"}
	}
	const text = "#!/bin/sh\necho downloaded\n"
	for _, program := range programs {
		if err := entries.WriteHeader(&tar.Header{Name: "controller-tools/envtest/" + program, Mode: 0o600, Size: int64(len(text))}); err != nil {
			t.Fatal(err)
		}
		if _, err := entries.Write([]byte(text)); err != nil {
			t.Fatal(err)
		}
	}
	if err := entries.Close(); err != nil {
		t.Fatal(err)
	}
	if err := zipped.Close(); err != nil {
		t.Fatal(err)
	}
	return out.Bytes()
}

// served answers the file of an archive that is at that address.
func served(url string, content []byte) file {
	sum := sha512.Sum512(content)
	return file{algorithm: "sha512", sum: hex.EncodeToString(sum[:]), url: url, holds: []string{"greeter"}}
}

// server serves with a handler until the test ends, also those who wait in it.
func server(t *testing.T, handler http.HandlerFunc) string {
	t.Helper()
	s := httptest.NewServer(handler)
	t.Cleanup(func() {
		s.CloseClientConnections()
		s.Close()
	})
	return s.URL + "/envtest.tar.gz"
}

func TestTheRightArchiveIsUnpacked(t *testing.T) {
	content := archive(t)
	var requests atomic.Int32
	url := server(t, func(w http.ResponseWriter, _ *http.Request) {
		requests.Add(1)
		_, _ = w.Write(content)
	})
	e := newErrand(t, "Undefined", served(url, content))
	e.expect(t, downloaded, "downloaded")
	e.expect(t, downloaded, "downloaded")
	if requests.Load() != 1 {
		t.Errorf("%d requests were made; want 1", requests.Load())
	}
}

func TestASingleProgramIsTakenAsItIs(t *testing.T) {
	content := []byte("#!/bin/sh\necho alone\n")
	url := server(t, func(w http.ResponseWriter, _ *http.Request) { _, _ = w.Write(content) })
	e := newErrand(t, "Undefined", served(strings.TrimSuffix(url, "envtest.tar.gz")+"greeter", content))
	e.expect(t, downloaded, "alone")
}

func TestAWrongChecksumIsAnErrorAndNeverABuild(t *testing.T) {
	content := archive(t)
	url := server(t, func(w http.ResponseWriter, _ *http.Request) { _, _ = w.Write(content) })
	for _, way := range []string{"", downloads} {
		e := newErrand(t, "Hello", served(url, []byte("what was published")))
		e.way = way
		_, err := e.run(t.Context())
		if err == nil || !strings.Contains(err.Error(), "archives.txt") || !strings.Contains(err.Error(), url) {
			t.Errorf("ENVTEST=%s: the error is %v", way, err)
		}
		expectFiles(t, filepath.Join(e.store, "k8s", downloaded))
		expectFiles(t, filepath.Join(e.store, "k8s"), downloaded, built+".lock")
	}
}

func TestHalfAnArchiveIsNotUsed(t *testing.T) {
	content := archive(t)
	url := server(t, func(w http.ResponseWriter, r *http.Request) {
		if r.URL.Query().Has("short") {
			_, _ = w.Write(content[:len(content)/2])
			return
		}
		w.Header().Set("Content-Length", "1000000")
		_, _ = w.Write(content[:len(content)/2])
	})
	t.Run("a connection that breaks is no way, so that the program is built", func(t *testing.T) {
		newErrand(t, "Hello", served(url, content)).expect(t, built, "built")
	})
	t.Run("an answer that ends well and is half of it has the wrong checksum", func(t *testing.T) {
		f := served(url+"?short", content)
		e := newErrand(t, "Hello", f)
		if _, err := e.run(t.Context()); err == nil || !strings.Contains(err.Error(), "archives.txt") {
			t.Errorf("the error is %v", err)
		}
	})
}

func TestWithoutAWayOutProgramsAreBuilt(t *testing.T) {
	silent := server(t, func(_ http.ResponseWriter, r *http.Request) { <-r.Context().Done() })
	refused := server(t, func(w http.ResponseWriter, _ *http.Request) { w.WriteHeader(http.StatusForbidden) })
	listener, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	closed := "http://" + listener.Addr().String() + "/envtest.tar.gz"
	if err := listener.Close(); err != nil {
		t.Fatal(err)
	}
	for name, url := range map[string]string{
		"no answer": silent, "an answer that refuses": refused, "a port that is closed": closed,
		"a name that does not exist": "http://archives.invalid/envtest.tar.gz",
	} {
		t.Run(name, func(t *testing.T) {
			f := served(url, archive(t))
			newErrand(t, "Hello", f).expect(t, built, "built")
			forced := newErrand(t, "Hello", f)
			forced.way = downloads
			if _, err := forced.run(t.Context()); err == nil || !strings.Contains(err.Error(), "Without ENVTEST=download it is built") {
				t.Errorf("ENVTEST=download: the error is %v", err)
			}
		})
	}
}

func TestWhatWasDownloadedBeforeIsNotBuilt(t *testing.T) {
	f := served("http://archives.invalid/envtest.tar.gz", archive(t))
	e := newErrand(t, "Hello", f)
	e.programs = append(e.programs, "other")
	e.release.packages["other"] = "example.com/greeter/cmd/other"
	dir := filepath.Join(e.store, "k8s", downloaded)
	if err := os.MkdirAll(dir, 0o755); err != nil {
		t.Fatal(err)
	}
	if err := os.WriteFile(filepath.Join(dir, "greeter"), []byte("#!/bin/sh\necho downloaded\n"), 0o755); err != nil {
		t.Fatal(err)
	}
	if got, err := e.run(t.Context()); err != nil || got != dir {
		t.Errorf("the folder is %s, error %v; want %s", got, err, dir)
	}
	expectFiles(t, dir, "greeter", "other")
}

func TestNoAnswerIsWaitedForThreeSeconds(t *testing.T) {
	if reachTimeout != 3*time.Second {
		t.Errorf("no way out is found out after %s", reachTimeout)
	}
}

func TestBuildingIsForced(t *testing.T) {
	content := archive(t)
	url := server(t, func(_ http.ResponseWriter, r *http.Request) { t.Errorf("a request was made: %s", r.URL) })
	e := newErrand(t, "Hello", served(url, content))
	e.way = builds
	e.expect(t, built, "built")
}

// The proxy is read from the environment once a process, so that the request is made by another one.
func TestAProxyIsUsed(t *testing.T) {
	content := archive(t)
	if os.Getenv("BEHIND_PROXY") != "" {
		newErrand(t, "Undefined", served("http://archives.example.com/envtest.tar.gz", content)).expect(t, downloaded, "downloaded")
		return
	}
	proxy := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		if r.URL.Host != "archives.example.com" {
			t.Errorf("the proxy is asked for %s", r.URL)
		}
		_, _ = w.Write(content)
	}))
	defer proxy.Close()
	again := exec.CommandContext(t.Context(), os.Args[0], "-test.run=^TestAProxyIsUsed$", "-test.v")
	again.Env = append(os.Environ(), "BEHIND_PROXY=true", "HTTP_PROXY="+proxy.URL)
	out, err := again.CombinedOutput()
	if err != nil || !strings.Contains(string(out), "--- PASS: TestAProxyIsUsed") {
		t.Errorf("%v: %s", err, out)
	}
}
