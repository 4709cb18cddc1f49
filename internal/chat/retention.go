package chat

import "time"

// JobRetention is the kind of the jobs that remove what a RetentionRule no longer keeps. Their payload is the
// rule's tag.
const JobRetention JobKind = "retention"

const (
	// MaxRetentionRules bounds the rules of an App.
	MaxRetentionRules = 100
	// MaxRetentionDays bounds for how long a rule keeps messages.
	MaxRetentionDays = 36_500
	// RetentionGrace is how long after a change of an App's rules nothing is removed by any of them, so that
	// a mistake can be taken back.
	RetentionGrace = time.Hour
	// RetentionInterval is how often a rule looks for what it no longer keeps.
	RetentionInterval = 24 * time.Hour
)

// RetentionRule says for how long an App keeps the messages of rooms.
type RetentionRule struct {
	App       AppID
	Tag       string // of the rooms; "" for those none of whose tags has a rule
	Days      int
	CreatedAt int64 // Unix ms
	UpdatedAt int64 // Unix ms
	Version   int64 // counts changes of the App's rules: a run that began before one ends
	BeginsAt  int64 // Unix ms: nothing is removed before
	NextAt    int64 // Unix ms: when the next run begins; where one is under way, not known
	Job       JobID

	AtRoom     RoomID // rooms up to this one are done in the last run
	StartedAt  int64  // Unix ms, of the last run; 0 where there was none
	FinishedAt int64  // Unix ms, likewise
	Run, Total Freed  // by the last run, and by all
}

// Running reports whether a run is under way.
func (r *RetentionRule) Running() bool { return r.StartedAt > r.FinishedAt }

// Until is the time of the newest messages that the last run removes, in Unix ms.
func (r *RetentionRule) Until() int64 {
	return r.StartedAt - int64(r.Days)*(24*time.Hour).Milliseconds()
}

// Freed is what was removed.
type Freed struct {
	Messages int64
	Files    int64 // that nothing names any more
	Bytes    int64 // of the texts and data of the messages, and of the files
}

// Add counts what else was removed.
func (f *Freed) Add(more Freed) {
	f.Messages += more.Messages
	f.Files += more.Files
	f.Bytes += more.Bytes
}
