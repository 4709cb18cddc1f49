package natsbus

import (
	"context"
	"errors"
	"fmt"
	"log/slog"
	"math/rand/v2"
	"net"
	"net/url"
	"strings"
	"sync"
	"time"

	"github.com/nats-io/nats.go"
)

// connect opens the connection. Its error does not name the address.
func (b *Bus) connect(ctx context.Context, o Options) error {
	life, stop := context.WithCancel(context.WithoutCancel(ctx))
	b.stopDial = stop
	d := &dialer{life: life}

	type result struct {
		nc  *nats.Conn
		err error
	}
	connected := make(chan result, 1)
	go func() { // ends soon after stop, which breaks off dialling
		nc, err := nats.Connect(o.URL, b.options(o, d)...)
		connected <- result{nc, err}
	}()

	ctx, cancel := context.WithTimeout(ctx, openTimeout)
	defer cancel()
	select {
	case r := <-connected:
		if r.err == nil {
			return b.greet(r.nc)
		}
		stop()
		if why := d.lastError(); why != nil && errors.Is(r.err, nats.ErrNoServers) {
			return why // ErrNoServers hides why
		}
		return r.err
	case <-ctx.Done():
		b.out.close() // so that nothing is logged
		stop()
		go func() { // ends with the one above
			if r := <-connected; r.err == nil {
				r.nc.Close()
			}
		}()
		return fmt.Errorf("no answer: %w", ctx.Err())
	}
}

// greet sends the first beat, by which the others know this node before its first
// message.
func (b *Bus) greet(nc *nats.Conn) error {
	b.nc = nc
	b.fine(time.Now())
	b.send(header{kindBeat, b.out.node, 0}.encode(nil))
	if err := allowed(nc); err != nil {
		b.out.close() // so that nothing is logged
		b.stopDial()
		nc.Close()
		return err
	}
	return nil
}

func (b *Bus) options(o Options, d *dialer) []nats.Option {
	return []nats.Option{
		nats.Name(o.Name),
		nats.NoEcho(),
		nats.Timeout(3 * time.Second),
		// The dialer resolves names itself, and can be stopped doing so.
		nats.SetCustomDialer(d), nats.SkipHostLookup(),
		nats.MaxReconnects(-1),
		nats.CustomReconnectDelay(reconnectDelay),
		// A server that is being set up anew may refuse us for a while.
		nats.IgnoreAuthErrorAbort(),
		nats.PingInterval(2 * time.Second), nats.MaxPingsOutstanding(2),
		// While a write hangs, nats.go does not notice that pings are not answered.
		nats.FlusherTimeout(flushTimeout), nats.ReconnectOnFlusherError(),
		// Hints that are late are worth less than a catch-up that is complete.
		nats.ReconnectBufSize(-1),
		nats.DisconnectErrHandler(b.onDisconnect),
		nats.ReconnectHandler(b.onReconnect),
		nats.ErrorHandler(b.onError),
		nats.ClosedHandler(func(nc *nats.Conn) {
			if !b.out.isClosed() {
				b.connected.Store(false)
				b.log.Error("NATS has refused the connection for good; restart this node", "error", nc.LastError())
			}
			close(b.closed)
		}),
	}
}

func (b *Bus) onDisconnect(_ *nats.Conn, err error) {
	if b.out.isClosed() {
		return
	}
	b.connected.Store(false)
	b.log.Warn("connection to NATS lost", "error", err)
}

func (b *Bus) onReconnect(nc *nats.Conn) {
	b.log.Info("connected to NATS again", "url", maskURLs(nc.ConnectedUrl()))
	select {
	case b.kick <- struct{}{}:
	default:
	}
}

func (b *Bus) onError(_ *nats.Conn, _ *nats.Subscription, err error) {
	if errors.Is(err, nats.ErrSlowConsumer) {
		b.peers.discarded(b.lastFine())
	}
	level := slog.LevelError
	if _, broken := errors.AsType[net.Error](err); broken {
		level = slog.LevelWarn // as for the connection's end, which follows
	}
	b.log.Log(context.Background(), level, "NATS reports an error", "error", err)
}

// reconnectDelay is how long to wait once all servers have been tried for the nth time:
// up to 2 s, and spread, so that a restarted server is not met by all nodes at once.
func reconnectDelay(n int) time.Duration {
	ceiling := min(250*time.Millisecond<<min(n-1, 3), 2*time.Second)
	return 250*time.Millisecond/2 + rand.N(ceiling) // #nosec G404 -- nothing secret about it
}

// dialer dials for as long as the bus lives, and remembers why it failed.
type dialer struct {
	life context.Context

	mu   sync.Mutex
	last error
}

func (d *dialer) Dial(network, address string) (net.Conn, error) {
	conn, err := (&net.Dialer{Timeout: 3 * time.Second}).DialContext(d.life, network, address)
	d.mu.Lock()
	defer d.mu.Unlock()
	d.last = err
	return conn, err
}

func (d *dialer) lastError() error {
	d.mu.Lock()
	defer d.mu.Unlock()
	return d.last
}

// checkURLs says what is wrong with a list of addresses, without quoting it: nats.go and
// net/url would show the password.
func checkURLs(list string) error {
	for i, s := range strings.Split(list, ",") {
		u, err := url.Parse(strings.TrimSpace(s))
		switch {
		case err != nil || u.Hostname() == "":
			return fmt.Errorf("address %d is none: want nats://user:password@host:port", i+1)
		case u.Scheme != "nats" && u.Scheme != "tls":
			return fmt.Errorf("address %d begins with %q: want nats:// or tls://", i+1, u.Scheme)
		case strings.Contains(u.Path+u.RawQuery+u.Fragment, "@"):
			return fmt.Errorf("address %d has a password with a bare / ? or #: write them as %%2F, %%3F and %%23", i+1)
		}
	}
	return nil
}

// maskURLs returns a list of valid addresses without what is secret in them.
func maskURLs(list string) string {
	var masked []string
	for _, s := range strings.Split(list, ",") {
		u, err := url.Parse(strings.TrimSpace(s))
		if err != nil {
			continue
		}
		masked = append(masked, u.Scheme+"://"+u.Host) // a lone user name is a token
	}
	return strings.Join(masked, ",")
}
