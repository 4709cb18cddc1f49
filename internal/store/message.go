package store

import (
	"context"
	"encoding/json"

	"parlor/internal/chat"
	"parlor/internal/store/engine"
)

// MessageByLocalID finds a message by the id that its sender chose. found is false when
// there is none in the App, or it is older than LocalIDWindow. It is ErrNoLongerKept where the id is taken by one
// that is gone.
func (tx *Tx) MessageByLocalID(
	ctx context.Context, app chat.AppID, localID string,
) (m chat.Message, found bool, err error) {
	m, err = tx.store.messageByLocalID(ctx, tx.conn, app, localID)
	if engine.NoRows(err) {
		return m, false, nil
	}
	return m, err == nil, err
}

func (s *Store) messageByLocalID(
	ctx context.Context, c engine.Conn, app chat.AppID, localID string,
) (m chat.Message, err error) {
	id, err := s.messageOf(ctx, c, app, localID)
	if err != nil {
		return m, err
	}
	m, err = scanMessage(c.Row(ctx, messageSelect+`FROM messages m WHERE m.id = $1 AND m.app_id = $2`, id, app))
	if id != 0 && engine.NoRows(err) {
		err = ErrNoLongerKept
	}
	return m, err
}

// ErrNoLongerKept says that a localID is taken by a message that a rule of retention has removed: sent again,
// it would be there again.
var ErrNoLongerKept = chat.Errorf(chat.CodeConflict, "This localID belongs to a message that is no longer kept")

const messageColumns = `m.id, m.app_id, m.room_id, m.seq, m.local_id, m.sender_id, m.type,
	m.body, m.data, m.filter_id, m.is_hidden, m.quote, m.action, m.target_user_id, m.target_xc_id, m.target_name,
	m.reply_to, m.forward_from, m.is_edited, m.created_at, m.updated_at, m.deleted_at, m.added, m.changed, m.withheld`

// emptyInMessages are the columns of messageColumns that most messages have nothing in.
func emptyInMessages() map[string]string {
	return map[string]string{
		"m.data": "''", "m.filter_id": "''", "m.is_hidden": "FALSE", "m.quote": "''", "m.action": "''",
		"m.target_user_id": "0", "m.target_xc_id": "''", "m.target_name": "''", "m.reply_to": "''",
		"m.forward_from": "''", "m.is_edited": "FALSE", "m.deleted_at": "0", "m.changed": "0",
		"m.withheld": "FALSE",
	}
}

const messageSelect = `SELECT ` + messageColumns + ` `

// storedQuote is the form of a quote in its column.
type storedQuote struct {
	Title    string      `json:"title,omitempty"`
	Content  chat.Sealed `json:"content,omitempty"`
	ImageURL string      `json:"imageURL,omitempty"`
	FileID   string      `json:"fileID,omitempty"`
	FileType string      `json:"fileType,omitempty"`
	VideoURL string      `json:"videoURL,omitempty"`
}

// storedReference is the form of a reply's or forward's origin in its column.
type storedReference struct {
	User     string `json:"userID,omitempty"`
	XCUser   string `json:"xcUserID,omitempty"`
	Fullname string `json:"fullname,omitempty"`
	Message  string `json:"messageID,omitempty"`
	LocalID  string `json:"localID,omitempty"`
	Type     int64  `json:"messageType,omitempty"`
	RoomID   string `json:"roomID,omitempty"`
}

// jsonOrNothing is v's column: "" for the zero value, which nearly all are.
func jsonOrNothing[T comparable](v T) (string, error) {
	var zero T
	if v == zero {
		return "", nil
	}
	b, err := json.Marshal(v)
	return string(b), err
}

// MessageByLocalID finds a message by the id that its sender chose, or CodeNotFound, which it
// is for those that are older than LocalIDWindow as well. It is ErrNoLongerKept where the id is taken by one that
// is gone.
func (s *Store) MessageByLocalID(ctx context.Context, app chat.AppID, localID string) (chat.Message, error) {
	m, err := s.messageByLocalID(ctx, s.eng, app, localID)
	if engine.NoRows(err) {
		return m, chat.Missing(chat.Errorf(chat.CodeNotFound, "Message is not found"), localID)
	}
	return m, s.explain(err)
}

// MessagesByID finds messages of the App; those that do not exist drop out.
func (s *Store) MessagesByID(ctx context.Context, app chat.AppID, ids []int64) ([]chat.Message, error) {
	return s.messageList(ctx, `FROM messages m WHERE +m.app_id = $1 AND `+s.eng.IDInList("m.id", "$2"),
		app, s.eng.IDListArg(ids))
}

// MessagesAt finds messages of a room by their times, in no order.
func (s *Store) MessagesAt(ctx context.Context, room chat.RoomID, times []int64) ([]chat.Message, error) {
	return s.messageList(ctx, `FROM messages m WHERE m.room_id = $1 AND `+s.eng.IDInList("m.created_at", "$2"),
		room, s.eng.IDListArg(times))
}

// SendersAt finds who has sent the messages of a room that were created at these times.
func (s *Store) SendersAt(ctx context.Context, room chat.RoomID, times []int64) (map[int64]chat.UserID, error) {
	senders := make(map[int64]chat.UserID, len(times))
	err := engine.Each(ctx, s.eng, func(r engine.Row) error {
		var at int64
		var id chat.UserID
		err := r.Scan(&at, &id)
		senders[at] = id
		return err
	}, `SELECT m.created_at, m.sender_id FROM messages m WHERE m.room_id = $1 AND `+s.eng.IDInList("m.created_at", "$2"),
		room, s.eng.IDListArg(times))
	return senders, s.explain(err)
}
