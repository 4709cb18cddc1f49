package bench

import (
	"bufio"
	"context"
	"errors"
	"fmt"
	"io"
	"net"
	"net/http"
	"slices"
	"strconv"
	"strings"
	"time"
)

const (
	startTimeout = 30 * time.Second
	portTries    = 5
	// pollEvery is how exactly the time to ready is known.
	pollEvery = 500 * time.Microsecond
)

// errPortTaken: somebody was faster in taking the port that was free a moment ago.
var errPortTaken = errors.New("the port was taken")

// server is a process that answers on loopback: a Parlor, or the bare handler.
type server struct {
	*process
	url   string
	ready time.Duration // from its start to the first good answer of /readyz
}

// startServer runs args with a port of its own and returns when it is ready.
func startServer(ctx context.Context, exe string, env []string, args ...string) (*server, error) {
	var err error
	for range portTries {
		var addr string
		if addr, err = freePort(ctx); err != nil {
			return nil, err
		}
		var s *server
		if s, err = startServerAt(ctx, exe, env, addr, args); err == nil {
			return s, nil
		}
		if !errors.Is(err, errPortTaken) {
			break
		}
	}
	return nil, err
}

func startServerAt(ctx context.Context, exe string, env []string, addr string, args []string) (*server, error) {
	start := time.Now()
	p, err := startProcess(ctx, exe, env, append(args[:len(args):len(args)], "--listen", addr)...)
	if err != nil {
		return nil, err
	}
	s := &server{process: p, url: "http://" + addr}
	if err := s.waitReady(ctx); err != nil {
		if p.ended() && strings.Contains(p.said.String(), "address already in use") {
			return nil, errPortTaken
		}
		return nil, errors.Join(p.fate(err), p.stop())
	}
	s.ready = time.Since(start)
	return s, nil
}

func (s *server) waitReady(ctx context.Context) error {
	ctx, cancel := context.WithTimeout(ctx, startTimeout)
	defer cancel()
	for !s.ended() {
		if body, err := fetch(ctx, s.url+"/readyz"); err == nil {
			return body.Close()
		}
		select {
		case <-ctx.Done():
			return fmt.Errorf("it is not ready: %w", ctx.Err())
		case <-time.After(pollEvery):
		}
	}
	return errors.New("it ended before it was ready")
}

func freePort(ctx context.Context) (string, error) {
	ln, err := (&net.ListenConfig{}).Listen(ctx, "tcp", "127.0.0.1:0")
	if err != nil {
		return "", err
	}
	return ln.Addr().String(), ln.Close()
}

// cpuSeconds reads how much processor time a server has used.
func cpuSeconds(ctx context.Context, url string) (float64, error) {
	v, err := metrics(ctx, url, "process_cpu_seconds_total")
	if err != nil {
		return 0, err
	}
	return v[0], nil
}

// metrics reads those of a server's metrics that have these names and no labels.
func metrics(ctx context.Context, url string, names ...string) ([]float64, error) {
	body, err := fetch(ctx, url+"/metrics")
	if err != nil {
		return nil, err
	}
	defer body.Close()
	values, missing := make([]float64, len(names)), len(names)
	for lines := bufio.NewScanner(body); missing > 0 && lines.Scan(); {
		name, value, _ := strings.Cut(lines.Text(), " ")
		i := slices.Index(names, name)
		if i < 0 {
			continue
		}
		if values[i], err = strconv.ParseFloat(value, 64); err != nil {
			return nil, fmt.Errorf("/metrics: %w", err)
		}
		missing--
	}
	if missing > 0 {
		return nil, fmt.Errorf("/metrics does not show all of %s", strings.Join(names, ", "))
	}
	return values, nil
}

// fetch gets a page that must answer 200, over a connection that is not kept.
func fetch(ctx context.Context, url string) (io.ReadCloser, error) {
	req, err := http.NewRequestWithContext(ctx, http.MethodGet, url, nil)
	if err != nil {
		return nil, err
	}
	req.Close = true
	resp, err := http.DefaultTransport.RoundTrip(req)
	if err != nil {
		return nil, err
	}
	if resp.StatusCode != http.StatusOK {
		return nil, errors.Join(fmt.Errorf("%s: %s", url, resp.Status), resp.Body.Close())
	}
	return resp.Body, nil
}
