// Copyright The conversations-operator Authors
// SPDX-License-Identifier: Apache-2.0

package simulator

import (
	"context"
	"errors"
	"fmt"
	"net"
	"net/http"
	"time"
)

// headerTimeout is how long a client may take to send the headers of a request.
const headerTimeout = 10 * time.Second

// Server is a simulator with its HTTP servers.
type Server struct {
	*Simulator
	// URL is the address of the API, and ControlURL the address of the control port, both without a slash at the end.
	URL, ControlURL string

	api, control *http.Server
}

// Start creates a simulator and serves its API on Options.Address and its control port on Options.ControlAddress.
func Start(o Options) (*Server, error) {
	o = o.withDefaults()
	if err := o.check(); err != nil {
		return nil, err
	}
	var lc net.ListenConfig
	api, err := lc.Listen(context.Background(), "tcp", o.Address)
	if err != nil {
		return nil, fmt.Errorf("listening for the API: %w", err)
	}
	control, err := lc.Listen(context.Background(), "tcp", o.ControlAddress)
	if err != nil {
		return nil, errors.Join(fmt.Errorf("listening for the control port: %w", err), api.Close())
	}
	s := &Server{
		Simulator: New(o), URL: "http://" + api.Addr().String(), ControlURL: "http://" + control.Addr().String(),
	}
	s.api = &http.Server{Handler: s.Simulator, ReadHeaderTimeout: headerTimeout}
	s.control = &http.Server{Handler: s.ControlHandler(), ReadHeaderTimeout: headerTimeout}
	// Serve always returns an error when the server is closed.
	go func() { _ = s.api.Serve(api) }()
	go func() { _ = s.control.Serve(control) }()
	return s, nil
}

// Close closes the server and the simulator at once, and breaks every connection.
func (s *Server) Close() {
	s.Simulator.Close()
	_ = s.api.Close()
	_ = s.control.Close()
}

// Shutdown closes the server once the running requests are answered, or when ctx ends.
func (s *Server) Shutdown(ctx context.Context) error {
	defer s.Close()
	return errors.Join(s.api.Shutdown(ctx), s.control.Shutdown(ctx))
}
