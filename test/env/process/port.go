package process

import (
	"context"
	"crypto/rand"
	"fmt"
	"math/big"
	"net"
	"strconv"
)

// PortAttempts is how many ports a program is started on, one after the other, when they are taken.
const PortAttempts = 10

// Ports are drawn from below the range that Linux gives to outgoing connections, so that none of those can take
// a stopped program's port before it comes back.
const minPort, maxPort = 12000, 32000

// FreePort returns a loopback port that nobody listens on. Somebody may before the program does.
func FreePort(ctx context.Context) (int, error) {
	var last error
	for range PortAttempts {
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
