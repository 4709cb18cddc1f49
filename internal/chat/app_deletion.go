package chat

// JobDeleteApp is the kind of the jobs that take away what is left of Apps which were deleted.
const JobDeleteApp JobKind = "delete-app"

// AppDeletion is what becomes of an App that was deleted, and in the end what is kept of it.
type AppDeletion struct {
	App        AppID
	Name       string // what it was called
	Actor      string // who has deleted it: an operator's account and machine
	CreatedAt  int64  // Unix ms
	Removed    int64  // rows that are gone so far
	Files      int64  // files that are,
	FileBytes  int64  // and what they took
	FinishedAt int64  // Unix ms, 0 while there is more to do
}

// AppDeleted says that an App was deleted: its sessions are to be closed. Recorded, delivered as it comes, ahead
// of what waits in the order of rooms.
type AppDeleted struct {
	Change
	App AppID `json:"app"`
}

// Kind is "app.deleted".
func (*AppDeleted) Kind() string { return "app.deleted" }
