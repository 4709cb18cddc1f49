package store

import (
	"context"

	"parlor/internal/chat"
	"parlor/internal/store/engine"
)

// Block is one user's wish not to hear of another. It says nothing of the reverse.
type Block struct{ Owner, Blocked chat.UserID }

// SetBlocked blocks a user or ends that, in the table and in the row of the personal room of the
// two, which the transaction holds from then on: a message that is written after its commit finds
// the block, and one that was written before is committed before. A user who is blocked leaves
// the owner's contacts. room is 0 where the two have none; changed says that it was not so before.
func (tx *Tx) SetBlocked(
	ctx context.Context, app chat.AppID, b Block, on bool,
) (room chat.RoomID, changed bool, err error) {
	r, err := tx.heldPair(ctx, app, chat.NewPair(b.Owner, b.Blocked))
	if err != nil {
		return 0, false, err
	}
	var n int64
	if on {
		n, err = tx.conn.Exec(ctx, `INSERT INTO blocks (owner_id, blocked_id, created_at) VALUES ($1, $2, $3)
			ON CONFLICT (owner_id, blocked_id) DO NOTHING`, b.Owner, b.Blocked, tx.store.nowMS())
	} else {
		n, err = tx.conn.Exec(ctx, `DELETE FROM blocks WHERE owner_id = $1 AND blocked_id = $2`, b.Owner, b.Blocked)
	}
	if err != nil || n == 0 {
		return r.ID, false, err
	}
	if on {
		_, err = tx.conn.Exec(ctx, `DELETE FROM contacts WHERE owner_id = $1 AND contact_id = $2`, b.Owner, b.Blocked)
	}
	if err == nil && r.ID != 0 {
		blocks := r.Blocks &^ r.Pair.By(b.Owner)
		if on {
			blocks = r.Blocks | r.Pair.By(b.Owner)
		}
		err = tx.setBlocks(ctx, r, blocks)
	}
	return r.ID, true, err
}

// heldPair finds the personal room of two users and keeps others from changing it. Where there is
// none, the zero value, it keeps others from making it.
func (tx *Tx) heldPair(ctx context.Context, app chat.AppID, pair chat.Pair) (chat.Room, error) {
	find := func() (chat.Room, error) {
		r, err := scanRoom(tx.conn.Row(ctx, pairQuery+tx.store.eng.ForUpdate("r"), app, pair.A, pair.B))
		return r, ignoreNoRows(err)
	}
	r, err := find()
	if err != nil || r.ID != 0 {
		return r, err
	}
	// Whoever makes the room holds the users' rows: they are waited for, or come later and read
	// the blocks then (takeBlocks). One of the two rows is enough, and the same for both users.
	var id chat.UserID
	err = tx.conn.Row(ctx, `SELECT u.id FROM users u WHERE u.id = $1`+tx.store.eng.Locks("UPDATE", "u"), pair.A).Scan(&id)
	if err != nil {
		return r, err
	}
	return find()
}

// setBlocks stores in a personal room's row who has blocked whom.
func (tx *Tx) setBlocks(ctx context.Context, r chat.Room, blocks chat.Blocks) error {
	_, err := tx.conn.Exec(ctx, `UPDATE rooms SET blocks = $1 WHERE id = $2 AND app_id = $3`, blocks, r.ID, r.App)
	touch(tx, roomRow{r.ID})
	return err
}

// takeBlocks notes in a new personal room who has blocked whom.
func (tx *Tx) takeBlocks(ctx context.Context, r chat.Room) (chat.Room, error) {
	err := engine.Each(ctx, tx.conn, func(row engine.Row) error {
		var owner chat.UserID
		err := row.Scan(&owner)
		r.Blocks |= r.Pair.By(owner)
		return err
	}, `SELECT owner_id FROM blocks WHERE owner_id = $1 AND blocked_id = $2
		UNION ALL SELECT owner_id FROM blocks WHERE owner_id = $2 AND blocked_id = $1`, r.Pair.A, r.Pair.B)
	if err != nil || r.Blocks == 0 {
		return r, err
	}
	return r, tx.setBlocks(ctx, r, r.Blocks)
}

// BlockCount counts the users whom owner has blocked.
func (tx *Tx) BlockCount(ctx context.Context, owner chat.UserID) (n int, err error) {
	err = tx.conn.Row(ctx, `SELECT COUNT(*) FROM blocks WHERE owner_id = $1`, owner).Scan(&n)
	return n, err
}

