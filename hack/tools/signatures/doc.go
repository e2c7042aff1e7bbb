// Copyright The conversations-operator Authors
// SPDX-License-Identifier: Apache-2.0

// Package signatures tests that the commands of SECURITY.md verify what the release workflow publishes, and nothing else. A
// certificate authority, a transparency log and a registry stand on this machine in the place of Sigstore's, GitHub's and ghcr.io; the
// verifier is the library that cosign and gh have in them, and gets what the commands' flags say.
package signatures
