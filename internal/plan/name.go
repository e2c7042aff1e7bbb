// Copyright The conversations-operator Authors
// SPDX-License-Identifier: Apache-2.0

package plan

import (
	"crypto/sha256"
	"encoding/base32"
	"encoding/binary"
	"strings"
)

// GeneratedPrefix begins every unique name made by the operator. spec.uniqueName may not begin with the prefix, so an
// operator made each conversation with a generated name.
const GeneratedPrefix = "k8s."

// maxGenerated is the length which Twilio documents for a unique name on create (64, Chat v2 reference); the
// Conversations reference names no other length.
const maxGenerated = 64

var nameHash = base32.NewEncoding("abcdefghijklmnopqrstuvwxyz234567").WithPadding(base32.NoPadding)

// GeneratedName is the unique name of the conversation of the object namespace/name in the named cluster: "k8s.", eight
// characters which stand for the cluster, a readable part, and 128 bits of a hash over all three. The name is the same
// wherever and whenever computed, so a rebuilt cluster finds its conversations again.
func GeneratedName(cluster, namespace, name string) string {
	sum := sha256.New()
	for _, part := range []string{cluster, namespace, name} {
		// Lengths keep "a-b"/"c" and "a"/"b-c" apart.
		_ = binary.Write(sum, binary.BigEndian, uint64(len(part)))
		sum.Write([]byte(part))
	}
	hash := nameHash.EncodeToString(sum.Sum(nil)[:16])
	head := GeneratedClusterPrefix(cluster)
	readable := safe(namespace + "-" + name)
	// The hash makes the name unique, so the readable part may lose its end.
	if room := maxGenerated - len(head) - len(hash) - 1; len(readable) > room {
		readable = readable[:room]
	}
	return head + strings.TrimRight(readable, ".-") + "." + hash
}

// GeneratedClusterPrefix begins every name that GeneratedName makes for the named cluster.
func GeneratedClusterPrefix(cluster string) string {
	sum := sha256.Sum256([]byte(cluster))
	return GeneratedPrefix + nameHash.EncodeToString(sum[:5]) + "."
}

// safe keeps [A-Za-z0-9._-] and turns every other character into "-".
func safe(s string) string {
	return strings.Map(func(r rune) rune {
		switch {
		case r >= 'a' && r <= 'z', r >= 'A' && r <= 'Z', r >= '0' && r <= '9', r == '.', r == '_', r == '-':
			return r
		}
		return '-'
	}, s)
}
