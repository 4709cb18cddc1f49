package wire

import (
	"time"

	"parlor/internal/chat"
)

// eventTime is ISO 8601 with milliseconds, in UTC.
const eventTime = "2006-01-02T15:04:05.000Z"

// Feed is the answer of events/list.
type Feed struct {
	Events []chat.FeedView
	Cursor chat.FeedPlace
	More   bool
	URL    func(chat.File) string
}

// AppendJSON appends the answer's data object.
func (a Feed) AppendJSON(b []byte) []byte {
	w := writer{b: append(b, '{')}
	w.list("events")
	for i := range a.Events {
		w.comma()
		w.b = AppendEvent(w.b, &a.Events[i], a.URL)
	}
	w.endList()
	w.str("cursor", a.Cursor.String())
	w.flag("hasMore", a.More)
	w.end()
	return w.b
}

// AppendEvent appends an event as backends are told of it (docs/protocol.md, "Types of events"). url is
// where a file is found.
func AppendEvent(b []byte, v *chat.FeedView, url func(chat.File) string) []byte {
	w := writer{b: append(b, '{')}
	w.str("id", v.PublicID())
	w.str("type", string(v.Kind))
	w.str("timestamp", time.UnixMilli(v.At).UTC().Format(eventTime))
	w.num("created", v.At)
	w.open("data")
	w.event(v, url)
	w.end()
	w.end()
	return w.b
}

// event writes what an event is about. The fields of each kind are always there, but for what is
// gone by now.
func (w *writer) event(v *chat.FeedView, url func(chat.File) string) {
	if v.Room != nil {
		w.room(v.Room, nil)
	}
	switch v.Kind {
	case chat.FeedUserCreated, chat.FeedUserUpdated, chat.FeedUserDeleted, chat.FeedUserDeactivated,
		chat.FeedUserReactivated, chat.FeedUserErased, chat.FeedUserOnline, chat.FeedUserOffline,
		chat.FeedUserReported, chat.FeedUserBlocked, chat.FeedUserUnblocked:
		if v.By != nil {
			w.reportedUser("user", v.By)
		}
	default:
		if v.By != nil {
			w.userRef("by", v.By)
		}
	}
	switch v.Kind {
	case chat.FeedMessageCreated, chat.FeedMessageUpdated, chat.FeedMessageDeleted:
		if v.Message != nil {
			w.open("message")
			w.toldMessage(v.Message)
			w.end()
		}
	case chat.FeedMessageRead, chat.FeedMessageDelivered:
		w.messageRefs("messages", v.Receipts)
	case chat.FeedParticipantAdded, chat.FeedParticipantRemoved, chat.FeedUserBlocked, chat.FeedUserUnblocked:
		w.userRefs("users", v.Users)
	case chat.FeedParticipantUpdated:
		w.userRefs("users", v.Users)
		w.flag("isAdmin", v.Data.Admin)
	case chat.FeedParticipantMuted, chat.FeedParticipantBanned:
		w.userRefs("users", v.Users)
		until := v.Data.Until
		if until == chat.Forever {
			until = 0
		}
		w.num("until", until)
	case chat.FeedMessageExpired:
		w.num("until", v.Data.Until)
	case chat.FeedParticipantUnmuted, chat.FeedParticipantUnbanned:
		w.userRefs("users", v.Users)
	case chat.FeedUserReported:
		if v.Report != nil {
			w.eventReport(v.Report)
		}
	case chat.FeedUserErased:
		w.str("erasureID", string(v.Data.Erasure))
	case chat.FeedFileUploaded:
		if v.File != nil {
			w.eventFile(v.File, url(*v.File))
		}
	}
}

func (w *writer) eventReport(r *chat.ReportView) {
	w.open("report")
	w.id("reportID", int64(r.ID))
	w.str("category", r.Category)
	w.flag("isOtherCategory", r.Other)
	w.str("reason", r.Reason)
	if r.By != nil {
		w.userRef("reporter", r.By)
	}
	w.id("messageID", int64(r.Message))
	w.end()
}

func (w *writer) eventFile(f *chat.File, url string) {
	w.open("file")
	w.str("fileID", string(f.ID))
	w.str("fileName", f.Name)
	w.str("mediaType", f.MediaType)
	w.num("size", f.Size)
	w.str("url", url)
	w.end()
}

// userRef names a user.
func (w *writer) userRef(name string, u *chat.User) {
	w.open(name)
	w.refFields(u)
	w.end()
}

func (w *writer) refFields(u *chat.User) {
	w.id("userID", int64(u.ID))
	w.str("xcUserID", u.XCID)
	w.str("fullname", u.Fullname)
}

func (w *writer) userRefs(name string, users []*chat.User) {
	w.list(name)
	for _, u := range users {
		w.item()
		w.refFields(u)
		w.end()
	}
	w.endList()
}

func (w *writer) messageRefs(name string, refs []chat.MessageRef) {
	w.list(name)
	for _, r := range refs {
		w.item()
		w.id("messageID", int64(r.ID))
		w.str("localID", r.LocalID)
		w.num("created", r.CreatedAt)
		w.end()
	}
	w.endList()
}

// typeName is what a message's type is called.
func typeName(t chat.MessageType) string {
	switch {
	case t == chat.TextMessage:
		return "text"
	case t == chat.ImageMessage:
		return "image"
	case t == chat.VideoMessage:
		return "video"
	case t == chat.FileMessage:
		return "file"
	case t == chat.LinkMessage:
		return "link"
	case t == chat.ProductMessage:
		return "products"
	case t == chat.SystemMessage:
		return "system_message"
	case t >= 3000 && t <= 3999:
		return "custom"
	}
	return "other"
}
