package service

import (
	"encoding/json"
	"strings"

	"parlor/internal/chat"
	"parlor/internal/store"
)

// Outgoing is a message that the backend sends on a user's behalf, in plain text.
// Exactly one of To, RoomID and XCRoomID says where it goes.
type Outgoing struct {
	From     UserName
	To       UserName // the partner in a personal room
	RoomID   string
	XCRoomID string
	Type     chat.MessageType
	Body     string
	Data     string // JSON text of an object or an array, or ""
	FilterID string
	Hidden   bool
	Quote    chat.Quote // but for its Content, which is Quoted
	Quoted   string
	LocalID  string // optional: a repeated send with it stores nothing new
}

// room is the id under which the message's room was named, "" where it is a user.
func (o Outgoing) room() string {
	if o.XCRoomID != "" {
		return o.XCRoomID
	}
	return o.RoomID
}

// validate says what is wrong with the message itself, parameter by parameter.
func (o Outgoing) validate(dialect Dialect) error {
	switch {
	case !o.Type.FromBackend():
		return chat.Invalid("messageType", "must be 1001, 1002, 2001 or 3000 to 3999")
	case o.Body == "":
		return chat.Required("body")
	case chat.UTF16Len(o.Body) > chat.MaxBody:
		return chat.Invalid("body", "must have at most %d UTF-16 units", chat.MaxBody)
	case o.Data == "" && o.Type == chat.ImageMessage: // devices would show a hole in its place
		return chat.Required("data")
	case o.Data != "" && o.Type == chat.TextMessage:
		return chat.Invalid("data", "must be empty for messageType 1001")
	case len(o.Data) > chat.MaxData:
		return chat.Invalid("data", "must have at most %d bytes", chat.MaxData)
	case o.Data != "" && !jsonDocument(o.Data):
		return chat.Invalid("data", "must be the JSON text of an object or an array")
	case o.LocalID != "":
		if err := dialect.ValidateLocalID(o.LocalID); err != nil {
			return err
		}
	}
	return o.validateNames()
}

// validateNames says whether there is exactly one sender and one target.
func (o Outgoing) validateNames() error {
	targets := 0
	for _, t := range []string{o.To.ID, o.To.XCID, o.RoomID, o.XCRoomID} {
		if t != "" {
			targets++
		}
	}
	switch {
	case o.From.ID == "" && o.From.XCID == "":
		return chat.Absent("senderUserID", "is required, or senderXCUserID")
	case o.From.ID != "" && o.From.XCID != "":
		return chat.Invalid("senderUserID", "and 'senderXCUserID' must not both be given")
	case targets == 0:
		return chat.Absent("recipientUserID", "is required, or one of recipientXCUserID, roomID and xcRoomID")
	case targets > 1:
		return chat.Invalid("recipientUserID",
			"must be the only one of recipientUserID, recipientXCUserID, roomID and xcRoomID")
	}
	return nil
}

// jsonDocument: SDKs parse data without a guard, so what is not JSON must never reach them.
func jsonDocument(s string) bool {
	s = strings.TrimLeft(s, " \t\r\n")
	return (strings.HasPrefix(s, "{") || strings.HasPrefix(s, "[")) && json.Valid([]byte(s))
}

// parts enciphers the message, cut to the length that devices accept. With a filterID
// only the last part shows.
func (o Outgoing) parts(dialect Dialect, app chat.AppID, sender chat.UserID) ([]store.NewMessage, error) {
	bodies := chat.SplitBody(o.Body)
	fresh := o.LocalID == ""
	if fresh {
		o.LocalID = dialect.NewLocalID()
	}
	parts := make([]store.NewMessage, len(bodies))
	for i, body := range bodies {
		m := chat.Message{
			App: app, Sender: sender, Type: o.Type, FilterID: o.FilterID, Hidden: o.Hidden || o.FilterID != "",
			LocalID: dialect.PartLocalID(o.LocalID, i),
		}
		text := plainText{body: body}
		if i == len(bodies)-1 {
			m.LocalID, m.Hidden, m.Quote = o.LocalID, o.Hidden, o.Quote
			text.data, text.quoted = o.Data, o.Quoted
		}
		if err := seal(dialect, &m, text); err != nil {
			return nil, err
		}
		parts[i] = store.NewMessage{Message: m, FreshID: fresh}
	}
	return parts, nil
}

// plainText is what of a message is sealed.
type plainText struct{ body, data, quoted string }

// seal seals the texts of m under its localID. An empty body is sealed too, empty data is
// not: that is what devices expect.
func seal(dialect Dialect, m *chat.Message, text plainText) error {
	key, err := dialect.Cipher(m.LocalID)
	if err != nil {
		return err
	}
	m.Body = key.Seal(text.body)
	if text.data != "" {
		m.Data = key.Seal(text.data)
	}
	if text.quoted != "" {
		m.Quote.Content = key.Seal(text.quoted)
	}
	return nil
}