// HasBlocked reports whether there is a block.
func (s *Store) HasBlocked(ctx context.Context, b Block) (is bool, err error) {
	err = s.eng.Row(ctx, `SELECT EXISTS (SELECT 1 FROM blocks WHERE owner_id = $1 AND blocked_id = $2)`,
		b.Owner, b.Blocked).Scan(&is)
	return is, s.explain(err)
}

// BlockedAmong returns those of others whom owner has blocked.
func (tx *Tx) BlockedAmong(
	ctx context.Context, owner chat.UserID, others []chat.UserID,
) (map[chat.UserID]bool, error) {
	blocked := map[chat.UserID]bool{}
	err := engine.Each(ctx, tx.conn, func(r engine.Row) error {
		var id chat.UserID
		err := r.Scan(&id)
		blocked[id] = true
		return err
	}, `SELECT b.blocked_id FROM blocks b WHERE b.owner_id = $1 AND `+tx.store.eng.IDInList("b.blocked_id", "$2"),
		owner, tx.store.eng.IDListArg(idsOf(others)))
	return blocked, err
}

// Blocked lists up to limit live users whom owner has blocked, by name.
func (s *Store) Blocked(
	ctx context.Context, app chat.AppID, owner chat.UserID, limit int,
) (users []*chat.User, err error) {
	err = engine.Each(ctx, s.eng, func(r engine.Row) error {
		u, err := scanUser(r)
		users = append(users, &u)
		return err
	}, `SELECT `+userColumns+` FROM blocks b JOIN users u ON u.id = b.blocked_id`+userRoleJoin+`
		WHERE b.owner_id = $1 AND +u.app_id = $2 AND u.deleted_at = 0 ORDER BY u.fullname, u.id LIMIT $3`, owner, app, limit)
	return users, s.explain(err)
}

// Parted returns those of others with whom user has a block, whoever made it.
func (s *Store) Parted(
	ctx context.Context, user chat.UserID, others []chat.UserID,
) (map[chat.UserID]bool, error) {
	parted := map[chat.UserID]bool{}
	err := engine.Each(ctx, s.eng, func(r engine.Row) error {
		var id chat.UserID
		err := r.Scan(&id)
		parted[id] = true
		return err
	}, `SELECT b.blocked_id FROM blocks b WHERE b.owner_id = $1 AND `+s.eng.IDInList("b.blocked_id", "$2")+`
		UNION ALL SELECT b.owner_id FROM blocks b WHERE b.blocked_id = $1 AND `+s.eng.IDInList("b.owner_id", "$2"),
		user, s.eng.IDListArg(idsOf(others)))
	return parted, s.explain(err)
}

// withhold marks a message that was just appended: nobody but its sender ever sees it.
func (tx *Tx) withhold(ctx context.Context, id chat.MessageID) error {
	_, err := tx.conn.Exec(ctx, `UPDATE messages SET withheld = TRUE WHERE id = $1`, id)
	return err
}

// PassOver keeps a withheld message that was just appended out of what reader, for whom it was
// meant, has to read. No receipt of it shows to anybody. crowded is that of AddedReceipts.
func (tx *Tx) PassOver(ctx context.Context, m chat.Message, reader chat.UserID) (crowded bool, err error) {
	if m.Hidden { // it counts nowhere
		_, err = tx.conn.Exec(ctx, `UPDATE participants SET hides = hides + 1 WHERE user_id = $1 AND room_id = $2`,
			reader, m.Room)
		return false, err
	}
	own := receiptSet{tx: tx, room: m.Room, reader: reader, kind: chat.Read, at: m.CreatedAt, number: m.Number}
	packed, _, err := own.hold(ctx)
	if err != nil {
		return false, err
	}
	if _, err := own.add(ctx, packed, []int64{m.CreatedAt}); err != nil {
		return false, err
	}
	upTo := own.spans.UpTo()
	_, err = tx.conn.Exec(ctx, `UPDATE participants SET read_spans = $1, read_upto = $2, has_gaps = $3,
			read_count = read_count + 1, hides = hides + 1 WHERE user_id = $4 AND room_id = $5`,
		own.spans.Encode(), upTo, own.spans[len(own.spans)-1].To > upTo, reader, m.Room)
	return own.spans.Crowded(), err
}
