package client

import (
	"encoding/base64"
	"errors"
	"fmt"
	"net/http"
	"net/url"
	"strings"
	"time"
)

const (
	defaultTimeout   = 40 * time.Second // of one attempt; the server gives up after 30 s
	defaultAttempts  = 5
	defaultMaxAnswer = 64 << 20
)

// Config says which server to call, and how. URL and Key are needed.
type Config struct {
	// URL is the server's address, such as https://chat.example.com. It may end in /api.
	URL string
	// Key is "id:secret": a server key for a Backend, an app key for an App.
	Key string
	// HTTP makes the calls; nil means a client of its own with a timeout of 40 s for each
	// attempt. Redirects are not followed, whatever it says: they would carry keys elsewhere.
	HTTP *http.Client
	// Attempts is how often a call is made, at most, that may be repeated without harm. 0 means 5
	// over some seconds, 1 that nothing is repeated. Otherwise a call that is [CodeTooMany] is made until the
	// deadline of its context, or for two minutes where that has none.
	Attempts int
	// MaxAnswer bounds an answer, in bytes; 0 means 64 MiB.
	MaxAnswer int64
}

// endpoint is a server, as calls and sockets reach it with one key.
type endpoint struct {
	base      string // without a slash at its end
	keyHeader string
	key       string // as the header holds it
	http      *http.Client
	attempts  int
	maxAnswer int64
}

func newEndpoint(c Config, keyHeader string) (*endpoint, error) {
	u, err := url.Parse(c.URL)
	if err != nil {
		return nil, fmt.Errorf("client: Config.URL: %w", err)
	}
	if (u.Scheme != "http" && u.Scheme != "https") || u.Host == "" || u.RawQuery != "" || u.Fragment != "" {
		return nil, fmt.Errorf("client: Config.URL is %q, and not that of a server: want http(s)://HOST", c.URL)
	}
	if id, secret, _ := strings.Cut(c.Key, ":"); id == "" || secret == "" {
		return nil, errors.New("client: Config.Key must be \"id:secret\"") // and its text belongs in no log
	}
	e := &endpoint{
		base: strings.TrimRight(u.String(), "/"), keyHeader: keyHeader,
		key:      base64.StdEncoding.EncodeToString([]byte(c.Key)),
		attempts: c.Attempts, maxAnswer: c.MaxAnswer,
	}
	if e.attempts <= 0 {
		e.attempts = defaultAttempts
	}
	if e.maxAnswer <= 0 {
		e.maxAnswer = defaultMaxAnswer
	}
	own := http.Client{Timeout: defaultTimeout}
	if c.HTTP != nil {
		own = *c.HTTP
	} else if t, ok := http.DefaultTransport.(*http.Transport); ok {
		t = t.Clone()
		t.MaxIdleConnsPerHost = t.MaxIdleConns // all of them go to this host
		own.Transport = t
	}
	own.CheckRedirect = func(*http.Request, []*http.Request) error { return http.ErrUseLastResponse }
	e.http = &own
	return e, nil
}
