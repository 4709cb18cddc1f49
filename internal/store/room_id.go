package store

import (
	"context"

	"parlor/internal/chat"
	"parlor/internal/store/engine"
)

// roomIDs finds rooms by the customer's ids. Those that do not exist drop out.
func (s *Store) roomIDs(ctx context.Context, app chat.AppID, xcs []string) ([]int64, error) {
	ids := make([]int64, 0, len(xcs))
	var missing []string
	for _, xc := range xcs {
		if id, ok := s.cache.roomIDs.get(xcKey{app, xc}); ok {
			ids = append(ids, int64(id))
		} else {
			missing = append(missing, xc)
		}
	}
	if len(missing) == 0 {
		return ids, nil
	}
	ticket := s.cache.ticket()
	err := engine.Each(ctx, s.eng, func(r engine.Row) error {
		var id chat.RoomID
		var xc string
		if err := r.Scan(&id, &xc); err != nil {
			return err
		}
		ids = append(ids, int64(id))
		s.cache.roomIDs.put(xcKey{app, xc}, id, ticket)
		return nil
	}, `SELECT m.id, m.xc_room_id`+s.eng.ForEach(s.eng.Texts("$2"), "rooms",
		"m.app_id = $1 AND m.xc_room_id = k.value AND m.xc_room_id <> ''"), app, s.eng.ListArg(missing))
	return ids, s.explain(err)
}

// RoomID finds a room by the customer's id, or CodeNotFound. The room may have been
// deleted: what is then done to it fails.
func (s *Store) RoomID(ctx context.Context, app chat.AppID, xc string) (chat.RoomID, error) {
	ids, err := s.roomIDs(ctx, app, []string{xc})
	if err != nil {
		return 0, err
	}
	if len(ids) == 0 {
		return 0, chat.Missing(chat.RoomNotFound(), xc)
	}
	return chat.RoomID(ids[0]), nil
}

// FixedRoom finds what of a room never changes: ids, type and pair. Nothing else is set, and the
// room may have been deleted: what is then done to it fails. Absent rooms are CodeNotFound.
func (s *Store) FixedRoom(ctx context.Context, app chat.AppID, id chat.RoomID) (chat.Room, error) {
	if r, ok := s.cache.fixed.get(id); ok && r.App == app {
		return *r, nil
	}
	ticket := s.cache.ticket()
	r := chat.Room{App: app, ID: id}
	err := s.eng.Row(ctx, `SELECT r.xc_room_id, r.type, r.user_a, r.user_b FROM rooms r WHERE r.id = $1 AND r.app_id = $2`,
		id, app).Scan(&r.XCID, &r.Type, (*int64)(&r.Pair.A), (*int64)(&r.Pair.B))
	if engine.NoRows(err) {
		return r, chat.RoomNotFound()
	}
	if err == nil {
		kept := r
		s.cache.fixed.put(id, &kept, ticket)
	}
	return r, s.explain(err)
}
