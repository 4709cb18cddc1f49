package store

import (
	"context"
	"encoding/json"
	"fmt"

	"parlor/internal/chat"
	"parlor/internal/store/engine"
)

const roomColumns = `r.id, r.app_id, r.xc_room_id, r.type, r.user_a, r.user_b, r.name, r.photo_thumbnail,
	r.photo_fullsize, r.color, r.tags, r.locked_at, r.deleted_at, r.created_at, r.updated_at, r.blocks, r.frozen_at`

// emptyInRooms are the columns of roomColumns that most rooms have nothing in.
func emptyInRooms() map[string]string {
	return map[string]string{
		"r.xc_room_id": "''", "r.user_a": "0", "r.user_b": "0", "r.name": "''", "r.photo_thumbnail": "''",
		"r.photo_fullsize": "''", "r.color": "''", "r.tags": "'[]'", "r.locked_at": "0", "r.deleted_at": "0",
		"r.blocks": "0", "r.frozen_at": "0",
	}
}

const roomSelect = `SELECT ` + roomColumns + ` FROM rooms r `

// roomScan takes roomColumns. It can be scanned into row after row.
type roomScan struct {
	chat.Room
	kind int64
	tags string
}

// dest is where the columns go; see messageScan.
func (c *roomScan) dest() []any {
	r := &c.Room
	return []any{
		(*int64)(&r.ID), (*int64)(&r.App), &r.XCID, &c.kind, (*int64)(&r.Pair.A), (*int64)(&r.Pair.B), &r.Name,
		&r.Photo.Thumbnail, &r.Photo.Fullsize, &r.Color, &c.tags, &r.LockedAt, &r.DeletedAt, &r.CreatedAt, &r.UpdatedAt,
		(*int64)(&r.Blocks), &r.FrozenAt,
	}
}

// room is what was scanned last.
func (c *roomScan) room() (r chat.Room, err error) {
	r = c.Room
	r.Type = chat.RoomType(c.kind)
	if c.tags != "[]" && c.tags != "" {
		err = json.Unmarshal([]byte(c.tags), &r.Tags)
	}
	return r, err
}

// scanRoom reads roomColumns, and what the query selects behind them into more.
func scanRoom(row engine.Row, more ...any) (chat.Room, error) {
	var c roomScan
	if err := row.Scan(append(c.dest(), more...)...); err != nil {
		return c.Room, err
	}
	return c.room()
}

// roomOr404 makes an absent or deleted room CodeNotFound.
func roomOr404(r chat.Room, err error) (chat.Room, error) {
	if engine.NoRows(err) || err == nil && r.Deleted() {
		return chat.Room{}, chat.RoomNotFound()
	}
	return r, err
}

// Room finds a room by the customer's id. Absent and deleted rooms are CodeNotFound.
func (s *Store) Room(ctx context.Context, app chat.AppID, xc string) (chat.Room, error) {
	if id, ok := s.cache.roomIDs.get(xcKey{app, xc}); ok {
		if r, ok := s.cache.rooms.get(id); ok {
			found, err := roomOr404(*r, nil)
			return found, chat.Missing(err, xc)
		}
	}
	ticket := s.cache.ticket()
	r, err := scanRoom(s.eng.Row(ctx,
		roomSelect+`WHERE r.app_id = $1 AND r.xc_room_id = $2 AND r.xc_room_id <> ''`, app, xc))
	if err == nil {
		s.cache.roomIDs.put(xcKey{app, xc}, r.ID, ticket)
		kept := r
		s.keepRoom(&kept, ticket)
	}
	r, err = roomOr404(r, err)
	return r, chat.Missing(s.explain(err), xc)
}

// keepRoom puts a room that was read after ticket into the cache, unless it is large.
func (s *Store) keepRoom(r *chat.Room, ticket int64) {
	size := len(r.Name) + len(r.Photo.Thumbnail) + len(r.Photo.Fullsize)
	for _, tag := range r.Tags {
		size += len(tag)
	}
	if size <= cachedTextBytes {
		s.cache.rooms.put(r.ID, r, ticket, stripeOf(roomRow{r.ID}))
	}
}

// RoomByRef finds a room by its public id. Absent and deleted rooms, and ids whose
// letter does not fit the room's type, are CodeNotFound.
func (s *Store) RoomByRef(ctx context.Context, app chat.AppID, ref chat.RoomRef) (chat.Room, error) {
	var r chat.Room
	var err error
	if ref.Type == chat.Personal {
		r, err = scanRoom(s.eng.Row(ctx, pairQuery, app, ref.Pair.A, ref.Pair.B))
	} else {
		r, err = s.RoomByID(ctx, app, ref.ID)
		if err == nil && r.Type != ref.Type {
			return chat.Room{}, chat.RoomNotFound()
		}
		return roomOr404(r, err)
	}
	r, err = roomOr404(r, err)
	return r, s.explain(err)
}

