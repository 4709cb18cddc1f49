package faults

import (
	"context"
	"encoding/base64"
	"errors"
	"io"
	"net/http"
	"testing"
	"time"

	"parlor/client"
)

const (
	serverKey = "faults:a secret for these tests"
	appKey    = "app:another secret for tests"
)

// server is a running server as tests reach it: as a backend, and by its operator's pages.
type server struct {
	url     string
	http    *http.Client
	backend *client.Backend // calls once: a test looks at each answer, and knows itself when to call again
}

func newServer(t *testing.T, url string) *server {
	t.Helper()
	s := &server{url: url, http: &http.Client{
		Transport: &http.Transport{MaxIdleConnsPerHost: 100, DisableCompression: true},
		Timeout:   60 * time.Second, // more than the server may take
	}}
	var err error
	s.backend, err = client.NewBackend(client.Config{URL: url, Key: serverKey, HTTP: s.http, Attempts: 1})
	if err != nil {
		t.Fatal(err)
	}
	return s
}

func (s *server) close() {
	if s != nil {
		s.http.CloseIdleConnections()
	}
}

// fields is a JSON object.
type fields map[string]any

// refusal is what a server has answered instead of success, nil when err is nil or means that no answer came.
func refusal(err error) *client.Error {
	if e, ok := errors.AsType[*client.Error](err); ok && e.Code != "" {
		return e
	}
	return nil
}

// isUnavailable reports whether the server said: not now, try again.
func isUnavailable(err error) bool {
	e := refusal(err)
	return e != nil && e.Status == http.StatusServiceUnavailable && e.Code == client.CodeUnavailable && e.Message != ""
}

func keyHeader() string { return base64.StdEncoding.EncodeToString([]byte(serverKey)) }

// put makes the user of an id, or changes them.
func (s *server) put(ctx context.Context, xc string) error {
	_, err := s.backend.PutUser(ctx, client.Profile{XCID: xc, Fullname: xc})
	return err
}

// status asks one of the operator's pages and returns the HTTP status, 0 for no answer.
func (s *server) status(path string) int {
	resp, err := s.http.Get(s.url + path)
	if err != nil {
		return 0
	}
	defer resp.Body.Close()
	_, _ = io.Copy(io.Discard, resp.Body)
	return resp.StatusCode
}
