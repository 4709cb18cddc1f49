package main

import (
	"bytes"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"net/http"
	"os"
	"slices"
	"strconv"
	"strings"
	"time"
	"unicode"

	"parlor/client"
	"parlor/internal/chat"
	"parlor/internal/webhook"
)

const (
	// listenWait is how long one call waits for an event, in seconds.
	listenWait = 30
	// listenEarly is before when an answer without events came too early to call again at once.
	listenEarly = time.Second
	// minListenPause and maxListenPause bound how long it waits while the server is away.
	minListenPause = 500 * time.Millisecond
	maxListenPause = 10 * time.Second
	// forwardTime bounds a call that is forwarded, as the server bounds its own.
	forwardTime = 15 * time.Second
)

type webhookListenCmd struct {
	webhookFilter
	URL     string `help:"The server's address." env:"PARLOR_PUBLIC_URL" default:"http://127.0.0.1:8080" placeholder:"URL"`
	Key     string `help:"A server key, id:secret; best from the environment." env:"PARLOR_SERVER_KEY" required:"" placeholder:"KEY"`
	Secret  string `help:"The secret to sign with (default: a new one)." placeholder:"SECRET"`
	Forward string `help:"Make the calls to this address, too." placeholder:"URL"`
}

// Run shows events until it is stopped.
func (c webhookListenCmd) Run(ctx context.Context) error {
	l, err := c.listener(os.Stdout)
	if err != nil {
		return err
	}
	if err := l.run(ctx); err != nil && ctx.Err() == nil {
		return err
	}
	return nil
}

// listener shows what a webhook would be told.
type listener struct {
	backend *client.Backend
	query   listenQuery
	secret  string
	forward string
	http    *http.Client
	out     io.Writer
}

// listenQuery are the parameters of events/list.
type listenQuery struct {
	Cursor    string   `json:"cursor"`
	Types     []string `json:"types,omitzero"`
	RoomTags  []string `json:"roomTags,omitzero"`
	RoomTypes []int    `json:"roomTypes,omitzero"`
	Sealed    bool     `json:"sealed"`
	Wait      int      `json:"wait"`
}

func (c webhookListenCmd) listener(out io.Writer) (*listener, error) {
	if id, secret, _ := strings.Cut(c.Key, ":"); id == "" || secret == "" {
		return nil, errors.New("a key is id:secret, as parlor key create prints it") // and its text belongs in no log
	}
	backend, err := client.NewBackend(client.Config{URL: c.URL, Key: c.Key})
	if err != nil {
		return nil, err
	}
	secret := c.Secret
	if secret == "" {
		secret = webhook.NewSecret()
	} else if _, err := webhook.ParseSecret(secret); err != nil {
		return nil, err
	}
	if c.Forward != "" {
		if err := webhook.ValidateURL(c.Forward, true); err != nil {
			return nil, fmt.Errorf("--forward %w", err)
		}
	}
	return &listener{
		backend: backend, secret: secret, forward: c.Forward, out: out,
		query: listenQuery{
			Cursor: client.FeedFromNow, Types: c.Types, RoomTags: c.RoomTags, RoomTypes: c.RoomTypes, Sealed: c.Sealed, Wait: listenWait,
		},
		http: &http.Client{
			Timeout:       forwardTime,
			CheckRedirect: func(*http.Request, []*http.Request) error { return http.ErrUseLastResponse },
		},
	}, nil
}

// run reads events and shows them, until ctx ends or the server refuses. While the server is away it is tried again.
func (l *listener) run(ctx context.Context) error {
	fmt.Fprintf(l.out, "calls are signed with this secret, and no other webhook's:\n%s\n", l.secret)
	pause := minListenPause
	for away := false; ; {
		began := time.Now()
		first := l.query.Cursor == client.FeedFromNow
		events, more, err := l.read(ctx)
		switch {
		case ctx.Err() != nil:
			return ctx.Err()
		case err != nil && !passes(err):
			return err
		case err != nil:
			if !away {
				fmt.Fprintf(l.out, "the server is away, it is tried again: %v\n", err)
			}
			away = true
			wait(ctx, pause)
			pause = min(2*pause, maxListenPause)
			continue
		case away:
			fmt.Fprintln(l.out, "the server is there again")
		case first:
			fmt.Fprintln(l.out, "listening; Ctrl-C ends it")
		}
		away, pause = false, minListenPause
		for _, body := range events {
			if err := l.show(ctx, body); err != nil {
				return err
			}
		}
		if !first && !more && len(events) == 0 && time.Since(began) < listenEarly {
			wait(ctx, minListenPause)
		}
	}
}

