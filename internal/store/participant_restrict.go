package store

import (
	"context"

	"parlor/internal/chat"
)

// restricted is what rooms.restrictions becomes with a change that may concern who may write: it is
// counted once anybody was ever restricted in the room, and costs nothing elsewhere. See mayWrite.
const restricted = `CASE WHEN restrictions > 0 THEN restrictions + 1 ELSE 0 END`

// notBanned ends a condition on users u who are in room rr.room_id by role. It is one row that is
// asked: of the index of those who are banned planners would read whatever there is of a user.
const notBanned = ` AND COALESCE((SELECT b.banned_until FROM participants b
	WHERE b.user_id = u.id AND b.room_id = rr.room_id), 0) = 0`

// restricted counts a change that may concern who may write into a room.
func (tx *Tx) restricted(ctx context.Context, room chat.RoomID) error {
	_, err := tx.conn.Exec(ctx, `UPDATE rooms SET restrictions = restrictions + 1 WHERE id = $1 AND restrictions > 0`, room)
	return err
}

// Silence keeps users from writing into a room until a time (Unix ms, chat.Forever for no end), or,
// with 0, lets them write again. It returns those for whom that is new. It holds the room: a message
// that is written after the commit finds it, and one that was written before is committed before.
func (tx *Tx) Silence(
	ctx context.Context, room chat.RoomID, users []chat.UserID, until int64,
) ([]chat.UserID, error) {
	if err := tx.restrict(ctx, room); err != nil {
		return nil, err
	}
	return tx.setUntil(ctx, "silenced_until", room, users, until)
}

// Ban takes users out of a room, whatever holds them in it, and keeps them out until a time (Unix
// ms, chat.Forever for no end), or, with 0, ends that: then a role may hold them in the room again.
// It returns those for whom that is new. It holds the room, as Silence does.
func (tx *Tx) Ban(ctx context.Context, room chat.RoomID, users []chat.UserID, until int64) ([]chat.UserID, error) {
	if err := tx.restrict(ctx, room); err != nil {
		return nil, err
	}
	if err := tx.peopleChanged(ctx, room); err != nil {
		return nil, err
	}
	return tx.setUntil(ctx, "banned_until", room, users, until)
}

// restrict counts a restriction, and holds the room's row.
func (tx *Tx) restrict(ctx context.Context, room chat.RoomID) error {
	_, err := tx.conn.Exec(ctx, `UPDATE rooms SET restrictions = restrictions + 1 WHERE id = $1`, room)
	return err
}

func (tx *Tx) setUntil(
	ctx context.Context, column string, room chat.RoomID, users []chat.UserID, until int64,
) ([]chat.UserID, error) {
	if until == 0 {
		return tx.changed(ctx, users, `UPDATE participants SET `+column+` = 0
			WHERE `+tx.store.eng.IDInList("user_id", "$1")+` AND room_id = $2 AND `+column+` > 0 RETURNING user_id`, room)
	}
	return tx.changed(ctx, users, `INSERT INTO participants (user_id, room_id, is_explicit, `+column+`)
		SELECT x.value, $2, FALSE, $3 FROM `+tx.store.eng.Ordered("$1")+` x WHERE TRUE
		ON CONFLICT (user_id, room_id) DO UPDATE SET `+column+` = excluded.`+column+`
			WHERE participants.`+column+` <> excluded.`+column+`
		RETURNING user_id`, room, until)
}

// BannedAmong returns those of users who are banned from a room.
func (tx *Tx) BannedAmong(ctx context.Context, room chat.RoomID, users []chat.UserID) (map[chat.UserID]bool, error) {
	return tx.among(ctx, `SELECT p.user_id FROM participants p WHERE p.room_id = $1 AND p.banned_until > 0
		AND `+tx.store.eng.IDInList("p.user_id", "$2"), room, tx.store.eng.IDListArg(idsOf(users)))
}

// EndBans ends those bans of users that are over by now, and returns whose.
func (tx *Tx) EndBans(ctx context.Context, room chat.RoomID, users []chat.UserID) ([]chat.UserID, error) {
	if err := tx.peopleChanged(ctx, room); err != nil {
		return nil, err
	}
	return tx.changed(ctx, users, `UPDATE participants SET banned_until = 0
		WHERE `+tx.store.eng.IDInList("user_id", "$1")+` AND room_id = $2 AND banned_until > 0 AND banned_until <= $3
		RETURNING user_id`, room, tx.store.nowMS())
}

// ForgetParticipants lets everybody write into a room again, and forgets what backends kept with it
// and with those in it. Who is banned stays so.
func (tx *Tx) ForgetParticipants(ctx context.Context, room chat.RoomID) error {
	for _, query := range []string{
		`UPDATE participants SET silenced_until = 0 WHERE room_id = $1 AND silenced_until > 0`,
		`DELETE FROM participant_data WHERE room_id = $1`,
		`DELETE FROM room_data WHERE room_id = $1`,
	} {
		if _, err := tx.conn.Exec(ctx, query, room); err != nil {
			return err
		}
	}
	return nil
}
