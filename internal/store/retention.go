package store

import (
	"context"
	"slices"

	"parlor/internal/chat"
	"parlor/internal/store/engine"
)

// Of a job that somebody is at due_at is the end of a lease.
const retentionColumns = `q.app_id, q.tag, q.days, q.created_at, q.updated_at, q.version, q.begins_at, q.job_id, q.at_room,
	q.started_at, q.finished_at, q.run_messages, q.run_files, q.run_bytes, q.messages, q.files, q.bytes,
	COALESCE((SELECT j.due_at FROM jobs j WHERE j.id = q.job_id AND j.owner = ''), 0)`

func scanRetention(row engine.Row) (r chat.RetentionRule, err error) {
	err = row.Scan((*int64)(&r.App), &r.Tag, &r.Days, &r.CreatedAt, &r.UpdatedAt, &r.Version, &r.BeginsAt, (*int64)(&r.Job),
		(*int64)(&r.AtRoom), &r.StartedAt, &r.FinishedAt, &r.Run.Messages, &r.Run.Files, &r.Run.Bytes,
		&r.Total.Messages, &r.Total.Files, &r.Total.Bytes, &r.NextAt)
	return r, err
}

func retentionOr404(r chat.RetentionRule, tag string, err error) (chat.RetentionRule, error) {
	if engine.NoRows(err) {
		err = chat.Missing(chat.Errorf(chat.CodeNotFound, "Retention rule is not found"), tag)
	}
	return r, err
}

const retentionQuery = `SELECT ` + retentionColumns + ` FROM retention_rules q WHERE q.app_id = $1 AND q.tag = $2`

// RetentionRule finds the App's rule of a tag, or CodeNotFound; "" is the one of all other rooms.
func (s *Store) RetentionRule(ctx context.Context, app chat.AppID, tag string) (chat.RetentionRule, error) {
	r, err := scanRetention(s.eng.Row(ctx, retentionQuery, app, tag))
	r, err = retentionOr404(r, tag, err)
	return r, s.explain(err)
}

// RetentionRuleForUpdate is RetentionRule, and keeps others from changing any rule of the App until the commit.
func (tx *Tx) RetentionRuleForUpdate(ctx context.Context, app chat.AppID, tag string) (chat.RetentionRule, error) {
	r, err := scanRetention(tx.conn.Row(ctx, retentionQuery+tx.store.eng.ForUpdate("q"), app, tag))
	return retentionOr404(r, tag, err)
}

const retentionList = `SELECT ` + retentionColumns + ` FROM retention_rules q WHERE q.app_id = $1 ORDER BY q.tag`

// RetentionRules lists an App's rules, by their tags.
func (s *Store) RetentionRules(ctx context.Context, app chat.AppID) ([]chat.RetentionRule, error) {
	list, err := retentionRules(ctx, s.eng, retentionList, app)
	return list, s.explain(err)
}

func retentionRules(ctx context.Context, c engine.Conn, query string, app chat.AppID) (list []chat.RetentionRule, err error) {
	err = engine.Each(ctx, c, func(row engine.Row) error {
		r, err := scanRetention(row)
		list = append(list, r)
		return err
	}, query, app)
	return list, err
}

// SetRetentionRule stores for how many days the App keeps messages of rooms with a tag, "" for all rooms none of whose
// tags has a rule. Then nothing is removed by any rule of the App for the time of grace. Where all of that was so
// before, nothing changes.
func (tx *Tx) SetRetentionRule(ctx context.Context, app chat.AppID, tag string, days int) error {
	rules, err := retentionRules(ctx, tx.conn, retentionList+tx.store.eng.ForUpdate("q"), app)
	if err != nil {
		return err
	}
	now := tx.store.nowMS()
	i := slices.IndexFunc(rules, func(r chat.RetentionRule) bool { return r.Tag == tag })
	switch {
	case i >= 0 && rules[i].Days == days:
		return nil
	case i >= 0:
		_, err = tx.conn.Exec(ctx, `UPDATE retention_rules SET days = $1, updated_at = $2 WHERE app_id = $3 AND tag = $4`,
			days, now, app, tag)
	case len(rules) >= chat.MaxRetentionRules:
		return chat.Errorf(chat.CodeForbidden, "An App has at most %d retention rules", chat.MaxRetentionRules)
	default:
		_, err = tx.conn.Exec(ctx, `INSERT INTO retention_rules (app_id, tag, days, created_at, updated_at, version, begins_at, job_id)
			VALUES ($1, $2, $3, $4, $4, 0, 0, 0)`, app, tag, days, now)
	}
	if err == nil {
		err = tx.breakOff(ctx, rules)
	}
	if err != nil {
		return err
	}
	return tx.restRetention(ctx, app, now, tag)
}