// read asks for what comes next.
func (l *listener) read(ctx context.Context) (events []json.RawMessage, more bool, err error) {
	var answer struct {
		Events  []json.RawMessage
		Cursor  string
		HasMore bool
	}
	if err := l.backend.Call(ctx, "events/list", l.query, &answer); err != nil {
		return nil, false, err
	}
	l.query.Cursor = answer.Cursor
	return answer.Events, answer.HasMore, nil
}

// passes reports whether an error may pass by itself.
func passes(err error) bool {
	refusal, ok := errors.AsType[*client.Error](err)
	return !ok || refusal.Code == "" ||
		slices.Contains([]client.Code{client.CodeTooMany, client.CodeInternal, client.CodeUnavailable}, refusal.Code)
}

// wait waits for d, or until ctx ends.
func wait(ctx context.Context, d time.Duration) {
	timer := time.NewTimer(d)
	defer timer.Stop()
	select {
	case <-timer.C:
	case <-ctx.Done():
	}
}

// show prints one event as a call, and makes the call where that is wanted.
func (l *listener) show(ctx context.Context, body []byte) error {
	var event client.FeedEvent
	if err := json.Unmarshal(body, &event); err != nil {
		return fmt.Errorf("the server's answer is no event: %w", err)
	}
	now := time.Now()
	signature, err := webhook.Sign([]chat.WebhookSecret{{Secret: l.secret}}, event.ID, now, body)
	if err != nil {
		return err
	}
	headers := [][2]string{
		{"Content-Type", "application/json"},
		{"User-Agent", webhook.UserAgent},
		{webhook.HeaderID, event.ID},
		{webhook.HeaderTimestamp, strconv.FormatInt(now.Unix(), 10)},
		{webhook.HeaderSignature, signature},
	}
	var text strings.Builder
	fmt.Fprintf(&text, "\n%s  %s%s\n", event.Created.UTC().Format("2006-01-02 15:04:05"), event.Type, about(&event.Data))
	for _, h := range headers {
		fmt.Fprintf(&text, "    %s: %s\n", h[0], h[1])
	}
	var pretty bytes.Buffer
	if err := json.Indent(&pretty, body, "    ", "  "); err != nil {
		return err
	}
	fmt.Fprintf(&text, "    %s\n", &pretty)
	if l.forward != "" {
		fmt.Fprintf(&text, "    -> %s\n", l.post(ctx, headers, body))
	}
	_, err = io.WriteString(l.out, strings.Map(harmless, text.String()))
	return err
}

// harmless keeps what users write from commanding the terminal.
func harmless(r rune) rune {
	if unicode.IsControl(r) && r != '\n' {
		return unicode.ReplacementChar
	}
	return r
}

// about is what an event is about, in a few words. What comes from users goes in quotes: it may hold anything.
func about(d *client.FeedData) string {
	text := ""
	if r := d.Room; r != nil {
		text += fmt.Sprintf("  in %s %q", r.ID, r.XCID)
	}
	if u := d.By; u != nil {
		text += fmt.Sprintf("  by %q", u.XCID)
	}
	if u := d.User; u != nil {
		text += fmt.Sprintf("  user %q", u.XCID)
	}
	for _, u := range d.Users[:min(len(d.Users), 3)] {
		text += fmt.Sprintf("  %q", u.XCID)
	}
	if n := len(d.Users) - 3; n > 0 {
		text += fmt.Sprintf("  and %d more", n)
	}
	return text
}

// post makes the call, and says how it ended. It is not tried again.
func (l *listener) post(ctx context.Context, headers [][2]string, body []byte) string {
	req, err := http.NewRequestWithContext(ctx, http.MethodPost, l.forward, bytes.NewReader(body))
	if err != nil {
		return "not made: " + err.Error()
	}
	for _, h := range headers {
		req.Header.Set(h[0], h[1])
	}
	began := time.Now()
	resp, err := l.http.Do(req)
	if err != nil {
		return "not taken, and not tried again: " + err.Error()
	}
	defer func() { _ = resp.Body.Close() }() // its status says all
	took := time.Since(began).Round(time.Millisecond)
	if resp.StatusCode/100 != 2 {
		return fmt.Sprintf("not taken, and not tried again: HTTP %d in %v", resp.StatusCode, took)
	}
	return fmt.Sprintf("taken: HTTP %d in %v", resp.StatusCode, took)
}
