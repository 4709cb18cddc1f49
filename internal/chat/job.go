package chat

// JobID tells a job from all others.
type JobID int64

// JobKind says what is to be done, and so who does it.
type JobKind string

// Limits of jobs.
const (
	// MaxJobPayload bounds what a job carries, in bytes.
	MaxJobPayload = 64 << 10
	// MaxJobError bounds what is kept of a job's last failure, in bytes.
	MaxJobError = 500
)

// JobEndBans is the kind of the jobs that end bans which are over. Their subject is a RoomID, their
// payload a JSON list of UserIDs.
const JobEndBans JobKind = "end-bans"

// Job is durable work: a row of the transaction that made it necessary, done after its commit
// by whichever node comes first, and again until it has succeeded or is given up.
type Job struct {
	ID      JobID
	Kind    JobKind
	App     AppID
	Subject int64  // the id of what it is about, as the kind has it
	Payload string // as the kind has it; at most MaxJobPayload bytes

	CreatedAt int64  // Unix ms
	DueAt     int64  // Unix ms: not to be done before; of one that is taken, when its lease ends
	Owner     string // the process that has taken it, "" for none
	Lease     int64  // tells the time that it is taken for from those before and after
	Attempts  int    // how often it was taken since it was made, or moved by hand
	LastError string // why it did not succeed the last time
	DeadAt    int64  // Unix ms: when it was given up, 0 for one that is still to be done
}

// Dead reports whether the job was given up.
func (j *Job) Dead() bool { return j.DeadAt > 0 }