// DeleteRetentionRule forgets a rule of the App; found is false where there is none. Other rules may be those of its
// rooms then, so nothing is removed by them for the time of grace.
func (tx *Tx) DeleteRetentionRule(ctx context.Context, app chat.AppID, tag string) (found bool, err error) {
	rules, err := retentionRules(ctx, tx.conn, retentionList+tx.store.eng.ForUpdate("q"), app)
	i := slices.IndexFunc(rules, func(r chat.RetentionRule) bool { return r.Tag == tag })
	if err != nil || i < 0 {
		return false, err
	}
	if _, err := tx.conn.Exec(ctx, `DELETE FROM retention_rules WHERE app_id = $1 AND tag = $2`, app, tag); err != nil {
		return false, err
	}
	if _, err := tx.DropJob(ctx, rules[i].Job); err != nil {
		return false, err
	}
	if err := tx.breakOff(ctx, rules); err != nil {
		return false, err
	}
	return true, tx.restRetention(ctx, app, tx.store.nowMS(), tag)
}

// breakOff tells of what runs of rules have removed that are under way and are about to end.
func (tx *Tx) breakOff(ctx context.Context, rules []chat.RetentionRule) error {
	for _, r := range rules {
		if !r.Running() {
			continue
		}
		if err := tx.TellOfPart(ctx, r); err != nil {
			return err
		}
	}
	return nil
}

// TellOfPart records what is gone from the room behind those that a run is done with. A run that is in the middle of a
// room has come to the id before it (RetentionRule.AtRoom), so this tells of what it has removed there, where it does
// not go on.
func (tx *Tx) TellOfPart(ctx context.Context, r chat.RetentionRule) error {
	room, until := r.AtRoom+1, int64(0)
	err := tx.conn.Row(ctx, `SELECT r.expired_upto FROM rooms r WHERE r.id = $1 AND r.app_id = $2 AND r.expired_upto > 0`,
		room, r.App).Scan(&until)
	if err != nil {
		return ignoreNoRows(err)
	}
	return tx.Record(ctx, chat.FeedEvent{App: r.App, Kind: chat.FeedMessageExpired, Room: room, Data: chat.FeedData{Until: until}})
}

// restRetention ends all runs of the App's rules that are under way, and has none begin for the time of grace; the
// one of the tag that was changed begins right behind it.
func (tx *Tx) restRetention(ctx context.Context, app chat.AppID, now int64, changed string) error {
	begins := now + chat.RetentionGrace.Milliseconds()
	_, err := tx.conn.Exec(ctx, `UPDATE retention_rules SET version = version + 1, begins_at = $2, at_room = 0,
			finished_at = CASE WHEN started_at <= finished_at THEN finished_at WHEN started_at > $3 THEN started_at ELSE $3 END
		WHERE app_id = $1`, app, begins, now)
	if err != nil {
		return err
	}
	_, err = tx.conn.Exec(ctx, `UPDATE jobs SET owner = '', lease = lease + 1, attempts = 0, last_error = '', dead_at = 0,
			due_at = CASE WHEN owner = '' AND due_at > $2 AND payload <> $3 THEN due_at ELSE $2 END
		WHERE id IN (SELECT q.job_id FROM retention_rules q WHERE q.app_id = $1)`, app, begins, changed)
	if err != nil {
		return err
	}
	var without []string // one that is new, and those whose job an operator has dropped
	err = engine.Each(ctx, tx.conn, func(row engine.Row) error {
		var tag string
		err := row.Scan(&tag)
		without = append(without, tag)
		return err
	}, `SELECT q.tag FROM retention_rules q WHERE q.app_id = $1 AND NOT EXISTS (SELECT 1 FROM jobs j WHERE j.id = q.job_id)`, app)
	for _, tag := range without {
		if err != nil {
			return err
		}
		var id chat.JobID
		if id, err = tx.AddJob(ctx, chat.Job{Kind: chat.JobRetention, App: app, Payload: tag, DueAt: begins}); err != nil {
			return err
		}
		_, err = tx.conn.Exec(ctx, `UPDATE retention_rules SET job_id = $1 WHERE app_id = $2 AND tag = $3`, id, app, tag)
	}
	return err
}

