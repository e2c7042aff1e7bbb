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

// headerTimeout keeps connections that never ask anything from staying.
const headerTimeout = 10 * time.Second

// Server is a simulator that listens.
type Server struct {
	*Simulator
	// URL of the API and ControlURL of the control port, without a slash at the end.
	URL, ControlURL string

	api, control *http.Server
}

// Start makes a simulator and serves it on Options.Address and Options.ControlAddress.
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
	// Serve always ends with an error: that the server was closed.
	go func() { _ = s.api.Serve(api) }()
	go func() { _ = s.control.Serve(control) }()
	return s, nil
}

// Close ends the server at once, breaking every connection, and with it the simulator.
func (s *Server) Close() {
	s.Simulator.Close()
	_ = s.api.Close()
	_ = s.control.Close()
}

// Shutdown ends the server once the requests under way are answered, or at the end of the context.
func (s *Server) Shutdown(ctx context.Context) error {
	defer s.Close()
	return errors.Join(s.api.Shutdown(ctx), s.control.Shutdown(ctx))
}
