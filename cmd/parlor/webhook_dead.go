package main

import (
	"context"
	"errors"
	"fmt"
	"math"
	"os"
	"strings"
	"text/tabwriter"
	"time"

	"parlor/internal/chat"
	"parlor/internal/service"
)

type webhookDeadCmd struct {
	webhookID
	Limit int `help:"How many at most, up to 1000; the latest given up come first." default:"100"`
}

// Run lists a webhook's dead letters.
func (c webhookDeadCmd) Run(ctx context.Context) error {
	if c.Limit < 1 || c.Limit > 1000 {
		return chat.Invalid("limit", "must be from 1 to 1000")
	}
	return c.do(ctx, func(b service.Backend, id chat.WebhookID) error {
		events, more, err := b.DeadEvents(ctx, id, math.MaxInt64, chat.FeedPlace{}, c.Limit)
		if err != nil {
			return err
		}
		w := tabwriter.NewWriter(os.Stdout, 0, 0, 3, ' ', 0)
		fmt.Fprintln(w, "EVENT\tTYPE\tHAPPENED\tATTEMPTS\tGIVEN UP\tLAST ERROR")
		for i := range events {
			e := &events[i]
			fmt.Fprintf(w, "%s\t%s\t%s\t%d\t%s\t%s\n",
				e.PublicID(), e.Kind, when(e.At), e.Attempts, when(e.DeadAt), e.LastError)
		}
		if err := w.Flush(); err != nil {
			return err
		}
		if more {
			fmt.Println("there are more")
		}
		return nil
	})
}

type webhookReplayCmd struct {
	webhookID
	Event string `help:"Only the event of this id." placeholder:"ID"`
	Since string `help:"Only events that have happened since, such as 2026-01-01T00:00:00Z or 24h." placeholder:"TIME"`
}

// Run has dead letters told again.
func (c webhookReplayCmd) Run(ctx context.Context) error {
	if c.Event != "" && c.Since != "" {
		return errors.New("name an event or a time, not both")
	}
	var only chat.FeedPlace
	if c.Event != "" {
		text, prefixed := strings.CutPrefix(c.Event, "evt_")
		place, ok := chat.ParseFeedPlace(text)
		if only = place; !prefixed || !ok || place == (chat.FeedPlace{}) {
			return fmt.Errorf("%q is no id of an event", c.Event)
		}
	}
	since, err := parseSince(c.Since, time.Now())
	if err != nil {
		return err
	}
	return c.change(ctx, "webhook replay", func(ctx context.Context, b service.Backend, id chat.WebhookID) error {
		n, err := b.ReplayDead(ctx, id, since, only)
		if err == nil {
			fmt.Printf("%d events are told again\n", n)
		}
		return err
	})
}

// parseSince reads a time, or how long ago it was, as Unix ms; 0 for "".
func parseSince(text string, now time.Time) (int64, error) {
	if text == "" {
		return 0, nil
	}
	if d, err := time.ParseDuration(text); err == nil && d >= 0 {
		return max(now.Add(-d).UnixMilli(), 0), nil
	}
	at, err := time.Parse(time.RFC3339, text)
	if err != nil || at.UnixMilli() < 0 {
		return 0, fmt.Errorf("%q is no time such as 2026-01-01T00:00:00Z, and no duration such as 24h", text)
	}
	return at.UnixMilli(), nil
}
