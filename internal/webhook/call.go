package webhook

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"io"
	"net"
	"net/http"
	"net/url"
	"strconv"
	"strings"
	"time"

	"code.dny.dev/ssrf"

	"parlor/internal/chat"
)

const (
	// callTime bounds one call, from dialling to the end of its answer.
	callTime = 15 * time.Second
	// bodyTime bounds how long the body of an answer that says success is waited for: it says nothing more.
	bodyTime = time.Second
	// maxAnswer is how much is read of an answer, in bytes.
	maxAnswer = 4 << 10
	// maxRetryAfter bounds what a target may ask for.
	maxRetryAfter = 24 * time.Hour
)

// UserAgent is what calls say they are made by.
const UserAgent = "Parlor-Webhooks/1"

// newClient returns what calls are made with. With private it reaches addresses in private networks,
// too. Redirects are not followed: the one who answers is the one who was registered.
func newClient(private bool) *http.Client {
	dialer := &net.Dialer{Timeout: 5 * time.Second, KeepAlive: 30 * time.Second}
	t := &http.Transport{
		DialContext: dialer.DialContext, ForceAttemptHTTP2: true,
		// No bound by host: behind one there may be the targets of many, and each webhook has its own.
		MaxIdleConns: 1024, MaxIdleConnsPerHost: 128,
		IdleConnTimeout: time.Minute, TLSHandshakeTimeout: 5 * time.Second,
		ResponseHeaderTimeout: callTime, MaxResponseHeaderBytes: 16 << 10,
		// A connection that died silently must not swallow every call until the kernel gives it up.
		HTTP2: &http.HTTP2Config{SendPingTimeout: callTime / 2, PingTimeout: callTime / 3},
	}
	if !private { // after the name was resolved, so that a name cannot lead inside; and not by way of a proxy
		dialer.Control = ssrf.New(ssrf.WithAnyPort()).Safe
	} else {
		t.Proxy = http.ProxyFromEnvironment
	}
	return &http.Client{
		Transport: t, Timeout: callTime,
		CheckRedirect: func(*http.Request, []*http.Request) error { return http.ErrUseLastResponse },
	}
}

// ValidateURL says what is wrong with an address to be called; private says whether plain HTTP and
// addresses in private networks may be.
func ValidateURL(text string, private bool) error {
	u, err := url.Parse(text)
	switch {
	case err != nil || u.Host == "" || u.Scheme != "https" && u.Scheme != "http":
		return errors.New("must be an address such as https://example.com/parlor")
	case u.User != nil:
		return errors.New("must not hold a password: what is called verifies the signature")
	case u.Fragment != "":
		return errors.New("must not have a fragment")
	case u.Scheme == "http" && !private:
		return errors.New("must begin with https://; a server with webhook-private-network may call http://")
	case !validPort(u):
		return errors.New("must have a port from 1 to 65535")
	case len(text) > 2000:
		return errors.New("must have at most 2000 characters")
	}
	if ip := net.ParseIP(u.Hostname()); !private && (ip != nil && !public(ip) || strings.EqualFold(u.Hostname(), "localhost")) {
		return errors.New("must not be in a private network; a server with webhook-private-network may call there")
	}
	return nil
}

func validPort(u *url.URL) bool {
	n, err := strconv.ParseUint(u.Port(), 10, 16)
	return u.Port() == "" || err == nil && n > 0
}

func public(ip net.IP) bool {
	return !ip.IsLoopback() && !ip.IsPrivate() && !ip.IsLinkLocalUnicast() && !ip.IsLinkLocalMulticast() &&
		!ip.IsUnspecified() && !ip.IsMulticast()
}

// outcome is what has become of a call.
type outcome struct {
	err   error         // nil if the events were taken
	gone  bool          // the target wants no more, ever
	after time.Duration // how long the target wants to be left alone, 0 for as usual
}

