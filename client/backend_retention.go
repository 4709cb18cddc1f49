package client

import "context"

// RetentionRule says for how many days the app keeps messages, and the files in them.
type RetentionRule struct {
	Tag     string `json:"tag"` // of the rooms; "" for those none of whose tags has a rule
	Days    int    `json:"days"`
	Created Time   `json:"created"`
	Updated Time   `json:"updated"`

	NextRun         Time  `json:"nextRunTime"` // zero while one is under way
	Running         bool  `json:"isRunning"`
	LastRun         Time  `json:"lastRunTime"`         // when it began; zero where there was none yet
	LastRunFinished Time  `json:"lastRunFinishedTime"` // zero while it is under way
	InLastRun       Freed `json:"lastRun"`
	Total           Freed `json:"total"`
}

// Freed is what rules of retention have removed.
type Freed struct {
	Messages int64 `json:"messages"`
	Files    int64 `json:"files"` // that nothing names any more
	Bytes    int64 `json:"bytes"` // of the texts and data of the messages, and of the files
}

type retentionTag struct {
	Tag string `json:"tag,omitzero"`
}

// SetRetention has messages of rooms with a tag removed so many days after they were sent; tag "" is for the rooms
// none of whose tags has a rule. Where several tags of a room have rules, the one that keeps messages longest is the
// room's. Nothing is removed within an hour of any change of the app's rules, so that a mistake can be taken back.
func (b *Backend) SetRetention(ctx context.Context, tag string, days int) (RetentionRule, error) {
	var answer struct{ Rule RetentionRule }
	err := b.do(ctx, "retention/set", struct {
		retentionTag
		Days int `json:"days"`
	}{retentionTag{tag}, days}, &answer)
	return answer.Rule, err
}

// Retention lists the app's rules, by their tags, with what they have done.
func (b *Backend) Retention(ctx context.Context) ([]RetentionRule, error) {
	var answer struct{ Rules []RetentionRule }
	err := b.do(ctx, "retention/list", nil, &answer)
	return answer.Rules, err
}

// DeleteRetention forgets the rule of a tag, "" for that of the rooms none of whose tags has one; found is false where
// there is none. Rooms that had this rule have the one then that they would have without it.
func (b *Backend) DeleteRetention(ctx context.Context, tag string) (found bool, err error) {
	var answer struct{ Success bool }
	err = b.do(ctx, "retention/delete", retentionTag{tag}, &answer)
	return answer.Success, err
}
