package push

import (
	"crypto/tls"
	"crypto/x509"
	"errors"
	"io"
	"net"
	"net/http"
	"net/url"
	"strconv"
	"strings"
	"syscall"
	"time"
)

// Dial says how vendors are reached.
type Dial struct {
	// Roots are whose certificates are believed; nil are those of the machine.
	Roots *x509.CertPool
	// Control, if set, may refuse an address before it is connected to.
	Control func(network, address string, c syscall.RawConn) error
	// Direct passes over the proxy that the environment names: it would do the connecting.
	Direct bool
}

// Client returns a client whose calls, redirects not followed, take Timeout at most.
func (d Dial) Client() *http.Client {
	t := &http.Transport{
		Proxy:                 http.ProxyFromEnvironment,
		DialContext:           (&net.Dialer{Timeout: Timeout, KeepAlive: 30 * time.Second, Control: d.Control}).DialContext,
		TLSClientConfig:       &tls.Config{RootCAs: d.Roots, MinVersion: tls.VersionTLS12},
		ForceAttemptHTTP2:     true,
		MaxIdleConns:          100,
		MaxIdleConnsPerHost:   4,
		MaxConnsPerHost:       32, // HTTP/2 needs few; a vendor without it is not to be flooded
		IdleConnTimeout:       10 * time.Minute,
		TLSHandshakeTimeout:   Timeout,
		ResponseHeaderTimeout: Timeout,
		// A connection that died silently must not swallow every call up to its timeout.
		HTTP2: &http.HTTP2Config{SendPingTimeout: 30 * time.Second, PingTimeout: 5 * time.Second},
	}
	if d.Direct {
		t.Proxy = nil
	}
	return &http.Client{
		Transport: t, Timeout: Timeout,
		CheckRedirect: func(*http.Request, []*http.Request) error { return http.ErrUseLastResponse },
	}
}

// maxAnswer bounds what is read of an answer.
const maxAnswer = 16 << 10

// Body reads an answer to its end, or as far as is of any use. Whoever has it closes it.
func Body(resp *http.Response) []byte {
	b, _ := io.ReadAll(io.LimitReader(resp.Body, maxAnswer)) // half an answer tells more than none
	return b
}

// Unreached is the result of a call that got no answer. The error's address is left out: that of
// a browser is a secret, and that of an app's device stands in some vendors' paths.
func Unreached(err error) Result {
	if inner := (*url.Error)(nil); errors.As(err, &inner) {
		err = inner.Err
	}
	return Result{Outcome: Later, Reason: "not reached: " + err.Error()}
}

// maxWait bounds what a vendor may ask for.
const maxWait = 24 * time.Hour

// RetryAfter reads a Retry-After header, in seconds or as a date; 0 where there is none.
func RetryAfter(h http.Header, now time.Time) time.Duration {
	v := h.Get("Retry-After")
	if seconds, err := strconv.Atoi(v); err == nil {
		return min(max(time.Duration(min(seconds, 1<<20))*time.Second, 0), maxWait)
	}
	if at, err := http.ParseTime(v); err == nil {
		return min(max(at.Sub(now), 0), maxWait)
	}
	return 0
}

// maxReason bounds a vendor's word, in bytes.
const maxReason = 200

// Word is what a vendor said, fit for a log: one short line.
func Word(s string) string {
	s = strings.Join(strings.Fields(strings.ToValidUTF8(s, "?")), " ")
	if len(s) > maxReason {
		s = strings.ToValidUTF8(s[:maxReason], "") + " …"
	}
	return s
}
