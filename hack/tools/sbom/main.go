// Copyright The conversations-operator Authors
// SPDX-License-Identifier: Apache-2.0

// Command sbom lists the modules that a command is built of, with their licences: as a CycloneDX document, and as the text
// of every licence. It fails on a licence that it does not know.
package main

import (
	"flag"
	"fmt"
	"os"

	cdx "github.com/CycloneDX/cyclonedx-go"
)

func main() {
	root := flag.String("root", "../../..", "The folder of the module.")
	pkg := flag.String("package", "./cmd", "The command.")
	version := flag.String("version", "dev", "The version of the module.")
	document := flag.String("o", "", "The file to write the CycloneDX document to.")
	texts := flag.String("licenses", "", "The file to write the licences to.")
	flag.Parse()
	if err := run(*root, *pkg, *version, *document, *texts); err != nil {
		fmt.Fprintln(os.Stderr, err)
		os.Exit(1)
	}
}

func run(root, pkg, version, document, texts string) error {
	modules, err := list(root, pkg)
	if err != nil {
		return err
	}
	if texts != "" {
		if err := writeLicenses(texts, modules); err != nil {
			return err
		}
	}
	if document == "" {
		return nil
	}
	file, err := os.Create(document)
	if err != nil {
		return fmt.Errorf("writing the document: %w", err)
	}
	if err := cdx.NewBOMEncoder(file, cdx.BOMFileFormatJSON).SetPretty(true).Encode(bom(modules, version)); err != nil {
		return fmt.Errorf("writing the document: %w", err)
	}
	return file.Close()
}

// bom describes the modules. It has no time and no serial number, so that the same modules make the same document.
func bom(modules []module, version string) *cdx.BOM {
	b := cdx.NewBOM()
	var components []cdx.Component
	for _, m := range modules {
		c := cdx.Component{
			BOMRef: m.purl(version), PackageURL: m.purl(version), Type: cdx.ComponentTypeLibrary, Name: m.Path, Version: m.Version,
			Licenses: &cdx.Licenses{{License: &cdx.License{ID: m.license}}},
		}
		if m.Main {
			c.Type, c.Version = cdx.ComponentTypeApplication, version
			b.Metadata = &cdx.Metadata{Component: &c}
			continue
		}
		components = append(components, c)
	}
	b.Components = &components
	return b
}
