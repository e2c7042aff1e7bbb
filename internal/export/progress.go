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

// Progress says how far an export came, and where the next page begins. The export saves its progress after each page.
type Progress struct {
	// Request identifies the export: only an export with the same Request can continue from the progress.
	Request string `json:"request"`
	// Service is the number of finished services.
	Service int `json:"service"`
	// NextPageURL is the URL of the service's next page; empty: the first page is next.
	NextPageURL string `json:"nextPageUrl,omitempty"`
	// Conversations is the number of written conversations, and Pages the number of read pages.
	Conversations int `json:"conversations"`
	Pages         int `json:"pages"`
	// Size is the length of the output file after the last page, in bytes. A resumed export overwrites all later bytes.
	Size int64 `json:"size"`
}

// load reads the progress of an earlier export; nil: no progress is saved.
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

// save replaces the saved progress. A process killed meanwhile leaves either the old or the new progress.
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
