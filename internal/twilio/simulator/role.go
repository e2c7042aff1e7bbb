// Copyright The conversations-operator Authors
// SPDX-License-Identifier: Apache-2.0

package simulator

import "slices"

// Role is one of the four roles with which a Conversation Service is born.
type Role struct {
	SID          string   `json:"sid"`
	FriendlyName string   `json:"friendlyName"`
	Type         string   `json:"type"`
	Permissions  []string `json:"permissions"`
}

// The types of roles.
const (
	roleConversation = "conversation"
	roleService      = "service"
)

// bornRoles are the roles of every new service, in the words of Twilio's older Chat.
var bornRoles = []Role{
	{FriendlyName: "service admin", Type: roleService, Permissions: []string{
		"addParticipant", "createConversation", "deleteAnyMessage", "deleteConversation", "editAnyMessage", "editAnyMessageAttributes",
		"editAnyUserInfo", "editConversationAttributes", "editConversationName", "joinConversation", "removeParticipant",
	}},
	{FriendlyName: "service user", Type: roleService, Permissions: []string{"createConversation", "editOwnUserInfo", "joinConversation"}},
	{FriendlyName: "channel admin", Type: roleConversation, Permissions: []string{
		"addParticipant", "deleteAnyMessage", "deleteConversation", "editAnyMessage", "editAnyMessageAttributes",
		"editAnyParticipantAttributes", "editConversationAttributes", "editConversationName", "editNotificationLevel",
		"leaveConversation", "removeParticipant", "sendMediaMessage", "sendMessage",
	}},
	{FriendlyName: "channel user", Type: roleConversation, Permissions: []string{
		"deleteOwnMessage", "editOwnMessage", "leaveConversation", "sendMediaMessage", "sendMessage",
	}},
}

// birth gives a new service its roles and the defaults that point at them.
func (v *service) birth() {
	for _, role := range bornRoles {
		role.SID, role.Permissions = newSID("RL"), slices.Clone(role.Permissions)
		v.roles = append(v.roles, role)
	}
	v.configuration = ServiceConfiguration{
		ServiceRoleSID: v.roles[1].SID, CreatorRoleSID: v.roles[2].SID, ConversationRoleSID: v.roles[3].SID,
	}
}

// roleOf returns the type of a role of the service, or "" for a SID that is none.
func (v *service) roleOf(sid string) string {
	for _, role := range v.roles {
		if role.SID == sid {
			return role.Type
		}
	}
	return ""
}
