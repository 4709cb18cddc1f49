package pgtest

import (
	"context"
	"crypto/rand"
	"errors"
	"fmt"
	"math/big"
	"net"
	"strconv"
)

const (
	// Ports are drawn from below the range that Linux gives to outgoing
	// connections, so that none of those can take a stopped server's port
	// before it comes back.
	minPort, maxPort = 20000, 32000
	portAttempts     = 10
)

// errPortTaken tells Start to try again on another port.
var errPortTaken = errors.New("port is taken")

// freePort returns a loopback port that nobody listens on.
func freePort(ctx context.Context) (int, error) {
	var last error
	for range portAttempts {
		n, err := rand.Int(rand.Reader, big.NewInt(maxPort-minPort))
		if err != nil {
			return 0, err
		}
		port := minPort + int(n.Int64())
		l, err := new(net.ListenConfig).Listen(ctx, "tcp4", net.JoinHostPort("127.0.0.1", strconv.Itoa(port)))
		if err != nil {
			last = err
			continue
		}
		return port, l.Close()
	}
	return 0, fmt.Errorf("no free port between %d and %d: %w", minPort, maxPort, last)
}