// call tells the webhook of events in one body.
func (m *Manager) call(ctx context.Context, w *chat.Webhook, id string, body []byte) outcome {
	now := m.o.Now()
	signature, err := Sign(w.Secrets, id, now, body)
	if err != nil {
		return outcome{err: err}
	}
	ctx, cancel := context.WithTimeout(ctx, callTime)
	defer cancel()
	req, err := http.NewRequestWithContext(ctx, http.MethodPost, w.URL, bytes.NewReader(body))
	if err != nil {
		return outcome{err: errors.New("the address cannot be called")}
	}
	req.Header.Set("Content-Type", "application/json")
	req.Header.Set("User-Agent", UserAgent)
	req.Header.Set(HeaderID, id)
	req.Header.Set(HeaderTimestamp, strconv.FormatInt(now.Unix(), 10))
	req.Header.Set(HeaderSignature, signature)
	resp, err := m.client.Do(req)
	if err != nil {
		return outcome{err: unreached(err)}
	}
	if taken(resp) {
		defer time.AfterFunc(bodyTime, cancel).Stop()
	}
	defer func() { _ = resp.Body.Close() }()                         // nothing more is wanted of it
	answer, rerr := io.ReadAll(io.LimitReader(resp.Body, maxAnswer)) // half an answer tells more than none
	if rerr == nil && len(answer) == maxAnswer {                     // the connection is used again only if it is read
		_, _ = io.CopyN(io.Discard, resp.Body, 64<<10)
	}
	return judge(resp, answer, now)
}

func taken(resp *http.Response) bool { return resp.StatusCode >= 200 && resp.StatusCode < 300 }

// judge says what an answer means.
func judge(resp *http.Response, answer []byte, now time.Time) outcome {
	code := resp.StatusCode
	if taken(resp) {
		return outcome{}
	}
	err := fmt.Errorf("HTTP %d%s", code, quoted(answer))
	switch {
	case code == http.StatusGone:
		return outcome{err: err, gone: true}
	case code >= 300 && code < 400:
		return outcome{err: fmt.Errorf("HTTP %d: redirects are not followed; register the address itself", code)}
	case code == http.StatusTooManyRequests || code == http.StatusServiceUnavailable:
		return outcome{err: err, after: retryAfter(resp.Header.Get("Retry-After"), now)}
	}
	return outcome{err: err}
}

// quoted is the beginning of an answer, on one line.
func quoted(answer []byte) string {
	text := strings.Join(strings.Fields(strings.ToValidUTF8(string(answer), "?")), " ")
	if text == "" {
		return ""
	}
	if len(text) > 120 {
		text = strings.ToValidUTF8(text[:120], "") + " …"
	}
	return ": " + text
}

func retryAfter(v string, now time.Time) time.Duration {
	if seconds, err := strconv.Atoi(v); err == nil {
		return min(max(time.Duration(min(seconds, 1<<20))*time.Second, 0), maxRetryAfter)
	}
	if at, err := http.ParseTime(v); err == nil {
		return min(max(at.Sub(now), 0), maxRetryAfter)
	}
	return 0
}

// unreached says why there was no answer. The address is left out: it may hold a secret. So is what is
// known of this network: our own address, and that of the resolver.
func unreached(err error) error {
	if inner := (*url.Error)(nil); errors.As(err, &inner) {
		if inner.Timeout() {
			return errors.New("no answer in time")
		}
		err = inner.Err
	}
	if errors.Is(err, ssrf.ErrProhibitedIP) || errors.Is(err, ssrf.ErrProhibitedNetwork) {
		return errors.New("not called: the address is in a private network; see webhook-private-network")
	}
	if dns := (*net.DNSError)(nil); errors.As(err, &dns) {
		if dns.IsNotFound {
			return fmt.Errorf("not reached: there is no host %s", dns.Name)
		}
		return fmt.Errorf("not reached: the host %s could not be looked up", dns.Name)
	}
	for op := (*net.OpError)(nil); errors.As(err, &op); {
		err = op.Err
	}
	return fmt.Errorf("not reached: %w", err)
}
