package store

import (
	"context"

	"parlor/internal/chat"
	"parlor/internal/store/engine"
)

// ExportRooms lists up to limit rooms behind after, by their ids, in which a user is or was by name, for which the
// user has set something, or in which a backend keeps something about the user.
func (s *Store) ExportRooms(
	ctx context.Context, user chat.UserID, after chat.RoomID, limit int,
) (list []chat.ExportedRoom, err error) {
	const of = ` x WHERE x.user_id = $1 AND x.room_id > $2 ORDER BY x.room_id LIMIT $3`
	err = engine.Each(ctx, s.eng, func(row engine.Row) error {
		var e chat.ExportedRoom
		r, err := scanRoom(row, &e.Explicit, &e.Admin, &e.Sent, &e.ReadUpTo, &e.LastMarked, &e.LeftAt, &e.MutedUntil,
			&e.PinnedAt, &e.MarkedUnread, &e.ClearedAt, &e.Silenced, &e.Banned, &e.Data)
		e.ID, e.RoomID, e.XCRoomID, e.Name = r.ID, r.PublicID(), r.XCID, r.Name
		list = append(list, e)
		return err
	}, `SELECT `+roomColumns+`, COALESCE(p.is_explicit, FALSE), COALESCE(p.is_admin, FALSE), COALESCE(p.sent_count, 0),
			COALESCE(p.read_upto, 0), COALESCE(p.marked_at, 0), COALESCE(p.left_at, 0), COALESCE(p.muted_until, 0),
			COALESCE(p.pinned_at, 0), COALESCE(p.marked_unread, FALSE), COALESCE(p.cleared_at, 0),
			COALESCE(p.silenced_until, 0), COALESCE(p.banned_until, 0), COALESCE(d.data, '')
		FROM (SELECT a.room_id FROM (SELECT x.room_id FROM participants`+of+`) a
			UNION SELECT b.room_id FROM (SELECT x.room_id FROM participant_data`+of+`) b ORDER BY room_id LIMIT $3) k
		CROSS JOIN rooms r
		LEFT JOIN participants p ON p.user_id = $1 AND p.room_id = r.id
		LEFT JOIN participant_data d ON d.room_id = r.id AND d.user_id = $1
		WHERE r.id = k.room_id ORDER BY r.id`, user, after, limit)
	return list, s.explain(err)
}

// ExportContacts lists up to limit contacts of a user behind one.
func (s *Store) ExportContacts(
	ctx context.Context, user, after chat.UserID, limit int,
) ([]chat.ExportedPerson, error) {
	return s.exportPeople(ctx, `SELECT u.id, u.xc_user_id, u.fullname, c.created_at FROM contacts c JOIN users u ON u.id = c.contact_id
		WHERE c.owner_id = $1 AND c.contact_id > $2 ORDER BY c.contact_id LIMIT $3`, user, after, limit)
}

// ExportBlocks lists up to limit users behind one whom a user has blocked.
func (s *Store) ExportBlocks(
	ctx context.Context, user, after chat.UserID, limit int,
) ([]chat.ExportedPerson, error) {
	return s.exportPeople(ctx, `SELECT u.id, u.xc_user_id, u.fullname, b.created_at FROM blocks b JOIN users u ON u.id = b.blocked_id
		WHERE b.owner_id = $1 AND b.blocked_id > $2 ORDER BY b.blocked_id LIMIT $3`, user, after, limit)
}

func (s *Store) exportPeople(ctx context.Context, query string, args ...any) (list []chat.ExportedPerson, err error) {
	err = engine.Each(ctx, s.eng, func(r engine.Row) error {
		var p chat.ExportedPerson
		err := r.Scan((*int64)(&p.User), &p.XCUserID, &p.Fullname, &p.Since)
		p.UserID = p.User.String()
		list = append(list, p)
		return err
	}, query, args...)
	return list, s.explain(err)
}

