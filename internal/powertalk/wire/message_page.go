package wire

import "parlor/internal/chat"

// MessagePage is the answer of the server's message/list.
type MessagePage struct {
	Messages []chat.MessageView
	Next     string // the cursor of the next page, "" behind the last
}

// AppendJSON appends the answer's data object.
func (a MessagePage) AppendJSON(b []byte) []byte {
	w := writer{b: append(b, '{')}
	w.toldMessages(a.Messages)
	w.str("nextCursor", a.Next)
	w.flag("hasMore", a.Next != "")
	w.end()
	return w.b
}

// FoundMessages is the answer of message/get.
type FoundMessages struct {
	Messages           []chat.MessageView
	Missing, Remaining []chat.MessageID
}

// AppendJSON appends the answer's data object.
func (a FoundMessages) AppendJSON(b []byte) []byte {
	w := writer{b: append(b, '{')}
	w.toldMessages(a.Messages)
	w.messageIDs("missingMessageIDs", a.Missing)
	w.messageIDs("remainingMessageIDs", a.Remaining)
	w.end()
	return w.b
}

// toldMessages writes messages as events have them.
func (w *writer) toldMessages(list []chat.MessageView) {
	w.list("messages")
	for i := range list {
		w.item()
		w.toldMessage(&list[i])
		w.end()
	}
	w.endList()
}

func (w *writer) toldMessage(v *chat.MessageView) {
	w.message(v, forBackend)
	w.str("typeName", typeName(v.Type))
}

func (w *writer) messageIDs(name string, ids []chat.MessageID) {
	texts := make([]string, len(ids))
	for i, id := range ids {
		texts[i] = id.String()
	}
	w.strs(name, texts)
}

// EditedMessage is the answer of the server's message/edit.
type EditedMessage struct {
	Message chat.MessageView
	Changed bool
}

// AppendJSON appends the answer's data object.
func (a EditedMessage) AppendJSON(b []byte) []byte {
	w := writer{b: append(b, '{')}
	w.flag("changed", a.Changed)
	w.open("message")
	w.toldMessage(&a.Message)
	w.end()
	w.end()
	return w.b
}

// DeletedMessages is the answer of the server's message/delete.
type DeletedMessages struct{ Deleted, Skipped []chat.MessageID }

// AppendJSON appends the answer's data object.
func (a DeletedMessages) AppendJSON(b []byte) []byte {
	w := writer{b: append(b, '{')}
	w.messageIDs("deletedMessageIDs", a.Deleted)
	w.messageIDs("skippedMessageIDs", a.Skipped)
	w.end()
	return w.b
}

// SentSystem is the answer of message/send_system.
type SentSystem struct {
	ID        chat.MessageID
	LocalID   string
	CreatedAt int64
}

// AppendJSON appends the answer's data object.
func (a SentSystem) AppendJSON(b []byte) []byte {
	w := writer{b: append(b, '{')}
	w.id("messageID", int64(a.ID))
	w.str("localID", a.LocalID)
	w.num("created", a.CreatedAt)
	w.end()
	return w.b
}
