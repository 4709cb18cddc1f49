package wire

import "parlor/internal/chat"

// lastMessage writes the message object of the server API (docs/protocol.md, "Message")
// as the viewer sees it.
func (w *writer) lastMessage(sum *chat.RoomSummary, viewer chat.UserID) {
	m := sum.Last
	w.id("messageID", int64(m.ID))
	w.str("localID", m.LocalID)
	w.num("type", int64(m.Type))
	w.str("body", m.Body)
	w.str("data", m.Data)
	w.str("filterID", m.FilterID)
	w.flag("isHidden", m.Hidden)
	w.messageQuote(m.Quote)
	// Only clients reply and forward.
	w.b = append(w.b, `,"replyTo":{"userID":"0","xcUserID":"","fullname":"","messageID":"0","localID":"","messageType":0}`+
		`,"forwardFrom":{"userID":"0","xcUserID":"","fullname":"","messageID":"0","localID":""}`...)
	w.room(sum.Room, sum.Partner)
	w.open("user")
	w.user(sum.Sender)
	w.num("deleted", sum.Sender.DeletedAt)
	w.end()
	recipient := chat.UserID(0)
	if sum.Room.Type == chat.Personal {
		recipient = sum.Room.Pair.Other(m.Sender)
	}
	w.id("recipientID", int64(recipient))
	w.str("action", string(m.Action))
	w.open("target")
	targetType := ""
	if m.Target.User != 0 {
		targetType = "user"
	}
	w.str("targetType", targetType)
	w.id("targetID", int64(m.Target.User))
	w.str("targetXCID", m.Target.XCID)
	w.str("targetName", m.Target.Name)
	w.end()
	// What one writes to oneself has arrived and is read at once.
	toSelf := sum.Room.Type == chat.Personal && sum.Room.Pair.A == sum.Room.Pair.B && m.Sender == viewer
	w.flag("isSending", false)
	w.flag("isDelivered", toSelf)
	w.flag("isRead", toSelf)
	w.flag("isDeleted", m.DeletedAt > 0)
	w.num("created", m.CreatedAt)
	w.num("updated", m.UpdatedAt)
	w.num("deleted", m.DeletedAt)
}

func (w *writer) messageQuote(q chat.Quote) {
	w.open("quote")
	w.str("title", q.Title)
	w.str("content", q.Content)
	w.str("imageURL", q.ImageURL)
	w.str("fileID", q.FileID)
	w.str("fileType", q.FileType)
	w.end()
}

// Sent is the answer of message/send/custom.
type Sent struct{ LocalID string }

// AppendJSON appends the answer's data object.
func (a Sent) AppendJSON(b []byte) []byte {
	w := writer{append(b, '{')}
	w.result(Result{Success: true})
	w.str("localID", a.LocalID)
	w.end()
	return w.b
}
