// Copyright The conversations-operator Authors
// SPDX-License-Identifier: Apache-2.0

// Package docs plays the README and the pages of docs: every manifest is applied, every command is run and every output
// is compared, section by section, against an API server, the operator and a simulated Twilio. It also compares the
// names that the pages explain with those of the code.
package docs

import (
	"testing"

	"github.com/go-logr/logr"
	ctrl "sigs.k8s.io/controller-runtime"
)

func TestPagesComeTrue(t *testing.T) {
	ctrl.SetLogger(logr.Discard())
	s := newTheatre(t)
	t.Run("flags of the manager", s.compareFlags)
	for _, path := range pages(t) {
		t.Run(short(path)+".md", func(t *testing.T) {
			for _, sec := range sections(read(t, path)) {
				if len(sec.blocks) == 0 {
					continue
				}
				t.Run(sec.title, func(t *testing.T) {
					c := s.newScene(t, path, sec.title)
					for _, b := range sec.blocks {
						if err := c.play(t.Context(), b); err != nil {
							c.show(t)
							t.Fatalf("line %d: %v", b.line, err)
						}
					}
				})
			}
		})
	}
}
