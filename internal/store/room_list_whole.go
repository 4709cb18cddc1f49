package store

import (
	"parlor/internal/chat"
	"parlor/internal/store/engine"
)

// wholeListQuery is the list query with the room, the newest message and, if that is the
// viewer's, what anybody has received or read in the room. It is in no order: the rows are wide,
// and sorted where they arrive. The list is cut before messages are looked at, each by its key.
func wholeListQuery(eng engine.SQL, filter func(column string) string) string {
	anybody := func(column string) string {
		return "CASE WHEN m.sender_id = $1 THEN (SELECT a." + column + " FROM room_receipts a WHERE a.room_id = k.room_id) END"
	}
	return `WITH list AS (` + roomListQuery(eng, filter, ", "+roomColumns) + `)
	SELECT k.*, ` + messageColumns + `, ` + anybody("read_spans") + `, ` + anybody("delivered_spans") +
		eng.ForEach("list", "messages", "m.room_id = k.room_id AND m.created_at = k.at")
}

// listScan takes the columns of the list query. It can be scanned into row after row.
type listScan struct {
	listLine
	read, delivered []byte
}

func (l *listScan) dest() []any {
	return []any{
		(*int64)(&l.Room), &l.CreatedAt, &l.unread, &l.deleted, &l.readUpTo, &l.hasHoles, &l.hides, &l.clearedAt,
		&l.read, &l.delivered,
	}
}

func (l *listScan) decode() (err error) {
	l.receipts.Read, l.receipts.Delivered, err = decodeReceipts(l.read, l.delivered)
	return err
}

// wholeListScan takes the columns of wholeListQuery.
type wholeListScan struct {
	line                    listScan
	room                    roomScan
	message                 messageScan
	anybodyRead, anybodyHas []byte
}

func (w *wholeListScan) dest() []any {
	dest := append(w.line.dest(), w.room.dest()...)
	return append(append(dest, w.message.dest()...), &w.anybodyRead, &w.anybodyHas)
}

// whole is what was scanned last.
func (w *wholeListScan) whole() (listLine, error) {
	if err := w.line.decode(); err != nil {
		return listLine{}, err
	}
	l := w.line.listLine
	r, err := w.room.room()
	if err != nil {
		return l, err
	}
	m, err := w.message.message()
	if err != nil {
		return l, err
	}
	l.room, l.message, l.anybody = &r, &m, &chat.Receipts{}
	l.anybody.AnyRead, l.anybody.AnyDelivered, err = decodeReceipts(w.anybodyRead, w.anybodyHas)
	return l, err
}
