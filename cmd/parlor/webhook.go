package main

import (
	"context"
	"fmt"
	"os"
	"strconv"
	"strings"
	"text/tabwriter"

	"parlor/internal/chat"
	"parlor/internal/service"
)

type webhookCmd struct {
	List   webhookListCmd   `cmd:"" help:"List an app's webhooks, and how they fare."`
	Show   webhookShowCmd   `cmd:"" help:"Show one webhook, and how many events it has not taken."`
	Create webhookCreateCmd `cmd:"" help:"Have an address called about what happens in an app, and show the secret, this once."`
	Delete webhookDeleteCmd `cmd:"" help:"Have a webhook not be called any more, and forget what it has not taken."`
	Dead   webhookDeadCmd   `cmd:"" help:"List events that a webhook has not taken for 72 hours."`
	Replay webhookReplayCmd `cmd:"" help:"Have such events told again."`
	Listen webhookListenCmd `cmd:"" help:"Show what a webhook would be told, as it happens; for developers."`
	Verify webhookVerifyCmd `cmd:"" help:"Say whether a call is valid; the body is read from the standard input."`
}

type webhookListCmd struct{ keyFlags }

// Run lists an App's webhooks.
func (c webhookListCmd) Run(ctx context.Context) error {
	return c.withApp(ctx, func(svc *service.Service, app chat.App) error {
		hooks, err := svc.Backend(app).Webhooks(ctx)
		if err != nil {
			return err
		}
		w := tabwriter.NewWriter(os.Stdout, 0, 0, 3, ' ', 0)
		fmt.Fprintln(w, "ID\tURL\tSTATE\tFAILURES\tLAST SUCCESS\tLAST ERROR")
		for i := range hooks {
			h := &hooks[i]
			fmt.Fprintf(w, "%d\t%s\t%s\t%d\t%s\t%s\n",
				h.ID, h.URL, webhookState(h), h.Failures, when(h.SuccessAt), h.LastError)
		}
		return w.Flush()
	})
}

// webhookState is what is going on with a webhook, in a few words.
func webhookState(h *chat.Webhook) string {
	if h.State == chat.WebhookActive && h.RetryAt > 0 {
		return "rests until " + when(h.RetryAt)
	}
	return string(h.State)
}

// webhookID names a webhook of an App.
type webhookID struct {
	keyFlags
	ID int64 `arg:"" help:"The webhook's id."`
}

func (c webhookID) do(ctx context.Context, do func(service.Backend, chat.WebhookID) error) error {
	return c.withApp(ctx, func(svc *service.Service, app chat.App) error {
		return do(svc.Backend(app), chat.WebhookID(c.ID))
	})
}

// change is do for what leaves an entry in the audit log.
func (c webhookID) change(
	ctx context.Context, action string, do func(context.Context, service.Backend, chat.WebhookID) error,
) error {
	return c.withApp(ctx, func(svc *service.Service, app chat.App) error {
		return svc.Audited(ctx, webhookEntry(app, action, strconv.FormatInt(c.ID, 10)), func(ctx context.Context) error {
			return do(ctx, svc.Backend(app), chat.WebhookID(c.ID))
		})
	})
}

// webhookEntry is an entry of the audit log about a webhook, whose id is "" before it is made.
func webhookEntry(app chat.App, action, id string) chat.AuditEntry {
	return chat.AuditEntry{App: app.ID, Actor: operator(), Action: action, Object: chat.Object{Kind: "webhook", ID: id}}
}

type webhookShowCmd struct{ webhookID }

// Run shows a webhook.
func (c webhookShowCmd) Run(ctx context.Context) error {
	return c.do(ctx, func(b service.Backend, id chat.WebhookID) error {
		h, err := b.Webhook(ctx, id)
		if err != nil {
			return err
		}
		w := tabwriter.NewWriter(os.Stdout, 0, 0, 2, ' ', 0)
		for _, line := range [][2]any{
			{"id", h.ID},
			{"url", h.URL},
			{"types", orAll(h.Kinds)},
			{"room tags", orAll(h.RoomTags)},
			{"room types", orAll(h.RoomTypes)},
			{"batch", h.Batch},
			{"sealed", h.Sealed},
			{"state", webhookState(&h.Webhook)},
			{"called by", h.Owner},
			{"failures", h.Failures},
			{"last success", when(h.SuccessAt)},
			{"last error", h.LastError},
			{"failed", when(h.FailedAt)},
			{"parked", h.Parked},
			{"dead", h.Dead},
			{"created", when(h.CreatedAt)},
			{"updated", when(h.UpdatedAt)},
		} {
			fmt.Fprintf(w, "%v\t%v\n", line[0], line[1])
		}
		return w.Flush()
	})
}

// orAll is a filter in one line.
func orAll[T any](list []T) string {
	if len(list) == 0 {
		return "all"
	}
	return strings.Trim(fmt.Sprint(list), "[]")
}

// webhookFilter says which events are wanted.
type webhookFilter struct {
	Types     []string `help:"Only events of these types, such as message.created,room.locked." placeholder:"TYPE"`
	RoomTags  []string `help:"Only events of rooms that have one of these tags." placeholder:"TAG"`
	RoomTypes []int    `help:"Only events of rooms of these types: 1 personal, 2 group, 4 transaction." placeholder:"N"`
	Sealed    bool     `help:"Leave texts in the SDKs' cipher."`
}

type webhookCreateCmd struct {
	keyFlags
	webhookFilter
	URL   string `arg:"" help:"The address to be called."`
	Batch int    `help:"How many events one call may hold, 1 to 100." default:"1" placeholder:"N"`
}

// Run registers a webhook.
func (c webhookCreateCmd) Run(ctx context.Context) error {
	up := service.WebhookUpdate{URL: &c.URL, RoomTags: c.RoomTags, Batch: &c.Batch, Sealed: &c.Sealed}
	if c.Batch < 1 || c.Batch > service.MaxWebhookBatch {
		return chat.Invalid("batch", "must be 1 to %d", service.MaxWebhookBatch)
	}
	for _, name := range c.Types {
		kind, ok := chat.ParseFeedKind(name)
		if !ok {
			return chat.Invalid("types", "has %q, which is no type of events", name)
		}
		up.Kinds = append(up.Kinds, kind)
	}
	for _, n := range c.RoomTypes {
		up.RoomTypes = append(up.RoomTypes, chat.RoomType(n))
	}
	return c.withApp(ctx, func(svc *service.Service, app chat.App) error {
		var h chat.Webhook
		err := svc.Audited(ctx, webhookEntry(app, "webhook create", ""), func(ctx context.Context) (err error) {
			h, err = svc.Backend(app).CreateWebhook(ctx, up)
			return err
		})
		if err != nil {
			return err
		}
		fmt.Printf("webhook %d is told what happens in app %q from now on; its secret is shown this once:\n%s\n",
			h.ID, app.Name, h.Secrets[0].Secret)
		return nil
	})
}

type webhookDeleteCmd struct{ webhookID }

// Run deletes a webhook.
func (c webhookDeleteCmd) Run(ctx context.Context) error {
	return c.change(ctx, "webhook delete", func(ctx context.Context, b service.Backend, id chat.WebhookID) error {
		if err := b.DeleteWebhook(ctx, id); err != nil {
			return err
		}
		fmt.Printf("webhook %d is deleted\n", id)
		return nil
	})
}
