// Copyright The conversations-operator Authors
// SPDX-License-Identifier: Apache-2.0

// Command image makes the operator's container image with the go command alone: no container engine, and no image to build
// on. The image holds the manager and the certificates of public authorities, for linux/amd64 and linux/arm64, runs as user
// 65532, and carries an SBOM. The same commit makes the same bytes. `make image` runs it.
//
// It writes into the folder -o:
//
//	image/                  both platforms as an OCI layout: crane push image/ registry.example.com/operator:v1
//	image-linux-amd64.tar   one platform each: docker load -i, kind load image-archive
//	image-linux-arm64.tar
//
// With -push it pushes both platforms to the registry of -tag instead, with the credentials of docker's configuration.
package main

import (
	"context"
	"flag"
	"fmt"
	"os"
	"os/signal"
	"strings"
	"syscall"
	"time"

	v1 "github.com/google/go-containerregistry/pkg/v1"
)

// options are what the flags say.
type options struct {
	root, folder, tag string
	push              bool
	version, revision string
	created           int64
	sbom              string
	platforms         string
}

func main() {
	var o options
	flag.StringVar(&o.root, "root", "../../..", "The folder of the operator's module.")
	flag.StringVar(&o.folder, "o", "", "The folder to write to.")
	flag.StringVar(&o.tag, "tag", "conversations-operator:latest", "The name of the image, with its tag.")
	flag.BoolVar(&o.push, "push", false, "Push the image to the registry of its name, and write nothing.")
	flag.StringVar(&o.version, "version", "dev", "The version of the operator.")
	flag.StringVar(&o.revision, "revision", "", "The commit that the image is made of.")
	flag.Int64Var(&o.created, "created", 0, "The time of that commit, in seconds since 1970: the one date in the image.")
	flag.StringVar(&o.sbom, "sbom", "", "The CycloneDX document of the manager, as make sbom writes it.")
	flag.StringVar(&o.platforms, "platforms", "linux/amd64,linux/arm64", "The platforms to make it for.")
	flag.Parse()
	ctx, stop := signal.NotifyContext(context.Background(), os.Interrupt, syscall.SIGTERM)
	defer stop()
	if err := run(ctx, o); err != nil {
		fmt.Fprintln(os.Stderr, "image:", err)
		stop()
		os.Exit(1)
	}
}

func run(ctx context.Context, o options) error {
	document, err := readSBOM(o.sbom)
	if err != nil {
		return err
	}
	platforms, err := parsePlatforms(o.platforms)
	if err != nil {
		return err
	}
	m := &maker{
		platforms: platforms, root: o.root, version: o.version, created: time.Unix(o.created, 0).UTC(), labels: labels(o.version, o.revision), sbom: document,
	}
	made, err := m.make(ctx)
	if err != nil {
		return err
	}
	if o.push {
		return made.push(ctx, o.tag)
	}
	return made.write(o.folder, o.tag)
}

// parsePlatforms reads a list of platforms, such as linux/amd64,linux/arm64.
func parsePlatforms(list string) ([]v1.Platform, error) {
	var out []v1.Platform
	for text := range strings.SplitSeq(list, ",") {
		platform, err := v1.ParsePlatform(text)
		if err != nil {
			return nil, fmt.Errorf("the platform %q: %w", text, err)
		}
		if platform.OS != "linux" || platform.Architecture == "" {
			return nil, fmt.Errorf("the platform %q is not one of Linux, such as linux/amd64", text)
		}
		out = append(out, *platform)
	}
	return out, nil
}

// labels are those that the Dockerfile sets too.
func labels(version, revision string) map[string]string {
	const home = "https://github.com/conversations-operator/conversations-operator"
	return map[string]string{
		"org.opencontainers.image.title":         "conversations-operator",
		"org.opencontainers.image.description":   "Makes Twilio Conversations declarative.",
		"org.opencontainers.image.source":        home,
		"org.opencontainers.image.documentation": home + "/blob/main/README.md",
		"org.opencontainers.image.licenses":      "Apache-2.0",
		"org.opencontainers.image.version":       version,
		"org.opencontainers.image.revision":      revision,
	}
}
