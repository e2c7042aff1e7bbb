// Copyright The conversations-operator Authors
// SPDX-License-Identifier: Apache-2.0

package export

import (
	"encoding/json"
	"errors"
	"fmt"
	"io/fs"
	"os"
)

// Progress is how far an export came. It is saved after each page, and says where the next one begins.
type Progress struct {
	// Request tells exports apart: only the same one can be continued.
	Request string `json:"request"`
	// Service is how many of the services are done.
	Service int `json:"service"`
	// NextPageURL is where the next page of the service is; empty: its first.
	NextPageURL string `json:"nextPageUrl,omitempty"`
	// Conversations and Pages are how many were written and read.
	Conversations int `json:"conversations"`
	Pages         int `json:"pages"`
	// Size is how long the file that grows was then, in bytes: what is behind that is written again.
	Size int64 `json:"size"`
}

// load reads what an earlier export saved; nil if there is nothing.
func load(path string) (*Progress, error) {
	text, err := os.ReadFile(path)
	if errors.Is(err, fs.ErrNotExist) {
		return nil, nil
	}
	if err != nil {
		return nil, fmt.Errorf("reading how far the export came: %w", err)
	}
	p := &Progress{}
	if err := json.Unmarshal(text, p); err != nil {
		return nil, fmt.Errorf("reading how far the export came, in %s: %w", path, err)
	}
	return p, nil
}

// save replaces what was saved before; a process that is killed meanwhile leaves the one or the other.
func (p *Progress) save(path string) error {
	text, err := json.MarshalIndent(p, "", "  ")
	if err != nil {
		return fmt.Errorf("saving how far the export came: %w", err)
	}
	next := path + ".next"
	if err := os.WriteFile(next, append(text, '\n'), 0o600); err != nil {
		return fmt.Errorf("saving how far the export came: %w", err)
	}
	if err := os.Rename(next, path); err != nil {
		return fmt.Errorf("saving how far the export came: %w", err)
	}
	return nil
}
