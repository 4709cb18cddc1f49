package store

import (
	"context"
	"testing"

	"parlor/internal/chat"
)

// TestListOfWhatIsJustRemoved: the newest message that a user sees of a room is removed while the list is read: it shows
// the one that is the newest then, and not the room where there is none. What is removed before it is pinned or starred
// is in no such list, and that is no error.
func TestListOfWhatIsJustRemoved(t *testing.T) {
	eachEngine(t, func(t *testing.T, o Options) {
		st, _ := openSpied(t, o, false)
		f := newSearchFixture(t, st)
		app, rooms := f.rooms[0].App, f.rooms[:2]
		docs := []SearchDoc{f.say(t, 0, 0), f.say(t, 0, 0), f.say(t, 1, 0), f.say(t, 1, 0)}
		mustWrite(t, st, func(ctx context.Context, tx *Tx) error {
			for i, r := range rooms {
				if _, err := tx.AddParticipants(ctx, r.ID, f.users[1:2]); err != nil {
					return err
				}
				if _, err := tx.HideMessages(ctx, r.ID, f.users[1], []int64{docs[2*i+1].CreatedAt}); err != nil {
					return err
				}
			}
			return nil
		})
		reader, err := st.User(t.Context(), app, f.users[1])
		if err != nil {
			t.Fatal(err)
		}
		all := func(string) string { return "" }
		lines, err := st.listLines(t.Context(), all, []any{reader.ID, app, "", 10, 0})
		if err == nil {
			err = st.settleLines(t.Context(), reader.ID, lines)
		}
		if err != nil || len(lines) != 2 {
			t.Fatalf("%d lines, %v", len(lines), err)
		}
		mustWrite(t, st, func(ctx context.Context, tx *Tx) error {
			for i, r := range rooms {
				if _, _, err := tx.RoomForUpdateFor(ctx, app, r.ID, 0); err != nil {
					return err
				}
				if done, err := tx.ExpireMessages(ctx, app, r.ID, docs[2*i].CreatedAt, 10); err != nil || done.Freed.Messages != 1 {
					t.Errorf("removed %+v, %v", done, err)
				}
			}
			_, err := tx.AppendMessage(ctx, NewMessage{Message: chat.Message{
				App: app, Room: rooms[0].ID, Sender: f.users[0], Type: chat.TextMessage, LocalID: "newest",
			}})
			return err
		})
		list, err := st.summaries(t.Context(), reader, lines)
		if err != nil || len(list) != 1 || list[0].Room.ID != rooms[0].ID || list[0].Message.LocalID != "newest" {
			t.Errorf("the list is %+v, %v", list, err)
		}
		for _, l := range []MessageList{{Room: rooms[0].ID}, {Room: rooms[0].ID, User: reader.ID}} {
			for i, d := range docs[:2] { // the first is gone
				mustWrite(t, st, func(ctx context.Context, tx *Tx) error {
					changed, err := tx.SetListed(ctx, l, d.ID, true, 10)
					if changed != (i == 1) {
						t.Errorf("%+v has %d: %v", l, d.ID, changed)
					}
					return err
				})
			}
			if list, total, err := st.Listed(t.Context(), l, chat.Page{Limit: 10}); err != nil || total != 1 || list[0].ID != docs[1].ID {
				t.Errorf("%+v has %+v, %v", l, list, err)
			}
		}
	})
}
