package store

import (
	"context"
	"testing"

	"parlor/internal/chat"
)

// TestShortPagesOfPeople: a short page in a room that many have left asks the database a few times, however many those are.
func TestShortPagesOfPeople(t *testing.T) {
	st, sp := openSpied(t, postgresOptions(t), false) // where it takes a moment to make as many
	f := newSearchFixture(t, st)
	room, first := f.rooms[0], f.users[0]
	var last chat.User
	mustWrite(t, st, func(ctx context.Context, tx *Tx) error {
		_, err := tx.conn.Exec(ctx, `INSERT INTO users (app_id, xc_user_id, fullname, created_at, updated_at)
			WITH RECURSIVE n (i) AS (SELECT 1 UNION ALL SELECT i + 1 FROM n WHERE i < $1)
			SELECT CAST($2 AS BIGINT), 'left' || i, 'Left', 1, 1 FROM n`, peopleLooked/2, room.App)
		if err != nil {
			return err
		}
		if last, err = tx.PutUser(ctx, room.App, chat.UserUpdate{XCID: "last", Fullname: "Last"}); err != nil {
			return err
		}
		_, err = tx.conn.Exec(ctx, `INSERT INTO participants (user_id, room_id, is_explicit)
			SELECT u.id, CAST($1 AS BIGINT), FALSE FROM users u WHERE u.app_id = $2 AND u.fullname = 'Left'`, room.ID, room.App)
		if err == nil {
			_, err = tx.AddParticipants(ctx, room.ID, []chat.UserID{first, last.ID})
		}
		return err
	})
	var w PeopleWalk
	for i, want := range []chat.UserID{first, last.ID} {
		sp.reset()
		list, next, err := st.ParticipantPage(t.Context(), room, chat.OnlyAll, w, 1)
		if err != nil || len(list) != 1 || list[0].ID != want || next.Done != (i == 1) {
			t.Fatalf("page %d: %+v, next %+v, %v", i, list, next, err)
		}
		if n := len(sp.reset()); n > 10 {
			t.Errorf("page %d asks %d times", i, n)
		}
		w = next
	}
}
