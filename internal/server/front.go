package server

import (
	"context"
	"fmt"
	"log/slog"
	"net"
	"net/http"
	"time"

	"parlor/internal/httpapi"
	"parlor/internal/hub"
	"parlor/internal/powertalk/socket"
)

// drainTime is over how long the sessions of a server that stops are ended: devices come
// back at once, and are not to come all at the same moment.
const drainTime = 2 * time.Second

// front is what the outside reaches.
type front struct {
	handler http.Handler
	hub     *hub.Hub
	sockets *socket.Handler
	waits   func() // ends the calls that wait for something to happen
	grace   time.Duration
	log     *slog.Logger
}

// serve answers calls until ctx ends. Then it accepts no more, ends the sessions, and waits
// for what is under way, all within the grace.
func (f *front) serve(ctx context.Context, ln net.Listener) error {
	srv := &http.Server{
		Handler:           f.handler,
		ReadHeaderTimeout: 10 * time.Second,
		ReadTimeout:       30 * time.Second,
		WriteTimeout:      120 * time.Second,
		IdleTimeout:       120 * time.Second,
		MaxHeaderBytes:    32 << 10,
		ErrorLog:          newErrorLog(f.log),
		ConnContext:       httpapi.ConnContext,
	}
	served := make(chan error, 1)
	go func() { served <- srv.Serve(httpapi.Watch(ln)) }() // ends with Shutdown or when the listener breaks
	select {
	case err := <-served:
		return fmt.Errorf("serve: %w", err)
	case <-ctx.Done():
	}
	grace, cancel := context.WithTimeout(context.WithoutCancel(ctx), f.grace)
	defer cancel()
	return f.stop(grace, srv)
}

// stop ends sessions and waits for requests under way, up to the end of grace.
func (f *front) stop(grace context.Context, srv *http.Server) error {
	drained := make(chan struct{})
	go func() { // ends within the grace
		defer close(drained)
		f.hub.StopAll(min(drainTime, f.grace/4))
		f.sockets.Wait(grace)
	}()
	f.waits()
	err := srv.Shutdown(grace)
	<-drained
	if err != nil {
		f.log.Warn("requests were cut off at the end of the grace", "error", err)
		return srv.Close()
	}
	return nil
}
