// Copyright The conversations-operator Authors
// SPDX-License-Identifier: Apache-2.0

package v1alpha1

// Recorded tells whether the status was written for this object. A status that was copied or restored from another
// object was not, and says nothing of this one. A status without a UID was written by a version that recorded none; it
// counts as this object's until the operator writes it again.
func (c *Conversation) Recorded() bool {
	return c.Status.ObjectUID == "" || c.Status.ObjectUID == c.UID
}

// OwnSID is the sid of the conversation that the operator recorded for this object; empty where there is none.
func (c *Conversation) OwnSID() string {
	if !c.Recorded() {
		return ""
	}
	return c.Status.SID
}
