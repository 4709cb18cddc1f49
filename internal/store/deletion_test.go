package store

import (
	"context"
	"testing"

	"parlor/internal/chat"
)

// TestDeletionOfARareSender: a step looks at so much and no more, and the next goes on behind it, until the messages of
// somebody who has written little are found among many.
func TestDeletionOfARareSender(t *testing.T) {
	st, sp := openSpied(t, postgresOptions(t), false) // where it takes a moment to make as many
	f := newSearchFixture(t, st)
	room := f.rooms[0]
	const others = deletionLooked + 1
	mustWrite(t, st, func(ctx context.Context, tx *Tx) error {
		_, err := tx.conn.Exec(ctx, `INSERT INTO messages (app_id, room_id, seq, local_id, sender_id, type, body, data, filter_id,
				is_hidden, quote, action, target_user_id, target_xc_id, target_name, created_at, updated_at)
			WITH RECURSIVE n (i) AS (SELECT 1 UNION ALL SELECT i + 1 FROM n WHERE i < $1)
			SELECT CAST($2 AS BIGINT), CAST($3 AS BIGINT), i, CAST(i AS TEXT), CAST($4 AS BIGINT), 1001, '', '', '', FALSE, '', '',
				0, '', '', i, i FROM n`, others, room.App, room.ID, f.users[0])
		return err
	})
	rare := f.say(t, 0, 1)
	d := chat.Deletion{App: room.App, Sender: f.users[1], Until: chat.Forever, Below: 1 << 62}
	var found []MessageAt
	steps := 0
	for ; steps < 10; steps++ {
		sp.reset()
		p, err := st.DeletionStep(t.Context(), d, 50)
		if err != nil {
			t.Fatal(err)
		}
		if n := len(sp.reset()); n > deletionLooked/deletionWindow+3 {
			t.Errorf("step %d asks %d times", steps, n)
		}
		if found = append(found, p.List...); p.Done {
			break
		}
		d.AtRoom, d.AtTime = p.Room, p.Time
	}
	if len(found) != 1 || found[0].ID != rare.ID || steps < 2 {
		t.Errorf("found %+v in %d steps, want %d", found, steps, rare.ID)
	}
}
