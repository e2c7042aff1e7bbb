// Copyright The conversations-operator Authors
// SPDX-License-Identifier: Apache-2.0

package account

import (
	"crypto/sha256"
	"encoding/binary"
	"maps"
	"slices"

	corev1 "k8s.io/api/core/v1"

	"github.com/conversations-operator/conversations-operator/api/v1alpha1"
	"github.com/conversations-operator/conversations-operator/internal/tenancy"
)

// versionOf tells contents of the Secret apart without holding the content.
func versionOf(acct tenancy.Account, secret *corev1.Secret) Version {
	spec := acct.CommonSpec()
	return Version{
		secret:  v1alpha1.CredentialsStatus{SecretUID: secret.UID, SecretResourceVersion: secret.ResourceVersion},
		content: digest(secret), Region: tenancy.RegionOf(acct), edge: spec.Edge,
	}
}

// digest of a Secret's content.
func digest(secret *corev1.Secret) (sum [sha256.Size]byte) {
	h := sha256.New()
	for _, key := range slices.Sorted(maps.Keys(secret.Data)) {
		for _, part := range [][]byte{[]byte(key), secret.Data[key]} {
			_ = binary.Write(h, binary.BigEndian, uint64(len(part)))
			_, _ = h.Write(part)
		}
	}
	return [sha256.Size]byte(h.Sum(nil))
}

// Version tells apart all values from which a client is made.
type Version struct {
	// secret is the version of the Secret in which this process saw the content first.
	secret v1alpha1.CredentialsStatus
	// content is a digest. The digest leaves this process as little as the content does.
	content      [sha256.Size]byte
	Region, edge string
}
