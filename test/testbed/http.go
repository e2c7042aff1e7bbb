// Copyright The conversations-operator Authors
// SPDX-License-Identifier: Apache-2.0

package testbed

import (
	"context"
	"fmt"
	"io"
	"net"
	"net/http"
)

// httpClient waits as long as [process.await] does.
var httpClient = &http.Client{Timeout: startTimeout}

// freeAddresses are n addresses of 127.0.0.1 that nobody listens on.
func freeAddresses(ctx context.Context, n int) ([]string, error) {
	var lc net.ListenConfig
	var out []string
	for range n {
		l, err := lc.Listen(ctx, "tcp", "127.0.0.1:0")
		if err != nil {
			return nil, fmt.Errorf("finding a free port: %w", err)
		}
		// Not before all are found: a port that is free again may be found again.
		defer l.Close()
		out = append(out, l.Addr().String())
	}
	return out, nil
}

// get copies the body of a good answer.
func get(ctx context.Context, url string, to io.Writer) error {
	req, err := http.NewRequestWithContext(ctx, http.MethodGet, url, nil)
	if err != nil {
		return err
	}
	return send(req, to)
}

// send copies the body of a good answer; another is an error.
func send(req *http.Request, to io.Writer) error {
	resp, err := httpClient.Do(req)
	if err != nil {
		return err
	}
	defer resp.Body.Close()
	if resp.StatusCode/100 != 2 {
		body, _ := io.ReadAll(io.LimitReader(resp.Body, 1<<10))
		return fmt.Errorf("%s %s: %s: %s", req.Method, req.URL, resp.Status, body)
	}
	_, err = io.Copy(to, resp.Body)
	return err
}
