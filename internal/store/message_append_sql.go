package store

import (
	"fmt"

	"parlor/internal/chat"
	"parlor/internal/store/engine"
)

// mayWrite holds for a sender in a room that is not locked, where neither of two has blocked
// the other, and where the sender is not restricted; %[1]s is the sender, %[2]s the condition's
// switch and %[3]s the clock. Blocks are a column of the room, so that a statement which has waited
// for a block to be committed sees it. So is the number of restrictions: where a statement has
// waited for a change of them, its other parts still look at what was before, and with it at the
// number of before. Then it does not hold, and who sends looks anew.
const mayWrite = `(NOT %[2]s OR locked_at = 0 AND blocks = 0 AND (restrictions = 0 OR (
			restrictions = (SELECT w.restrictions FROM rooms w WHERE w.id = rooms.id)
			AND COALESCE((SELECT p.banned_until = 0 AND p.silenced_until <= %[3]s
					AND (rooms.frozen_at = 0 OR p.is_explicit AND p.is_admin)
				FROM participants p WHERE p.user_id = %[1]s AND p.room_id = rooms.id), frozen_at = 0))) AND (
		EXISTS (SELECT 1 FROM participants p WHERE p.user_id = %[1]s AND p.room_id = rooms.id AND p.is_explicit)
		OR EXISTS (SELECT 1 FROM users u JOIN room_roles rr ON rr.app_id = u.app_id AND rr.role_code = u.role_code
			WHERE u.id = %[1]s AND u.role_code <> '' AND u.deleted_at = 0 AND rr.room_id = rooms.id)))`

// counters is how a room's row changes with a message: time is the parameter of the clock,
// visible that of what the message adds to the count, number the change's number.
func counters(eng engine.Engine, time, visible, number string) string {
	at := "CASE WHEN changed_at >= " + time + " THEN changed_at + 1 ELSE " + time + " END"
	hour := ""
	if eng.WritesInWith() { // elsewhere an index is written even where the value stays: there a trigger does it
		hour = `
			active_hour = (` + at + `) / 3600000,`
	}
	return `UPDATE rooms SET` + hour + `
			last_seq = last_seq + 1,
			last_message_at = ` + at + `,
			changed_at = ` + at + `,
			changed = ` + eng.Greatest("changed", number) + `,
			visible_count = visible_count + ` + visible + `,
			last_visible_at = CASE WHEN ` + visible + ` = 0 THEN last_visible_at ELSE ` + at + ` END`
}

const returnCounters = ` RETURNING last_seq, last_message_at, people_version, updated_at`

// notTaken holds for a localID that no open generation has, nor, while they are indexed, any
// message; app, local, hash and upTo are its parameters.
func notTaken(eng engine.Engine, indexed bool, app, local, hash, upTo string) string {
	condition := `NOT EXISTS (SELECT 1` + inOpen(eng, hash, upTo) + `)`
	if indexed {
		condition += `
				AND NOT EXISTS (SELECT 1 FROM messages m WHERE m.app_id = ` + app + ` AND m.local_id = ` + local + `)`
	}
	return condition
}

// raiseStatement is the first of those that append a message one by one.
func raiseStatement(eng engine.Engine) string {
	return raise(eng) + returnCounters + ", changed"
}

func raise(eng engine.Engine) string {
	return counters(eng, "$1", "$2", eng.Number("$5")) + `
		WHERE id = $3 AND app_id = $4 AND deleted_at = 0`
}

// raiseGuarded is raiseStatement, but does nothing where the localID is taken or the sender
// may not write.
func raiseGuarded(eng engine.Engine, indexed bool) string {
	return raise(eng) + `
			AND ` + notTaken(eng, indexed, "$4", "$6", "$7", "$8") + `
			AND ` + fmt.Sprintf(mayWrite, "$9", "$10", "$1") + returnCounters + ", changed"
}

const (
	insertMessage = `INSERT INTO messages (app_id, room_id, local_id, sender_id, type, body, data, filter_id,
			is_hidden, quote, action, target_user_id, target_xc_id, target_name, reply_to, forward_from,
			seq, created_at, updated_at, added)
		VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11, $12, $13, $14, $15, $16, $17, $18, $18, $19)`

	enterLocalID = `INSERT INTO local_ids (generation, hash, message_id)
		SELECT id, $1, $2 ` + openGenerations

	countOwn = `INSERT INTO participants (user_id, room_id, is_explicit, sent_count) VALUES ($1, $2, FALSE, 1)
		ON CONFLICT (user_id, room_id) DO UPDATE SET sent_count = participants.sent_count + 1`
)

// enterWith enters the row that message returns, another part of a WITH, by its hash.
func enterWith(hash string) string {
	return `entry AS (
			INSERT INTO local_ids (generation, hash, message_id)
			SELECT g.id, ` + hash + `::bytea, message.id FROM message CROSS JOIN (SELECT id ` + openGenerations + `) g
		)`
}

// pushJob is the job that notifies people of a message, as a part of a WITH where it is a row of
// another part, message; app, now and notifies are parameters.
func pushJob(app, now, notifies string) string {
	return fmt.Sprintf(`job AS (
			INSERT INTO jobs (kind, app_id, subject, created_at, due_at)
			SELECT '%s', %s::bigint, message.id, %s::bigint, %s::bigint + %d FROM message WHERE %s::boolean
		)`, chat.JobPushMessage, app, now, now, chat.PushDelay, notifies)
}

// appendStatement appends a message in one statement, with the event that tells of it and the job
// that notifies people of it, as the options say.
func appendStatement(eng engine.Engine, indexed bool, o Options) string {
	more := ""
	if o.Push {
		more = ", " + pushJob("$1", "$17", "$24")
	}
	if o.Feed {
		more += ", " + feedOfAppend
	}
	return `WITH room AS (
			` + counters(eng, "$17::bigint", "$18::bigint", eng.Number("$21")) + `
			WHERE id = $2 AND app_id = $1 AND deleted_at = 0
				AND ` + notTaken(eng, indexed, "$1", "$3", "$22", "$23") + `
				AND ` + fmt.Sprintf(mayWrite, "$4", "$20::boolean", "$17::bigint") + returnCounters + ` AS room_updated_at, changed
		), own AS (
			INSERT INTO participants (user_id, room_id, is_explicit, sent_count)
			SELECT $4::bigint, $2::bigint, FALSE, 1 FROM room WHERE $19::boolean
			ON CONFLICT (user_id, room_id) DO UPDATE SET sent_count = participants.sent_count + 1
		), message AS (
			INSERT INTO messages (app_id, room_id, local_id, sender_id, type, body, data, filter_id,
				is_hidden, quote, action, target_user_id, target_xc_id, target_name, reply_to, forward_from,
				seq, created_at, updated_at, added)
			SELECT $1::bigint, $2::bigint, $3::text, $4::bigint, $5::bigint, $6::text, $7::text, $8::text,
				$9::boolean, $10::text, $11::text, $12::bigint, $13::text, $14::text, $15::text, $16::text,
				last_seq, last_message_at, last_message_at, changed
			FROM room RETURNING id
		), ` + enterWith("$22") + more + `
		SELECT message.id, last_seq, last_message_at, people_version, room_updated_at, changed FROM room, message`
}

// appendWith and raiseWith are the statements for what is known of localIDs.
func (st *statements) appendWith(known *knownLocalIDs) string {
	if known.indexed {
		return st.appendIndexed
	}
	return st.append
}

func (st *statements) raiseWith(known *knownLocalIDs) string {
	if known.indexed {
		return st.raiseIndexed
	}
	return st.raiseGuarded
}