// MoveRetention notes how far a rule's run is, which the transaction holds for update.
func (tx *Tx) MoveRetention(ctx context.Context, r chat.RetentionRule) error {
	_, err := tx.conn.Exec(ctx, `UPDATE retention_rules SET at_room = $1, started_at = $2, finished_at = $3,
			run_messages = $4, run_files = $5, run_bytes = $6, messages = $7, files = $8, bytes = $9
		WHERE app_id = $10 AND tag = $11`,
		r.AtRoom, r.StartedAt, r.FinishedAt, r.Run.Messages, r.Run.Files, r.Run.Bytes,
		r.Total.Messages, r.Total.Files, r.Total.Bytes, r.App, r.Tag)
	return err
}

// ruleOf is the tag whose rule a room r has: of its tags that have one, the one that keeps messages longest. $1 is
// the App.
const ruleOf = `COALESCE((SELECT q.tag FROM room_tags t JOIN retention_rules q ON q.app_id = t.app_id AND q.tag = t.tag
	WHERE t.room_id = r.id AND t.app_id = $1 ORDER BY q.days DESC, q.tag LIMIT 1), '')`

// HasRetentionRule reports whether a room, whose row the transaction holds, has a rule of the App and not another one.
func (tx *Tx) HasRetentionRule(ctx context.Context, rule chat.RetentionRule, room chat.RoomID) (has bool, err error) {
	err = tx.conn.Row(ctx, `SELECT `+ruleOf+` = $2 FROM rooms r WHERE r.app_id = $1 AND r.id = $3`, rule.App, rule.Tag, room).Scan(&has)
	return has, err
}

// RetentionPart is some rooms that a rule is about.
type RetentionPart struct {
	Due  []chat.RoomID // in which there is something to be removed,
	Last chat.RoomID   // of those up to this one
	Done bool          // there are no more behind it
}

// RetentionRooms looks at up to limit rooms of a rule, deleted ones included, behind those that its run is done
// with. Of each it reads the oldest message, however many there are.
func (s *Store) RetentionRooms(ctx context.Context, rule chat.RetentionRule, limit int) (p RetentionPart, err error) {
	rooms, behind := `rooms r`, `r.app_id = $1 AND r.id`
	if rule.Tag != "" {
		rooms, behind = `room_tags x JOIN rooms r ON r.id = x.room_id`, `x.app_id = $1 AND x.tag = $2 AND x.room_id`
	}
	n := 0
	p.Last = rule.AtRoom
	err = engine.Each(ctx, s.eng, func(row engine.Row) error {
		var due bool
		err := row.Scan((*int64)(&p.Last), &due)
		if n++; due {
			p.Due = append(p.Due, p.Last)
		}
		return err
	}, `SELECT r.id, EXISTS (SELECT 1 FROM messages m WHERE m.room_id = r.id AND m.created_at <= $4 AND `+dueForRemoval()+`)
			AND `+ruleOf+` = $2
		FROM `+rooms+` WHERE `+behind+` > $3 ORDER BY r.id LIMIT $5`, rule.App, rule.Tag, rule.AtRoom, rule.Until(), limit)
	p.Done = n < limit
	return p, s.explain(err)
}
