package chat

// JobDeletion is the kind of the jobs that delete all messages which match something. Their payload is the
// id of a Deletion.
const JobDeletion JobKind = "deletion"

// MaxDeletions bounds the deletions of an App that are under way at a time.
const MaxDeletions = 100

// Deletion is the deletion of all messages of an App that match. It goes room by room, in the order of their
// ids, and within a room in that of times.
type Deletion struct {
	App    AppID
	ID     string
	Room   RoomID // 0 for all rooms
	Sender UserID // 0 for anybody
	From   int64  // Unix ms, of their creation,
	Until  int64  // likewise; both included
	Below  int64  // only those that changes of lower numbers have appended: see store.Store.Reach

	AtRoom     RoomID // the room that it has come to,
	AtTime     int64  // up to where it is done there
	Looked     int64  // at so many messages that match, deleted before or not
	Deleted    int64  // so many of them by this
	CreatedAt  int64  // Unix ms
	FinishedAt int64  // likewise, 0 while it is under way
	Stopped    bool   // an operator has had the rest not be done
}
