package s3

import (
	"context"
	"net"
	"net/http"
	"time"
)

const (
	connectTimeout = 5 * time.Second
	// maxConns bounds the connections to the store; more calls wait for one.
	maxConns = 256
)

// newTransport makes connections that fail once they bring nothing for as long as stall: in neither
// direction, so that it also bounds the wait for an answer's first byte.
func newTransport(stall time.Duration) *http.Transport {
	dialer := &net.Dialer{Timeout: connectTimeout}
	return &http.Transport{
		Proxy: http.ProxyFromEnvironment,
		DialContext: func(ctx context.Context, network, address string) (net.Conn, error) {
			conn, err := dialer.DialContext(ctx, network, address)
			if err != nil {
				return nil, err
			}
			return stallConn{conn, stall}, nil
		},
		TLSHandshakeTimeout: connectTimeout,
		MaxConnsPerHost:     maxConns,
		MaxIdleConnsPerHost: 16,
		IdleConnTimeout:     stall / 2, // before it counts as stalled
		DisableCompression:  true,      // content is stored as it came
	}
}

// stallConn is a connection that has to move.
type stallConn struct {
	net.Conn
	stall time.Duration
}

// Read waits for stall.
func (c stallConn) Read(b []byte) (int, error) {
	if err := c.SetReadDeadline(time.Now().Add(c.stall)); err != nil {
		return 0, err
	}
	return c.Conn.Read(b)
}

// Write waits for stall. While something is sent, no answer is due yet.
func (c stallConn) Write(b []byte) (int, error) {
	if err := c.SetDeadline(time.Now().Add(c.stall)); err != nil {
		return 0, err
	}
	return c.Conn.Write(b)
}
