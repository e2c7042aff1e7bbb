// Copyright The conversations-operator Authors
// SPDX-License-Identifier: Apache-2.0

package twilio

import (
	"context"
	"net/http"
	"slices"

	"github.com/conversations-operator/conversations-operator/internal/twilio/form"
)

// Singleton is a resource which is born and dies with what it belongs to. P is the struct of its parameters, for [form.Encode].
type Singleton[R Resource, P any] struct {
	client    *Client
	noun, key string
	name      string
	path      []string
}

// NewSingleton answers the singleton of the service with the SID, at a path below the service. Noun ends the names of its
// operations in Twilio's OpenAPI document, and name is what errors call the singleton.
func NewSingleton[R Resource, P any](c *Client, noun, name, serviceSID string, path ...string) Singleton[R, P] {
	return Singleton[R, P]{client: c, noun: noun, name: name, key: serviceSID, path: slices.Concat([]string{"Services", serviceSID}, path)}
}

// Fetch answers the singleton; [ErrNotFound] if Twilio does not have what the singleton belongs to.
func (s Singleton[R, P]) Fetch(ctx context.Context) (R, error) {
	return s.send(ctx, request{operation: "Fetch" + s.noun, method: http.MethodGet})
}

// Update changes the set fields of p, with one POST, and answers the singleton after the change; [ErrNotFound] if Twilio
// does not have what the singleton belongs to.
func (s Singleton[R, P]) Update(ctx context.Context, p P) (R, error) {
	return s.send(ctx, request{operation: "Update" + s.noun, method: http.MethodPost, form: form.Encode(p)})
}

func (s Singleton[R, P]) send(ctx context.Context, r request) (answered R, err error) {
	a, err := s.client.sendTo(ctx, s.name, s.path, r)
	if err != nil {
		return answered, err
	}
	return readOf[R](a, s.name, s.key)
}
