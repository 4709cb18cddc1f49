package wire

import "parlor/internal/chat"

// addressee is who a message object is for. Backends get deleted: 0 in a live sender; to
// mobile SDKs that number, whatever it is, means a deleted account.
type addressee bool

const (
	forBackend addressee = false
	forDevices addressee = true
)

// message writes the fields of a message object (docs/protocol.md, "Message") as the
// viewer sees it.
func (w *writer) message(v *chat.MessageView, to addressee) {
	m := v.Message
	w.id("messageID", int64(m.ID))
	w.putStr(`,"localID":`, m.LocalID)
	w.putNum(`,"type":`, int64(m.Type))
	w.putStr(`,"body":`, string(m.Body))
	w.putStr(`,"data":`, string(m.Data))
	w.putStr(`,"filterID":`, m.FilterID)
	w.putFlag(`,"isHidden":`, m.Hidden || v.Gone)
	w.messageQuote(m.Quote)
	w.replyTo(m.ReplyTo)
	w.forwardFrom(m.Forward)
	w.roomOf(v)
	w.senderOf(v, to)
	recipient := chat.UserID(0)
	if v.Room.Type == chat.Personal {
		recipient = v.Room.Pair.Other(m.Sender)
	}
	w.putNum(`,"recipientID":"`, int64(recipient))
	w.putStr(`","action":`, string(m.Action))
	w.target(m.Target)
	w.putFlag(`,"isSending":false,"isDelivered":`, v.Delivered)
	w.putFlag(`,"isRead":`, v.Read)
	w.putFlag(`,"isDeleted":`, m.Deleted() || v.Gone)
	w.putFlag(`,"isMessageEdited":`, m.Edited)
	w.putNum(`,"created":`, m.CreatedAt)
	updated := v.ChangedAt
	if updated == 0 {
		updated = m.UpdatedAt
	}
	w.putNum(`,"updated":`, updated)
	deleted := m.DeletedAt
	if v.Gone && deleted == 0 {
		deleted = v.ChangedAt
	}
	w.putNum(`,"deleted":`, deleted)
}

func (w *writer) target(t chat.Target) {
	if t == (chat.Target{}) {
		w.put(`,"target":{"targetType":"","targetID":"0","targetXCID":"","targetName":""}`)
		return
	}
	w.open("target")
	targetType := ""
	if t.User != 0 {
		targetType = "user"
	}
	w.str("targetType", targetType)
	w.id("targetID", int64(t.User))
	w.str("targetXCID", t.XCID)
	w.str("targetName", t.Name)
	w.end()
}

// idText writes an id that a device gave as text, "0" for none.
func (w *writer) idText(name, id string) {
	if id == "" {
		id = "0"
	}
	w.str(name, id)
}

func (w *writer) replyTo(r chat.Reference) {
	if r == (chat.Reference{}) { // as nearly always
		w.put(`,"replyTo":{"userID":"0","xcUserID":"","fullname":"","messageID":"0","localID":"","messageType":0}`)
		return
	}
	w.open("replyTo")
	w.reference(r)
	w.num("messageType", r.Type)
	w.end()
}

func (w *writer) forwardFrom(r chat.Reference) {
	if r == (chat.Reference{}) {
		w.put(`,"forwardFrom":{"userID":"0","xcUserID":"","fullname":"","messageID":"0","localID":""}`)
		return
	}
	w.open("forwardFrom")
	w.reference(r)
	w.str("roomID", r.RoomID)
	w.end()
}

func (w *writer) reference(r chat.Reference) {
	w.idText("userID", r.User)
	w.str("xcUserID", r.XCUser)
	w.str("fullname", r.Fullname)
	w.idText("messageID", r.Message)
	w.str("localID", r.LocalID)
}

func (w *writer) messageQuote(q chat.Quote) {
	if q == (chat.Quote{}) {
		w.put(`,"quote":{"title":"","content":"","imageURL":"","fileID":"","fileType":""}`)
		return
	}
	w.open("quote")
	w.str("title", q.Title)
	w.str("content", string(q.Content))
	w.str("imageURL", q.ImageURL)
	w.str("fileID", q.FileID)
	w.str("fileType", q.FileType)
	if q.VideoURL != "" {
		w.str("videoURL", q.VideoURL)
	}
	w.end()
}

// Sent is the answer of message/send/custom.
type Sent struct {
	LocalID  string
	Repeated bool // the localID was used before, and nothing new was stored
	Differs  bool // what was stored then says something else
}

// AppendJSON appends the answer's data object.
func (a Sent) AppendJSON(b []byte) []byte {
	w := writer{b: append(b, '{')}
	w.result(Result{Success: true})
	w.str("localID", a.LocalID)
	w.flag("repeated", a.Repeated)
	w.flag("contentDiffers", a.Differs)
	w.end()
	return w.b
}
