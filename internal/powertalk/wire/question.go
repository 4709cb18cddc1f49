package wire

import (
	"time"

	"parlor/internal/chat"
)

// Question is what a before-hook is asked.
type Question struct {
	ID       string
	Updating bool // an edit
	At       int64
	RoomID   string
	User     *chat.User
	LocalID  string
	Type     chat.MessageType
	Body     string // plain, like Data
	Data     string
	Quote    chat.Quote // plain, too
	ReplyTo  chat.Reference
	Forward  chat.Reference
}

// AppendJSON appends the question (docs/protocol.md, "Moderation").
func (q *Question) AppendJSON(b []byte) []byte {
	w := writer{b: append(b, '{')}
	w.str("id", q.ID)
	kind := "message.creating"
	if q.Updating {
		kind = "message.updating"
	}
	w.str("type", kind)
	w.str("timestamp", time.UnixMilli(q.At).UTC().Format(eventTime))
	w.num("created", q.At)
	w.open("data")
	w.str("roomID", q.RoomID)
	w.userRef("by", q.User)
	w.open("message")
	w.str("localID", q.LocalID)
	w.num("type", int64(q.Type))
	w.str("typeName", typeName(q.Type))
	w.str("body", q.Body)
	w.str("data", q.Data)
	if !q.Updating {
		w.replyTo(q.ReplyTo)
		w.forwardFrom(q.Forward)
		w.messageQuote(q.Quote)
	}
	w.end()
	w.end()
	w.end()
	return w.b
}

// BeforeHook is the answer of the calls about the before-hook.
type BeforeHook struct {
	Hook   chat.BeforeHook
	Is     bool
	Secret bool // show it: only who makes it is told
}

// AppendJSON appends the answer's data object.
func (a BeforeHook) AppendJSON(b []byte) []byte {
	w := writer{b: append(b, '{')}
	w.flag("isSet", a.Is)
	if a.Is {
		w.open("beforeHook")
		w.str("url", a.Hook.URL)
		w.num("timeout", int64(a.Hook.Timeout))
		w.str("onFailure", map[bool]string{true: "refuse", false: "allow"}[a.Hook.Strict])
		if a.Secret {
			w.str("secret", a.Hook.Secret)
		}
		w.end()
	}
	w.end()
	return w.b
}
