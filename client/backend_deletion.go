package client

import (
	"context"
	"time"
)

// DeletionFilter says which messages DeleteMatching deletes: those of which all holds that is set. A sender or a
// time is needed.
type DeletionFilter struct {
	SenderXCID string    `json:"xcUserID,omitzero"` // of who has sent them, deleted or not
	SenderID   UserID    `json:"userID,omitzero"`
	From       time.Time `json:"-"` // of their creation
	Until      time.Time `json:"-"`
	XCRoomID   string    `json:"xcRoomID,omitzero"` // no room means all of them
	RoomID     RoomID    `json:"roomID,omitzero"`
}

// Deletion is how far a deletion of many messages is.
type Deletion struct {
	ID       string `json:"deletionID"`
	Status   string `json:"status"` // running, done, or stopped by an operator
	Created  Time   `json:"created"`
	Finished Time   `json:"finished"` // zero while it is running
	Looked   int64  `json:"looked"`   // at so many messages that match, deleted before or not
	Deleted  int64  `json:"deleted"`  // so many of them by this
}

// Done reports whether it deletes no more, also because an operator has stopped it.
func (d *Deletion) Done() bool { return isOver(d.Status) }

// DeleteMatching deletes all messages that match and were sent up to now, for everyone; system messages stay. When it
// returns without an error this is on the server's disk, and the messages follow: DeletionStatus tells how far it is.
func (b *Backend) DeleteMatching(ctx context.Context, f DeletionFilter) (id string, err error) {
	var answer struct{ DeletionID string }
	err = b.doOnce(ctx, "message/delete_matching", struct {
		DeletionFilter
		From  int64 `json:"from,omitzero"`
		Until int64 `json:"until,omitzero"`
	}{f, milliseconds(f.From), milliseconds(f.Until)}, &answer)
	return answer.DeletionID, err
}

// DeletionStatus tells how far a deletion is.
func (b *Backend) DeletionStatus(ctx context.Context, id string) (d Deletion, err error) {
	return d, b.do(ctx, "message/delete_matching/get", map[string]string{"deletionID": id}, &d)
}
