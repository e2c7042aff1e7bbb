// Copyright The conversations-operator Authors
// SPDX-License-Identifier: Apache-2.0

// Package crd holds the CustomResourceDefinitions as make manifests writes them.
package crd

import _ "embed"

// Conversations is the CustomResourceDefinition of Conversation, as YAML.
//
//go:embed bases/twilio-operator.dev_conversations.yaml
var Conversations []byte
