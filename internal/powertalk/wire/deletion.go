package wire

import "parlor/internal/chat"

// NewDeletion is the answer of message/delete_matching.
type NewDeletion struct{ ID string }

// AppendJSON appends the answer's data object.
func (a NewDeletion) AppendJSON(b []byte) []byte {
	w := writer{b: append(b, '{')}
	w.str("deletionID", a.ID)
	w.end()
	return w.b
}

// Deletion is the answer of message/delete_matching/get.
type Deletion struct{ chat.Deletion }

// AppendJSON appends the answer's data object.
func (a Deletion) AppendJSON(b []byte) []byte {
	w := writer{b: append(b, '{')}
	w.str("deletionID", a.ID)
	w.status(a.CreatedAt, a.FinishedAt, a.Stopped)
	w.num("looked", a.Looked)
	w.num("deleted", a.Deleted)
	w.end()
	return w.b
}
