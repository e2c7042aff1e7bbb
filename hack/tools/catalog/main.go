// Copyright The conversations-operator Authors
// SPDX-License-Identifier: Apache-2.0

// Command catalog writes what catalogues and validators want to have of the operator:
//
//	-bundle FOLDER    the bundle for the Operator Lifecycle Manager, made from the installer and config/olm
//	-schemas FOLDER   a JSON schema of each kind, for kubeconform and editors, made from config/crd
//
// Its tests give both to the libraries that check them, and the manifest of the kubectl plugin to krew's own validator.
package main

import (
	"errors"
	"flag"
	"fmt"
	"os"
)

func main() {
	root := flag.String("root", "../../..", "The folder of the operator's module.")
	installer := flag.String("installer", "../../../dist/install.yaml", "The manifests that kubectl would install.")
	version := flag.String("version", "v0.1.0", "The version of the release.")
	bundle := flag.String("bundle", "", "The folder to write the bundle to.")
	schemas := flag.String("schemas", "", "The folder to write the schemas to.")
	flag.Parse()
	if err := run(*root, *installer, *version, *bundle, *schemas); err != nil {
		fmt.Fprintln(os.Stderr, "catalog:", err)
		os.Exit(1)
	}
}

func run(root, installer, version, bundle, schemas string) error {
	if bundle == "" && schemas == "" {
		return errors.New("nothing to write: give -bundle or -schemas")
	}
	if bundle != "" {
		if err := writeBundle(root, installer, version, bundle); err != nil {
			return fmt.Errorf("writing the bundle: %w", err)
		}
	}
	if schemas != "" {
		if err := writeSchemas(root, schemas); err != nil {
			return fmt.Errorf("writing the schemas: %w", err)
		}
	}
	return nil
}