// ExportStars lists up to limit messages that a user has starred, behind one.
func (s *Store) ExportStars(
	ctx context.Context, user chat.UserID, after chat.ExportedStar, limit int,
) (list []chat.ExportedStar, err error) {
	err = engine.Each(ctx, s.eng, func(r engine.Row) error {
		var e chat.ExportedStar
		err := r.Scan((*int64)(&e.Room), (*int64)(&e.Message), &e.At)
		e.MessageID = e.Message.String()
		list = append(list, e)
		return err
	}, `SELECT s.room_id, s.message_id, s.starred_at FROM message_stars s
		WHERE s.user_id = $1 AND (s.room_id, s.message_id) > ($2, $3) ORDER BY s.room_id, s.message_id LIMIT $4`,
		user, after.Room, after.Message, limit)
	return list, s.explain(err)
}

// ExportHidden lists up to limit messages that a user has deleted for themselves, behind one.
func (s *Store) ExportHidden(
	ctx context.Context, user chat.UserID, after chat.ExportedHidden, limit int,
) (list []chat.ExportedHidden, err error) {
	err = engine.Each(ctx, s.eng, func(r engine.Row) error {
		var e chat.ExportedHidden
		var message chat.MessageID
		err := r.Scan((*int64)(&e.Room), &e.Time, &e.At, (*int64)(&message))
		e.MessageID = message.String()
		list = append(list, e)
		return err
	}, `SELECT h.room_id, h.created_at, h.hidden_at, COALESCE((SELECT m.id FROM messages m
			WHERE m.room_id = h.room_id AND m.created_at = h.created_at), 0)
		FROM hidden_messages h
		WHERE h.user_id = $1 AND (h.room_id, h.created_at) > ($2, $3) ORDER BY h.room_id, h.created_at LIMIT $4`,
		user, after.Room, after.Time, limit)
	return list, s.explain(err)
}

// ExportLogins lists up to limit devices of a user that are signed in.
func (s *Store) ExportLogins(ctx context.Context, user chat.UserID, limit int) (list []chat.ExportedLogin, err error) {
	err = engine.Each(ctx, s.eng, func(r engine.Row) error {
		var e chat.ExportedLogin
		err := r.Scan(&e.Device, &e.Platform, &e.Since, &e.Expires, &e.Push, &e.PushUpdated, &e.Synced)
		list = append(list, e)
		return err
	}, `SELECT l.device_id, l.platform, l.created_at, l.expires_at, COALESCE(p.kind, ''), COALESCE(p.updated_at, 0),
			COALESCE(d.synced_at, 0)
		FROM logins l LEFT JOIN push_targets p ON p.login_id = l.id
		LEFT JOIN devices d ON d.user_id = l.user_id AND d.device_id = l.device_id
		WHERE l.user_id = $1 ORDER BY l.id LIMIT $2`,
		user, limit)
	return list, s.explain(err)
}

// ExportReports lists up to limit reports by a user, the oldest first.
func (s *Store) ExportReports(ctx context.Context, user chat.UserID, limit int) (list []chat.ExportedReport, err error) {
	err = engine.Each(ctx, s.eng, func(r engine.Row) error {
		var e chat.ExportedReport
		var about chat.UserID
		var message chat.MessageID
		err := r.Scan((*int64)(&about), (*int64)(&message), &e.Category, &e.Other, &e.Reason, &e.At, &e.Resolved)
		e.UserID, e.MessageID = about.String(), message.String()
		list = append(list, e)
		return err
	}, `SELECT r.user_id, r.message_id, r.category, r.is_other, r.reason, r.created_at, r.resolved_at FROM reports r
		WHERE r.reporter_id = $1 ORDER BY r.created_at, r.id LIMIT $2`, user, limit)
	return list, s.explain(err)
}

// ExportScheduled lists up to limit messages that a user has scheduled.
func (s *Store) ExportScheduled(ctx context.Context, user chat.UserID, limit int) ([]chat.Scheduled, error) {
	list, err := eachScheduled(ctx, s.eng, `WHERE s.owner_id = $1 ORDER BY s.room, s.scheduled_at, s.id LIMIT $2`, user, limit)
	return list, s.explain(err)
}
