package faults

import (
	"bytes"
	"context"
	"encoding/base64"
	"encoding/json"
	"fmt"
	"io"
	"net/http"
	"testing"
	"time"
)

// client calls one server.
type client struct {
	url  string
	http *http.Client
}

func newClient(url string) *client {
	return &client{url, &http.Client{
		Transport: &http.Transport{MaxIdleConnsPerHost: 100, DisableCompression: true},
		Timeout:   60 * time.Second, // more than the server may take
	}}
}

func (c *client) close() {
	if c != nil {
		c.http.CloseIdleConnections()
	}
}

// answer is an envelope.
type answer struct {
	Status int
	Error  struct{ Code, Message string }
	Data   json.RawMessage
}

func (a answer) ok() bool { return a.Status == http.StatusOK && a.Error.Code == "" }

// unavailable reports whether the server said: not now, try again.
func (a answer) unavailable() bool {
	return a.Status == http.StatusServiceUnavailable && a.Error.Code == "50301" && a.Error.Message != ""
}

// fields is a JSON object.
type fields map[string]any

// call posts body to a path below /v1/server. An error means that no answer came.
func (c *client) call(ctx context.Context, path string, body any) (a answer, err error) {
	b, err := json.Marshal(body)
	if err != nil {
		return a, err
	}
	req, err := http.NewRequestWithContext(ctx, http.MethodPost, c.url+"/v1/server/"+path, bytes.NewReader(b))
	if err != nil {
		return a, err
	}
	req.Header.Set("Server-Key", keyHeader())
	resp, err := c.http.Do(req)
	if err != nil {
		return a, err
	}
	defer resp.Body.Close()
	if b, err = io.ReadAll(resp.Body); err != nil {
		return a, err
	}
	if err := json.Unmarshal(b, &a); err != nil {
		return a, fmt.Errorf("%s answered no envelope: %w: %.200q", path, err, b)
	}
	return a, nil
}

func keyHeader() string { return base64.StdEncoding.EncodeToString([]byte(serverKey)) }

// must is a call that succeeds; it decodes the data into out unless out is nil.
func (c *client) must(t *testing.T, path string, body, out any) {
	t.Helper()
	a, err := c.call(t.Context(), path, body)
	if err != nil || !a.ok() {
		t.Fatalf("%s %v: %v %+v", path, body, err, a)
	}
	if out == nil {
		return
	}
	if err := json.Unmarshal(a.Data, out); err != nil {
		t.Fatal(err)
	}
}

// status asks one of the operator's pages and returns the HTTP status, 0 for no answer.
func (c *client) status(path string) int {
	resp, err := c.http.Get(c.url + path)
	if err != nil {
		return 0
	}
	defer resp.Body.Close()
	_, _ = io.Copy(io.Discard, resp.Body)
	return resp.StatusCode
}
