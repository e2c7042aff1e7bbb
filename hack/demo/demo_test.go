// Copyright The conversations-operator Authors
// SPDX-License-Identifier: Apache-2.0

package main

import (
	"strings"
	"testing"
	"time"

	"github.com/go-logr/logr"
	ctrl "sigs.k8s.io/controller-runtime"
)

func TestDemoComesTrue(t *testing.T) {
	ctrl.SetLogger(logr.Discard())
	var out strings.Builder
	d := &demo{out: &out, start: time.Now(), logs: t.TempDir()}
	t.Cleanup(func() {
		if d.Stage == nil {
			return
		}
		if err := d.Close(); err != nil {
			t.Error(err)
		}
	})
	if err := d.run(t.Context()); err != nil {
		t.Errorf("%v; it showed:\n%s", err, &out)
	}
}
