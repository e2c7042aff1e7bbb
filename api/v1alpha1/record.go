// Copyright The conversations-operator Authors
// SPDX-License-Identifier: Apache-2.0

package v1alpha1

// Recorded reports whether the operator wrote the status for this object. A status that was copied or restored from
// another object says nothing about this object. A status without a UID was written by a version that recorded no UID,
// and counts as the status of this object until the operator writes the status again.
func (c *Conversation) Recorded() bool {
	return c.Status.ObjectUID == "" || c.Status.ObjectUID == c.UID
}

// OwnSID returns the sid of the conversation that the operator recorded for this object, or "" if the operator recorded
// none for this object.
func (c *Conversation) OwnSID() string {
	if !c.Recorded() {
		return ""
	}
	return c.Status.SID
}
