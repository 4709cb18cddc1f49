package wire

import (
	"slices"

	"parlor/internal/chat"
)

// messageSize is about what a message takes, in bytes.
const messageSize = 2000

// Messages is the answer of the calls that list messages.
type Messages struct {
	Messages []chat.MessageView
	Paged    bool // says whether there are more
	More     bool
}

// AppendJSON appends the answer's data object.
func (a Messages) AppendJSON(b []byte) []byte {
	b = slices.Grow(b, messageSize*len(a.Messages))
	w := writer{b: append(b, '{')}
	w.messages(a.Messages)
	if a.Paged {
		w.flag("hasMore", a.More)
	}
	w.end()
	return w.b
}

// messages writes a list of messages as devices want them.
func (w *writer) messages(list []chat.MessageView) {
	w.rendered = &rendered{}
	w.list("messages")
	for i := range list {
		w.item()
		w.message(&list[i], forDevices)
		w.end()
	}
	w.endList()
}

// Details is the answer of get_details.
type Details struct {
	Message     chat.MessageView
	DeliveredTo []chat.Recipient
	ReadBy      []chat.Recipient
}

// AppendJSON appends the answer's data object.
func (a Details) AppendJSON(b []byte) []byte {
	w := writer{b: append(b, '{')}
	w.open("message")
	w.message(&a.Message, forDevices)
	w.end()
	w.recipients("deliveredTo", a.DeliveredTo)
	w.recipients("readBy", a.ReadBy)
	w.end()
	return w.b
}

func (w *writer) recipients(name string, list []chat.Recipient) {
	w.list(name)
	for _, r := range list {
		w.item()
		w.id("userID", int64(r.User.ID))
		w.str("xcUserID", r.User.XCID)
		w.str("fullname", r.User.Fullname)
		w.open("userImageURL")
		w.str("thumbnail", r.User.Photo.Thumbnail)
		w.str("fullsize", r.User.Photo.Fullsize)
		w.end()
		w.num("deliveredTime", r.DeliveredAt)
		w.num("readTime", r.ReadAt)
		w.end()
	}
	w.endList()
}

// ListedMessages is the answer of the calls that list bookmarked and pinned messages.
type ListedMessages struct {
	Messages          []chat.MessageView
	Page, Size, Total int // pages count from 1
}

// AppendJSON appends the answer's data object.
func (a ListedMessages) AppendJSON(b []byte) []byte {
	b = slices.Grow(b, messageSize*len(a.Messages))
	w := writer{b: append(b, '{')}
	w.messages(a.Messages)
	w.flag("hasMore", a.Page*a.Size < a.Total)
	w.num("pageNumber", int64(a.Page))
	w.num("totalItems", int64(a.Total))
	w.num("totalPages", int64((a.Total+a.Size-1)/a.Size))
	w.end()
	return w.b
}

// Shared is the answer of get_shared_content. It must have no other keys: SDKs walk over
// all of them.
type Shared struct{ Messages []chat.MessageView }

// AppendJSON appends the answer's data object.
func (a Shared) AppendJSON(b []byte) []byte {
	w := writer{b: append(b, '{')}
	for _, class := range []struct {
		name  string
		types []chat.MessageType
	}{
		{"media", []chat.MessageType{chat.ImageMessage, chat.VideoMessage}},
		{"files", []chat.MessageType{chat.FileMessage}},
		{"links", []chat.MessageType{chat.LinkMessage}},
	} {
		w.list(class.name)
		for i := range a.Messages {
			if v := &a.Messages[i]; slices.Contains(class.types, v.Type) {
				w.sharedItem(v)
			}
		}
		w.endList()
	}
	w.end()
	return w.b
}

func (w *writer) sharedItem(v *chat.MessageView) {
	w.item()
	w.id("messageID", int64(v.ID))
	w.str("localID", v.LocalID)
	w.num("messageType", int64(v.Type))
	w.str("data", string(v.Data))
	w.num("created", v.CreatedAt)
	w.id("userID", int64(v.Sender.ID))
	w.str("userFullname", v.Sender.Fullname)
	w.end()
}
