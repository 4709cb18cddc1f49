package store

import (
	"context"
	"fmt"
	"testing"

	"parlor/internal/chat"
)

// TestRetentionUsesIndexes: no step of a rule walks more than its page of rooms, or its part of a room.
func TestRetentionUsesIndexes(t *testing.T) {
	eachEngine(t, func(t *testing.T, o Options) {
		st, sp := openSpied(t, o, true)
		w := fillForPlans(t, st)
		app, room := w.app.ID, w.rooms[7]
		const later = 1 << 50
		rule := func(tag string) chat.RetentionRule {
			return chat.RetentionRule{App: app, Tag: tag, Days: 1, StartedAt: later}
		}
		mustWrite(t, st, func(ctx context.Context, tx *Tx) error {
			for i, r := range w.rooms[:200] {
				r.Tags = []string{fmt.Sprint("tag", i%50)}
				if _, err := tx.UpdateRoom(ctx, r); err != nil {
					return err
				}
			}
			for _, tag := range []string{"", "tag7"} {
				if err := tx.SetRetentionRule(ctx, app, tag, 1); err != nil {
					return err
				}
			}
			return nil
		})
		plans := plansOf(t, o, sp)
		write := func(do func(context.Context, *Tx) error) func(context.Context) error {
			return func(ctx context.Context) error { return st.Write(ctx, 0, do) }
		}
		for _, path := range []hotPath{
			{"set", write(func(ctx context.Context, tx *Tx) error { return tx.SetRetentionRule(ctx, app, "tag7", 2) })},
			{"list", func(ctx context.Context) error { _, err := st.RetentionRules(ctx, app); return err }},
			{"one", func(ctx context.Context) error { _, err := st.RetentionRule(ctx, app, "tag7"); return err }},
			{"rooms", func(ctx context.Context) error { _, err := st.RetentionRooms(ctx, rule(""), 50); return err }},
			{"rooms of a tag", func(ctx context.Context) error { _, err := st.RetentionRooms(ctx, rule("tag7"), 50); return err }},
			{"a room's rule", write(func(ctx context.Context, tx *Tx) error {
				_, err := tx.HasRetentionRule(ctx, rule("tag7"), room.ID)
				return err
			})},
			{"remove", write(func(ctx context.Context, tx *Tx) error {
				done, err := tx.ExpireMessages(ctx, app, room.ID, later, 2)
				if err == nil && (done.Freed.Messages != 2 || !done.More) {
					t.Errorf("removed %+v", done)
				}
				return err
			})},
			{"tell of a part", write(func(ctx context.Context, tx *Tx) error {
				return tx.TellOfPart(ctx, chat.RetentionRule{App: app, AtRoom: room.ID - 1})
			})},
			{"move", write(func(ctx context.Context, tx *Tx) error {
				r, err := tx.RetentionRuleForUpdate(ctx, app, "tag7")
				if err != nil {
					return err
				}
				return tx.MoveRetention(ctx, r)
			})},
			{"delete", write(func(ctx context.Context, tx *Tx) error {
				_, err := tx.DeleteRetentionRule(ctx, app, "tag7")
				return err
			})},
		} {
			t.Run(path.name, func(t *testing.T) { path.look(t, sp, plans) })
		}
	})
}
