// Copyright The conversations-operator Authors
// SPDX-License-Identifier: Apache-2.0

package simulator

import (
	"net/http"
	"net/url"
)

// Notifications are the push notifications of a Conversation Service, as the API answers them. What was never set is nil.
type Notifications struct {
	LogEnabled bool         `json:"log_enabled"`
	NewMessage Notification `json:"new_message"`
	Added      Notification `json:"added_to_conversation"`
	Removed    Notification `json:"removed_from_conversation"`
}

// Notification is the push notification about one kind of event.
type Notification struct {
	Enabled    bool               `json:"enabled"`
	Template   *string            `json:"template,omitempty"`
	Sound      *string            `json:"sound,omitempty"`
	BadgeCount *bool              `json:"badge_count_enabled,omitempty"`
	WithMedia  *MediaNotification `json:"with_media,omitempty"`
}

// MediaNotification is the push notification about messages with media.
type MediaNotification struct {
	Enabled  *bool   `json:"enabled,omitempty"`
	Template *string `json:"template,omitempty"`
}

type notificationsAnswer struct {
	AccountSID string `json:"account_sid"`
	ServiceSID string `json:"chat_service_sid"`
	Notifications
	URL string `json:"url"`
}

func (s *Simulator) fetchServiceNotifications(x *exchange, v *service) reply {
	return answer(http.StatusOK, v.sid, notificationsAnswer{
		AccountSID: x.tenant.sid, ServiceSID: v.sid, Notifications: v.notifications, URL: v.address(x) + "/Configuration/Notifications",
	})
}

func (s *Simulator) updateServiceNotifications(x *exchange, v *service) reply {
	next := v.notifications
	if err := next.apply(x.form); err != nil {
		return refuse(err)
	}
	v.notifications = next
	return s.fetchServiceNotifications(x, v)
}

func (n *Notifications) apply(form url.Values) *apiError {
	if form.Has("LogEnabled") {
		if err := parseBool("LogEnabled", form.Get("LogEnabled"), &n.LogEnabled); err != nil {
			return err
		}
	}
	for key, group := range map[string]*Notification{
		"NewMessage.": &n.NewMessage, "AddedToConversation.": &n.Added, "RemovedFromConversation.": &n.Removed,
	} {
		if err := group.apply(form, key); err != nil {
			return err
		}
	}
	var media MediaNotification
	if m := n.NewMessage.WithMedia; m != nil {
		media = *m
	}
	if err := setBool(form, "NewMessage.WithMedia.Enabled", &media.Enabled); err != nil {
		return err
	}
	setText(form, "NewMessage.WithMedia.Template", &media.Template)
	if media != (MediaNotification{}) {
		n.NewMessage.WithMedia = &media
	}
	return setBool(form, "NewMessage.BadgeCountEnabled", &n.NewMessage.BadgeCount)
}

func (n *Notification) apply(form url.Values, prefix string) *apiError {
	if key := prefix + "Enabled"; form.Has(key) {
		if err := parseBool(key, form.Get(key), &n.Enabled); err != nil {
			return err
		}
	}
	setText(form, prefix+"Template", &n.Template)
	setText(form, prefix+"Sound", &n.Sound)
	return nil
}

func setText(form url.Values, key string, to **string) {
	if form.Has(key) {
		*to = new(form.Get(key))
	}
}

func setBool(form url.Values, key string, to **bool) *apiError {
	if !form.Has(key) {
		return nil
	}
	var b bool
	if err := parseBool(key, form.Get(key), &b); err != nil {
		return err
	}
	*to = &b
	return nil
}
