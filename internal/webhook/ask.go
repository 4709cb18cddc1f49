package webhook

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"io"
	"net/http"
	"strconv"
	"sync"
	"time"

	"parlor/internal/chat"
)

const (
	// maxAsked and maxAskedOfApp bound the questions that are under way on this node: a slow target must
	// not gather all who send, least of all those of other Apps.
	maxAsked      = 512
	maxAskedOfApp = 64
	// maxDecision is how large an answer to a question may be, in bytes.
	maxDecision = 128 << 10
)

// Asker asks the targets of before-hooks.
type Asker struct {
	client *http.Client
	now    func() time.Time

	mu   sync.Mutex
	all  int
	apps map[chat.AppID]int // questions under way
}

// NewAsker makes an Asker. With private, targets may be in private networks; now is the clock, nil for
// time.Now.
func NewAsker(private bool, now func() time.Time) *Asker {
	if now == nil {
		now = time.Now
	}
	return &Asker{client: newClient(private), now: now, apps: map[chat.AppID]int{}}
}

// begin takes a place for a question; ok is false where there is none.
func (a *Asker) begin(app chat.AppID) (end func(), ok bool) {
	a.mu.Lock()
	defer a.mu.Unlock()
	if a.all >= maxAsked || a.apps[app] >= maxAskedOfApp {
		return nil, false
	}
	a.all++
	a.apps[app]++
	return func() {
		a.mu.Lock()
		defer a.mu.Unlock()
		a.all--
		if a.apps[app]--; a.apps[app] == 0 {
			delete(a.apps, app)
		}
	}, true
}

// Ask asks a hook's target in its time, and returns what a success says. id names the question.
func (a *Asker) Ask(ctx context.Context, h *chat.BeforeHook, id string, body []byte) ([]byte, error) {
	end, ok := a.begin(h.App)
	if !ok {
		return nil, errors.New("too many questions are under way: its answers are too slow")
	}
	defer end()
	ctx, cancel := context.WithTimeout(ctx, time.Duration(h.Timeout)*time.Millisecond)
	defer cancel()
	now := a.now()
	signature, err := Sign([]chat.WebhookSecret{{Secret: h.Secret}}, id, now, body)
	if err != nil {
		return nil, err
	}
	req, err := http.NewRequestWithContext(ctx, http.MethodPost, h.URL, bytes.NewReader(body))
	if err != nil {
		return nil, errors.New("the address cannot be called")
	}
	req.Header.Set("Content-Type", "application/json")
	req.Header.Set("User-Agent", UserAgent)
	req.Header.Set(HeaderID, id)
	req.Header.Set(HeaderTimestamp, strconv.FormatInt(now.Unix(), 10))
	req.Header.Set(HeaderSignature, signature)
	resp, err := a.client.Do(req)
	if err != nil {
		return nil, unreached(err)
	}
	defer func() { _ = resp.Body.Close() }() // nothing more is wanted of it
	answer, err := io.ReadAll(io.LimitReader(resp.Body, maxDecision+1))
	switch {
	case err != nil:
		return nil, unreached(err)
	case resp.StatusCode < 200 || resp.StatusCode > 299:
		return nil, fmt.Errorf("HTTP %d", resp.StatusCode)
	case len(answer) > maxDecision:
		return nil, errors.New("its answer is too large")
	}
	return answer, nil
}
