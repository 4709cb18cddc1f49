package serverapi

import (
	"context"
	"math"
	"strconv"
	"strings"

	"parlor/internal/chat"
	"parlor/internal/httpapi"
	"parlor/internal/powertalk/wire"
	"parlor/internal/service"
)

// maxDead bounds one page of webhook/dead/list.
const maxDead = 100

// readWebhook reads what is set of a webhook.
func readWebhook(p *httpapi.Params) (u service.WebhookUpdate) {
	u.URL = p.OptionalText("url", 2000)
	f := readFeedFilter(p)
	u.Kinds, u.RoomTags, u.RoomTypes = f.Kinds, f.RoomTags, f.RoomTypes
	if p.Has("types") && u.Kinds == nil { // an empty list, which is no condition
		u.Kinds = []chat.FeedKind{}
	}
	if p.Has("roomTypes") && u.RoomTypes == nil {
		u.RoomTypes = []chat.RoomType{}
	}
	if n := p.OptionalInt("batch", 1, service.MaxWebhookBatch); n != nil {
		size := int(*n)
		u.Batch = &size
	}
	u.Sealed = p.OptionalFlag("sealed")
	u.Paused = p.OptionalFlag("paused")
	return u
}

// webhookID reads which webhook is meant.
func webhookID(p *httpapi.Params) chat.WebhookID {
	n, err := strconv.ParseInt(p.Text("webhookID", maxPublicID), 10, 64)
	if err != nil || n <= 0 {
		p.Fail(chat.Invalid("webhookID", "must be the id of a webhook"))
	}
	return chat.WebhookID(n)
}

func createWebhook(ctx context.Context, b service.Backend, p *httpapi.Params) (httpapi.Answer, error) {
	p.Text("url", 2000) // which only an update can do without
	u := readWebhook(p)
	if err := p.Err(); err != nil {
		return nil, err
	}
	w, err := b.CreateWebhook(ctx, u)
	return wire.Webhook{Webhook: w, Secret: true}, err
}

func webhooks(ctx context.Context, b service.Backend, p *httpapi.Params) (httpapi.Answer, error) {
	if err := p.Err(); err != nil {
		return nil, err
	}
	list, err := b.Webhooks(ctx)
	return wire.Webhooks{Webhooks: list}, err
}

func getWebhook(ctx context.Context, b service.Backend, p *httpapi.Params) (httpapi.Answer, error) {
	id := webhookID(p)
	if err := p.Err(); err != nil {
		return nil, err
	}
	s, err := b.Webhook(ctx, id)
	return wire.Webhook{Webhook: s.Webhook, Counts: true, Parked: s.Parked, Dead: s.Dead}, err
}

func updateWebhook(ctx context.Context, b service.Backend, p *httpapi.Params) (httpapi.Answer, error) {
	id, u := webhookID(p), readWebhook(p)
	if err := p.Err(); err != nil {
		return nil, err
	}
	w, err := b.UpdateWebhook(ctx, id, u)
	return wire.Webhook{Webhook: w}, err
}

func deleteWebhook(ctx context.Context, b service.Backend, p *httpapi.Params) (httpapi.Answer, error) {
	id := webhookID(p)
	if err := p.Err(); err != nil {
		return nil, err
	}
	return wire.Result{Success: true}, b.DeleteWebhook(ctx, id)
}

func rotateSecret(ctx context.Context, b service.Backend, p *httpapi.Params) (httpapi.Answer, error) {
	id := webhookID(p)
	if err := p.Err(); err != nil {
		return nil, err
	}
	w, err := b.RotateSecret(ctx, id)
	return wire.Webhook{Webhook: w, Secret: true}, err
}

func deadEvents(ctx context.Context, b service.Backend, p *httpapi.Params) (httpapi.Answer, error) {
	id := webhookID(p)
	before, at, ok := parseDeadCursor(p.TextOr("cursor", 60))
	if !ok {
		p.Fail(chat.Invalid("cursor", "must be one that webhook/dead/list has answered"))
	}
	limit := p.IntOr("limit", maxDead, 1, maxDead)
	if err := p.Err(); err != nil {
		return nil, err
	}
	list, more, err := b.DeadEvents(ctx, id, before, at, limit)
	answer := wire.DeadEvents{More: more, URL: b.FileURL, Events: make([]wire.DeadEvent, len(list))}
	for i := range list {
		e := &list[i]
		answer.Events[i] = wire.DeadEvent{Parked: e.Parked, View: &e.View}
		answer.Cursor = strconv.FormatInt(e.DeadAt, 36) + "." + e.String()
	}
	return answer, err
}

// parseDeadCursor reads where a list goes on; it begins with the latest.
func parseDeadCursor(text string) (before int64, at chat.FeedPlace, ok bool) {
	if text == "" {
		return math.MaxInt64, at, true
	}
	first, second, ok := strings.Cut(text, ".")
	before, err := strconv.ParseInt(first, 36, 64)
	at, valid := chat.ParseFeedPlace(second)
	return before, at, ok && valid && err == nil
}

func replayDead(ctx context.Context, b service.Backend, p *httpapi.Params) (httpapi.Answer, error) {
	id := webhookID(p)
	var only chat.FeedPlace
	name, since := p.TextOr("eventID", 60), p.OptionalInt("since", 0, math.MaxInt64)
	if name != "" {
		text, prefixed := strings.CutPrefix(name, "evt_")
		place, valid := chat.ParseFeedPlace(text)
		if only = place; !prefixed || !valid || place == (chat.FeedPlace{}) {
			p.Fail(chat.Invalid("eventID", "must be the id of an event"))
		}
	}
	if since == nil && name == "" {
		p.Fail(chat.Absent("since", "is required, or eventID"))
		since = new(int64)
	}
	if since == nil {
		since = new(int64)
	}
	if err := p.Err(); err != nil {
		return nil, err
	}
	n, err := b.ReplayDead(ctx, id, *since, only)
	return wire.Replayed{Events: n}, err
}
