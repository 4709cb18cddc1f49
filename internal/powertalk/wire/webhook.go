package wire

import (
	"parlor/internal/chat"
)

// Webhook is the answer of the calls about one webhook.
type Webhook struct {
	Webhook chat.Webhook
	Secret  bool // show the secret that is the newest: only who makes it is told
	Counts  bool // show how many events it has not taken
	Parked  int64
	Dead    int64
}

// AppendJSON appends the answer's data object.
func (a Webhook) AppendJSON(b []byte) []byte {
	w := writer{b: append(b, '{')}
	w.open("webhook")
	w.webhook(&a.Webhook)
	if a.Secret && len(a.Webhook.Secrets) > 0 {
		w.str("secret", a.Webhook.Secrets[0].Secret)
	}
	if a.Counts {
		w.num("parkedEvents", a.Parked)
		w.num("deadEvents", a.Dead)
	}
	w.end()
	w.end()
	return w.b
}

// Webhooks is the answer of webhook/list.
type Webhooks struct{ Webhooks []chat.Webhook }

// AppendJSON appends the answer's data object.
func (a Webhooks) AppendJSON(b []byte) []byte {
	w := writer{b: append(b, '{')}
	w.list("webhooks")
	for i := range a.Webhooks {
		w.item()
		w.webhook(&a.Webhooks[i])
		w.end()
	}
	w.endList()
	w.end()
	return w.b
}

func (w *writer) webhook(h *chat.Webhook) {
	w.id("webhookID", int64(h.ID))
	w.str("url", h.URL)
	w.list("types")
	for _, k := range h.Kinds {
		w.comma()
		w.quote(string(k))
	}
	w.endList()
	w.strs("roomTags", h.RoomTags)
	types := make([]int64, len(h.RoomTypes))
	for i, t := range h.RoomTypes {
		types[i] = int64(t)
	}
	w.nums("roomTypes", types)
	w.num("batch", int64(h.Batch))
	w.flag("sealed", h.Sealed)
	w.str("state", string(h.State))
	w.num("failures", int64(h.Failures))
	w.num("retryTime", h.RetryAt)
	w.str("lastError", h.LastError)
	w.num("lastErrorTime", h.FailedAt)
	w.num("lastSuccessTime", h.SuccessAt)
	w.num("created", h.CreatedAt)
	w.num("updated", h.UpdatedAt)
}

// DeadEvent is one of those that a webhook has not taken.
type DeadEvent struct {
	Parked chat.Parked
	View   *chat.FeedView
}

// DeadEvents is the answer of webhook/dead/list.
type DeadEvents struct {
	Events []DeadEvent
	Cursor string
	More   bool
	URL    func(chat.File) string
}

// AppendJSON appends the answer's data object.
func (a DeadEvents) AppendJSON(b []byte) []byte {
	w := writer{b: append(b, '{')}
	w.list("events")
	for i := range a.Events {
		e := &a.Events[i]
		w.item()
		w.num("attempts", int64(e.Parked.Attempts))
		w.num("firstAttempt", e.Parked.FirstAt)
		w.num("givenUp", e.Parked.DeadAt)
		w.str("lastError", e.Parked.LastError)
		w.key("event")
		w.b = AppendEvent(w.b, e.View, a.URL)
		w.end()
	}
	w.endList()
	w.str("cursor", a.Cursor)
	w.flag("hasMore", a.More)
	w.end()
	return w.b
}

// Replayed is the answer of webhook/dead/replay.
type Replayed struct{ Events int64 }

// AppendJSON appends the answer's data object.
func (a Replayed) AppendJSON(b []byte) []byte {
	w := writer{b: append(b, '{')}
	w.num("countReplayed", a.Events)
	w.end()
	return w.b
}
