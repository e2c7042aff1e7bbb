// Copyright The conversations-operator Authors
// SPDX-License-Identifier: Apache-2.0

package signatures

import (
	"encoding/hex"
	"encoding/json"
	"testing"

	protobundle "github.com/sigstore/protobuf-specs/gen/pb-go/bundle/v1"
	protocommon "github.com/sigstore/protobuf-specs/gen/pb-go/common/v1"
	protodsse "github.com/sigstore/protobuf-specs/gen/pb-go/dsse"
	protorekor "github.com/sigstore/protobuf-specs/gen/pb-go/rekor/v1"
	"github.com/sigstore/sigstore-go/pkg/bundle"
	"github.com/sigstore/sigstore-go/pkg/testing/ca"
	"github.com/sigstore/sigstore-go/pkg/verify"
)

// bundleType is the type of what cosign, gh and GitHub's actions write.
const bundleType = "application/vnd.dev.sigstore.bundle.v0.3+json"

// signer is who signs: the identity that is in the certificate, and who vouches for it.
type signer struct{ identity, issuer string }

// authority is the trust root of a test.
type authority struct{ *ca.VirtualSigstore }

func newAuthority(t *testing.T) authority {
	t.Helper()
	root, err := ca.NewVirtualSigstore()
	if err != nil {
		t.Fatal(err)
	}
	return authority{root}
}

// sign signs a file, as cosign sign-blob does, and answers the bundle.
func (a authority) sign(t *testing.T, by signer, content []byte) []byte {
	t.Helper()
	entity, err := a.Sign(by.identity, by.issuer, content)
	if err != nil {
		t.Fatal(err)
	}
	signature, err := entity.SignatureContent()
	if err != nil {
		t.Fatal(err)
	}
	m := signature.MessageSignatureContent()
	b := a.packed(t, entity)
	b.Content = &protobundle.Bundle_MessageSignature{MessageSignature: &protocommon.MessageSignature{
		MessageDigest: &protocommon.HashOutput{Algorithm: protocommon.HashAlgorithm_SHA2_256, Digest: m.Digest()}, Signature: m.Signature(),
	}}
	return encoded(t, b)
}

// statement is what an attestation says of its subject: https://in-toto.io/Statement/v1.
type statement struct {
	Type          string    `json:"_type"`
	Subject       []subject `json:"subject"`
	PredicateType string    `json:"predicateType"`
	Predicate     any       `json:"predicate"`
}

type subject struct {
	Name   string            `json:"name"`
	Digest map[string]string `json:"digest"`
}

// attest signs a statement about something of that SHA-256, as GitHub's actions and cosign sign do, and answers the bundle.
func (a authority) attest(t *testing.T, by signer, name, sha256, predicateType string) []byte {
	t.Helper()
	text, err := json.Marshal(statement{
		Type: "https://in-toto.io/Statement/v1", Subject: []subject{{name, map[string]string{"sha256": sha256}}},
		PredicateType: predicateType, Predicate: map[string]any{},
	})
	if err != nil {
		t.Fatal(err)
	}
	entity, err := a.Attest(by.identity, by.issuer, text)
	if err != nil {
		t.Fatal(err)
	}
	signature, err := entity.SignatureContent()
	if err != nil {
		t.Fatal(err)
	}
	b := a.packed(t, entity)
	b.Content = &protobundle.Bundle_DsseEnvelope{DsseEnvelope: &protodsse.Envelope{
		Payload: text, PayloadType: "application/vnd.in-toto+json", Signatures: []*protodsse.Signature{{Sig: signature.Signature()}},
	}}
	return encoded(t, b)
}

// packed is a bundle with the certificate, the timestamps and the entries of the log, and without the signature.
func (a authority) packed(t *testing.T, entity verify.SignedEntity) *protobundle.Bundle {
	t.Helper()
	content, err := entity.VerificationContent()
	if err != nil {
		t.Fatal(err)
	}
	timestamps, err := entity.Timestamps()
	if err != nil {
		t.Fatal(err)
	}
	entries, err := entity.TlogEntries()
	if err != nil {
		t.Fatal(err)
	}
	material := &protobundle.VerificationMaterial{
		Content: &protobundle.VerificationMaterial_Certificate{
			Certificate: &protocommon.X509Certificate{RawBytes: content.Certificate().Raw},
		},
		TimestampVerificationData: &protobundle.TimestampVerificationData{},
	}
	for _, text := range timestamps {
		stamp := &protocommon.RFC3161SignedTimestamp{SignedTimestamp: text}
		material.TimestampVerificationData.Rfc3161Timestamps = append(material.TimestampVerificationData.Rfc3161Timestamps, stamp)
	}
	for _, entry := range entries {
		material.TlogEntries = append(material.TlogEntries, a.included(t, entry.TransparencyLogEntry()))
	}
	return &protobundle.Bundle{MediaType: bundleType, VerificationMaterial: material}
}

// included is an entry of the log with its kind, and with the proof that the log includes the entry.
func (a authority) included(t *testing.T, entry *protorekor.TransparencyLogEntry) *protorekor.TransparencyLogEntry {
	t.Helper()
	var body struct{ Kind, APIVersion string }
	if err := json.Unmarshal(entry.CanonicalizedBody, &body); err != nil {
		t.Fatal(err)
	}
	entry.KindVersion = &protorekor.KindVersion{Kind: body.Kind, Version: body.APIVersion}
	proof, err := a.GetInclusionProof(entry.CanonicalizedBody)
	if err != nil {
		t.Fatal(err)
	}
	hash, err := hex.DecodeString(*proof.RootHash)
	if err != nil {
		t.Fatal(err)
	}
	entry.InclusionProof = &protorekor.InclusionProof{
		LogIndex: *proof.LogIndex, RootHash: hash, TreeSize: *proof.TreeSize, Checkpoint: &protorekor.Checkpoint{Envelope: *proof.Checkpoint},
	}
	return entry
}

func encoded(t *testing.T, b *protobundle.Bundle) []byte {
	t.Helper()
	text, err := (&bundle.Bundle{Bundle: b}).MarshalJSON()
	if err != nil {
		t.Fatal(err)
	}
	return text
}
