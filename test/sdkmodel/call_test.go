package sdkmodel

import (
	"bytes"
	"context"
	"encoding/base64"
	"encoding/json"
	"fmt"
	"io"
	"net"
	"net/http"
	"time"
)

// fields is a JSON object.
type fields = map[string]any

// answer is an envelope.
type answer struct {
	Status int
	Error  struct{ Code, Message string }
	Data   json.RawMessage
}

func (a answer) ok() bool { return a.Status == http.StatusOK && a.Error.Code == "" }

// busy reports whether the server said: not now, try again.
func (a answer) busy() bool { return a.Error.Code == "50301" || a.Error.Code == "42901" }

var transport = &http.Transport{MaxIdleConnsPerHost: 200, DisableCompression: true}

// post makes a call. An error means that no answer came.
func post(ctx context.Context, url, path string, h http.Header, body any) (a answer, err error) {
	req, err := request(ctx, url, path, h, body)
	if err != nil {
		return a, err
	}
	resp, err := (&http.Client{Transport: transport, Timeout: patience}).Do(req)
	if err != nil {
		return a, err
	}
	defer resp.Body.Close()
	b, err := io.ReadAll(resp.Body)
	if err != nil {
		return a, err
	}
	if err := json.Unmarshal(b, &a); err != nil {
		return a, fmt.Errorf("%s answered no envelope: %w: %.200q", path, err, b)
	}
	return a, nil
}

func request(ctx context.Context, url, path string, h http.Header, body any) (*http.Request, error) {
	b, err := json.Marshal(body)
	if err != nil {
		return nil, err
	}
	if url == "" {
		return nil, fmt.Errorf("no node is up")
	}
	req, err := http.NewRequestWithContext(ctx, http.MethodPost, url+"/v1/"+path, bytes.NewReader(b))
	if err != nil {
		return nil, err
	}
	req.Header = h
	return req, nil
}

// postCut makes a call and breaks the connection in the middle of the answer, of which
// part (0 to 1) is read.
func postCut(ctx context.Context, url, path string, h http.Header, part float64) error {
	var conn *net.TCPConn
	t := &http.Transport{
		DisableKeepAlives: true,
		DialContext: func(ctx context.Context, network, addr string) (net.Conn, error) {
			c, err := new(net.Dialer).DialContext(ctx, network, addr)
			if err == nil {
				conn = c.(*net.TCPConn)
				_ = conn.SetReadBuffer(4 << 10) // so that a long answer is not with this end as a whole
			}
			return c, err
		},
	}
	req, err := request(ctx, url, path, h, fields{})
	if err != nil {
		return err
	}
	resp, err := (&http.Client{Transport: t, Timeout: patience}).Do(req)
	if err != nil {
		return err
	}
	_, _ = io.CopyN(io.Discard, resp.Body, int64(part*float64(max(resp.ContentLength, 0))))
	_ = conn.SetLinger(0)
	_ = conn.Close()
	_ = resp.Body.Close()
	return nil
}

// retry is how long a caller waits before it tries again what failed at once.
const retry = 20 * time.Millisecond

// insist makes a call that may be repeated until it is answered, by any node.
func (r *run) insist(path string, h http.Header, body any) (answer, bool) {
	for deadline := time.Now().Add(patience); ; time.Sleep(retry) {
		a, err := post(r.ctx, r.world.url(), path, h, body)
		switch {
		case err == nil && !a.busy():
			if a.Error.Code == "50000" {
				r.wrong("%s was answered by %s %s", path, a.Error.Code, a.Error.Message)
			}
			return a, a.ok()
		case r.ctx.Err() != nil || r.world.err() != nil:
			return a, false
		case time.Now().After(deadline):
			r.wrong("%s was never answered: %v %+v", path, err, a.Error)
			return a, false
		}
	}
}

// ask is insist as the customer's backend.
func (r *run) ask(path string, body fields, out any) bool {
	h := http.Header{"Server-Key": {base64.StdEncoding.EncodeToString([]byte(serverKey))}}
	a, ok := r.insist("server/"+path, h, body)
	if !ok && r.ctx.Err() == nil && r.world.err() == nil {
		r.note("server/%s was refused: %s %s", path, a.Error.Code, a.Error.Message)
		return false
	}
	if ok && out != nil {
		if err := json.Unmarshal(a.Data, out); err != nil {
			r.wrong("server/%s: %v", path, err)
			return false
		}
	}
	return ok
}

// get makes a call without a body.
func get(ctx context.Context, url string, h http.Header) (a answer, err error) {
	req, err := http.NewRequestWithContext(ctx, http.MethodGet, url, nil)
	if err != nil {
		return a, err
	}
	req.Header = h
	resp, err := (&http.Client{Transport: transport, Timeout: patience}).Do(req)
	if err != nil {
		return a, err
	}
	defer resp.Body.Close()
	return a, json.NewDecoder(resp.Body).Decode(&a)
}
