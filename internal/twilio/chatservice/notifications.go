// Copyright The conversations-operator Authors
// SPDX-License-Identifier: Apache-2.0

package chatservice

import "github.com/conversations-operator/conversations-operator/internal/twilio"

// NotificationsOf answers the push notifications of the service with the SID.
func NotificationsOf(c *twilio.Client, serviceSID string) twilio.Singleton[*Notifications, NotificationsParams] {
	return twilio.NewSingleton[*Notifications, NotificationsParams](
		c, "ServiceNotification", "a service's notifications", serviceSID, "Configuration", "Notifications")
}

// Notifications are the push notifications of a service.
type Notifications struct {
	twilio.Meta
	owner

	LogEnabled              bool         `json:"log_enabled"`
	NewMessage              Notification `json:"new_message"`
	AddedToConversation     Notification `json:"added_to_conversation"`
	RemovedFromConversation Notification `json:"removed_from_conversation"`
}

// Notification is the push notification about one kind of event. A field which Twilio left out is empty or false.
type Notification struct {
	Enabled  bool   `json:"enabled"`
	Template string `json:"template"`
	Sound    string `json:"sound"`
	// BadgeCountEnabled and WithMedia are of new messages only.
	BadgeCountEnabled bool              `json:"badge_count_enabled"`
	WithMedia         MediaNotification `json:"with_media"`
}

// MediaNotification is what is told of messages with media.
type MediaNotification struct {
	Enabled  bool   `json:"enabled"`
	Template string `json:"template"`
}

// Valid is false for JSON which can't be a service's notifications.
func (n *Notifications) Valid() bool { return n != nil && n.valid() }

// NotificationsParams are the parameters of an update. A nil parameter is not sent and changes no value; an empty template
// or sound clears it.
type NotificationsParams struct {
	LogEnabled *bool `form:"LogEnabled"`

	NewMessageEnabled           *bool   `form:"NewMessage.Enabled"`
	NewMessageTemplate          *string `form:"NewMessage.Template"`
	NewMessageSound             *string `form:"NewMessage.Sound"`
	NewMessageBadgeCountEnabled *bool   `form:"NewMessage.BadgeCountEnabled"`
	NewMessageWithMediaEnabled  *bool   `form:"NewMessage.WithMedia.Enabled"`
	NewMessageWithMediaTemplate *string `form:"NewMessage.WithMedia.Template"`

	AddedToConversationEnabled  *bool   `form:"AddedToConversation.Enabled"`
	AddedToConversationTemplate *string `form:"AddedToConversation.Template"`
	AddedToConversationSound    *string `form:"AddedToConversation.Sound"`

	RemovedFromConversationEnabled  *bool   `form:"RemovedFromConversation.Enabled"`
	RemovedFromConversationTemplate *string `form:"RemovedFromConversation.Template"`
	RemovedFromConversationSound    *string `form:"RemovedFromConversation.Sound"`
}
