package store

import (
	"encoding/json"

	"parlor/internal/chat"
	"parlor/internal/store/engine"
)

// messageScan takes the columns of messageSelect. It can be scanned into row after row.
type messageScan struct {
	chat.Message
	kind                  int64
	quote, reply, forward string
	changed               int64
}

// dest is where the columns go. They are plain numbers and texts: for other types drivers
// look up, for each value, how to convert it.
func (r *messageScan) dest() []any {
	m := &r.Message
	return []any{
		(*int64)(&m.ID), (*int64)(&m.App), (*int64)(&m.Room), &m.Seq, &m.LocalID, (*int64)(&m.Sender), &r.kind,
		(*string)(&m.Body), (*string)(&m.Data), &m.FilterID, &m.Hidden, &r.quote,
		(*string)(&m.Action), (*int64)(&m.Target.User), &m.Target.XCID, &m.Target.Name, &r.reply, &r.forward, &m.Edited,
		&m.CreatedAt, &m.UpdatedAt, &m.DeletedAt, &m.Added, &r.changed,
		&m.Withheld,
	}
}

// message is what was scanned last.
func (r *messageScan) message() (m chat.Message, err error) {
	m = r.Message
	m.Type = chat.MessageType(r.kind)
	if m.Added == 0 {
		m.Added = m.CreatedAt // it is older than numbers
	}
	m.Number = max(m.Added, r.changed)
	if r.quote != "" {
		err = json.Unmarshal([]byte(r.quote), (*storedQuote)(&m.Quote))
	}
	if err == nil && r.reply != "" {
		err = json.Unmarshal([]byte(r.reply), (*storedReference)(&m.ReplyTo))
	}
	if err == nil && r.forward != "" {
		err = json.Unmarshal([]byte(r.forward), (*storedReference)(&m.Forward))
	}
	return m, err
}

func scanMessage(r engine.Row) (chat.Message, error) {
	var row messageScan
	if err := r.Scan(row.dest()...); err != nil {
		return row.Message, err
	}
	return row.message()
}
