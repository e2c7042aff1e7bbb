// Copyright The conversations-operator Authors
// SPDX-License-Identifier: Apache-2.0

package testbed

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"io"
	"strings"

	corev1 "k8s.io/api/core/v1"
	"k8s.io/apimachinery/pkg/apis/meta/v1/unstructured"
	"k8s.io/apimachinery/pkg/runtime"
	utilyaml "k8s.io/apimachinery/pkg/util/yaml"

	"github.com/conversations-operator/conversations-operator/api/v1alpha1"
)

// Samples are the objects of config/samples, as kustomize builds them.
type Samples struct {
	Secrets       []corev1.Secret
	Conversations []v1alpha1.Conversation
	// Others have any other kind.
	Others []unstructured.Unstructured
}

// Samples builds config/samples.
func (b *Bed) Samples(ctx context.Context) (*Samples, error) {
	text, err := b.Kubectl(ctx, "kustomize", "config/samples")
	if err != nil {
		return nil, err
	}
	s := &Samples{}
	for decoder := utilyaml.NewYAMLOrJSONDecoder(bytes.NewReader([]byte(text)), len(text)); ; {
		var o unstructured.Unstructured
		switch err := decoder.Decode(&o.Object); {
		case errors.Is(err, io.EOF):
			return s, nil
		case err != nil:
			return nil, fmt.Errorf("reading the samples: %w", err)
		}
		if err := s.add(o); err != nil {
			return nil, fmt.Errorf("reading the sample %s %s: %w", o.GetKind(), o.GetName(), err)
		}
	}
}

func (s *Samples) add(o unstructured.Unstructured) error {
	convert := runtime.DefaultUnstructuredConverter.FromUnstructured
	switch o.GetKind() {
	case "Secret":
		var secret corev1.Secret
		err := convert(o.Object, &secret)
		s.Secrets = append(s.Secrets, secret)
		return err
	case "Conversation":
		var conv v1alpha1.Conversation
		err := convert(o.Object, &conv)
		s.Conversations = append(s.Conversations, conv)
		return err
	}
	s.Others = append(s.Others, o)
	return nil
}

// Simulator is a simulator that has what the samples take for granted at Twilio: an account that their Secret opens, and
// the Conversation Services that they name.
func (s *Samples) Simulator() SimulatorOptions {
	var o SimulatorOptions
	for _, secret := range s.Secrets {
		if sid := secret.StringData["TWILIO_ACCOUNT_SID"]; sid != "" {
			o.Args = append(o.Args, "--account-sid="+sid)
			o.AuthToken = strings.TrimSpace(secret.StringData["TWILIO_AUTH_TOKEN"])
		}
	}
	for _, conv := range s.Conversations {
		if sid := conv.Spec.ChatServiceSID; sid != "" {
			o.Args = append(o.Args, "--service="+sid)
		}
	}
	return o
}