// RoomByID finds a room by its own id, deleted or not. Absent rooms are CodeNotFound.
func (s *Store) RoomByID(ctx context.Context, app chat.AppID, id chat.RoomID) (chat.Room, error) {
	if r, ok := s.cache.rooms.get(id); ok && r.App == app {
		return *r, nil
	}
	ticket := s.cache.ticket()
	r, err := scanRoom(s.eng.Row(ctx, roomSelect+`WHERE r.app_id = $1 AND r.id = $2`, app, id))
	if engine.NoRows(err) {
		return r, chat.RoomNotFound()
	}
	if err == nil {
		kept := r
		s.keepRoom(&kept, ticket)
	}
	return r, s.explain(err)
}

// RoomsByID finds rooms by their own ids, deleted or not. Absent ones are missing.
func (s *Store) RoomsByID(
	ctx context.Context, app chat.AppID, ids []chat.RoomID,
) (rooms map[chat.RoomID]*chat.Room, err error) {
	rooms = make(map[chat.RoomID]*chat.Room, len(ids))
	var missing []int64
	for _, id := range ids {
		if r, ok := s.cache.rooms.get(id); ok && r.App == app {
			rooms[id] = r
		} else {
			missing = append(missing, int64(id))
		}
	}
	if len(missing) > 0 {
		err = s.readRooms(ctx, app, missing, func(r *chat.Room) { rooms[r.ID] = r })
	}
	return rooms, s.explain(err)
}

// RoomForUpdate finds a room by the customer's id, deleted or not, and keeps others
// from changing it until the commit. found is false when there has never been one.
func (tx *Tx) RoomForUpdate(ctx context.Context, app chat.AppID, xc string) (r chat.Room, found bool, err error) {
	r, err = scanRoom(tx.conn.Row(ctx, roomSelect+`WHERE r.app_id = $1 AND r.xc_room_id = $2 AND r.xc_room_id <> ''`+
		tx.store.eng.ForUpdate("r"), app, xc))
	if engine.NoRows(err) {
		return r, false, nil
	}
	return r, err == nil, err
}

// CreateRoom inserts r and returns it with its id and times.
func (tx *Tx) CreateRoom(ctx context.Context, r chat.Room) (chat.Room, error) {
	r.CreatedAt = tx.store.nowMS()
	r.UpdatedAt = r.CreatedAt
	err := tx.conn.Row(ctx, `INSERT INTO rooms (app_id, xc_room_id, type, user_a, user_b, name,
		photo_thumbnail, photo_fullsize, color, tags, created_at, updated_at)
		VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11, $11) RETURNING id`,
		r.App, r.XCID, r.Type, r.Pair.A, r.Pair.B, r.Name, r.Photo.Thumbnail, r.Photo.Fullsize,
		r.Color, engine.JSON(r.Tags), r.CreatedAt).Scan(&r.ID)
	if err != nil {
		return r, fmt.Errorf("insert room: %w", err)
	}
	return r, nil
}

// UpdateRoom stores r's own fields, its deletion included, under a later UpdatedAt.
func (tx *Tx) UpdateRoom(ctx context.Context, r chat.Room) (chat.Room, error) {
	r.UpdatedAt = max(tx.store.nowMS(), r.UpdatedAt+1)
	_, err := tx.conn.Exec(ctx, `UPDATE rooms SET name = $1, photo_thumbnail = $2, photo_fullsize = $3, tags = $4,
		locked_at = $5, deleted_at = $6, updated_at = $7, color = $10,
		restrictions = CASE WHEN frozen_at <> $11 THEN restrictions + 1 ELSE restrictions END, frozen_at = $11
		WHERE id = $8 AND app_id = $9`,
		r.Name, r.Photo.Thumbnail, r.Photo.Fullsize, engine.JSON(r.Tags), r.LockedAt, r.DeletedAt, r.UpdatedAt, r.ID, r.App,
		r.Color, r.FrozenAt)
	touch(tx, roomRow{r.ID})
	return r, err
}

// RoomsInCommon lists up to limit groups that two users are both in by name, the latest
// used first.
func (s *Store) RoomsInCommon(
	ctx context.Context, app chat.AppID, a, b chat.UserID, limit int,
) (rooms []*chat.Room, err error) {
	err = engine.Each(ctx, s.eng, func(row engine.Row) error {
		r, err := scanRoom(row)
		rooms = append(rooms, &r)
		return err
	}, `SELECT `+roomColumns+` FROM participants p
		JOIN participants q ON q.user_id = $2 AND q.room_id = p.room_id AND q.is_explicit
		JOIN rooms r ON r.id = p.room_id
		WHERE p.user_id = $1 AND p.is_explicit AND r.app_id = $3 AND r.type <> 1 AND r.deleted_at = 0
		ORDER BY r.last_message_at DESC, r.id DESC LIMIT $4`, a, b, app, limit)
	return rooms, s.explain(err)
}

// LastMessageAt is when the room's newest message was created.
func (tx *Tx) LastMessageAt(ctx context.Context, room chat.RoomID) (at int64, err error) {
	err = tx.conn.Row(ctx, `SELECT last_message_at FROM rooms WHERE id = $1`, room).Scan(&at)
	return at, err
}
