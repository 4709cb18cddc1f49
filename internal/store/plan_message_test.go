package store

import (
	"context"
	"fmt"
	"strings"
	"testing"

	"parlor/internal/chat"
	"parlor/internal/store/engine"
)

// TestMessageListsUseIndexes: no page of a room's messages walks what it does not show, whatever it is
// filtered by, at its beginning and behind a cursor.
func TestMessageListsUseIndexes(t *testing.T) {
	eachEngine(t, func(t *testing.T, o Options) {
		st, sp := openSpied(t, o, true)
		w := fillForPlans(t, st)
		plans := plansOf(t, o, sp)
		app, room := w.app.ID, w.rooms[7].ID
		for name, want := range map[string]struct {
			filter chat.MessageFilter
			index  string
		}{
			"all":              {chat.MessageFilter{}, "messages_room"},
			"from and until":   {chat.MessageFilter{From: 1, Until: 1 << 50}, "messages_room"},
			"texts":            {chat.MessageFilter{Types: []chat.MessageType{chat.TextMessage, 3001}}, "messages_room"},
			"types":            {chat.MessageFilter{Types: []chat.MessageType{3001, 1002}}, "messages_type"},
			"a sender":         {chat.MessageFilter{Sender: w.users[7]}, "messages_room"},
			"a sender's types": {chat.MessageFilter{Sender: w.users[7], Types: []chat.MessageType{3001}}, "messages_type"},
		} {
			for _, oldest := range []bool{false, true} {
				t.Run(fmt.Sprint(name, oldest), func(t *testing.T) {
					f := want.filter
					f.OldestFirst = oldest
					sp.reset()
					for _, after := range []int64{0, 1 << 40} {
						if _, _, _, err := st.messageKeys(t.Context(), room, f, after, 20); err != nil {
							t.Fatal(err)
						}
					}
					seen := 0
					for _, s := range sp.reset() {
						plans(t, s)
						if plan := planText(t, o, sp, s); !strings.Contains(plan, want.index) {
							t.Errorf("it does not go by %s:\n%s", want.index, plan)
						}
						seen++
					}
					if seen != 2 {
						t.Errorf("%d statements", seen)
					}
				})
			}
		}
		t.Run("by id", func(t *testing.T) {
			sp.reset()
			if _, err := st.MessageKeysByID(t.Context(), app, []chat.MessageID{w.message}); err != nil {
				t.Fatal(err)
			}
			if _, err := st.UserIDEver(t.Context(), app, "u7"); err != nil {
				t.Fatal(err)
			}
			for _, s := range sp.reset() {
				plans(t, s)
			}
		})
	})
}

// TestWorkOnManyMessagesUsesIndexes: neither sending to many rooms nor deleting all that matches walks more than
// it works on.
func TestWorkOnManyMessagesUsesIndexes(t *testing.T) {
	eachEngine(t, func(t *testing.T, o Options) {
		st, sp := openSpied(t, o, true)
		w := fillForPlans(t, st)
		plans := plansOf(t, o, sp)
		app, user, room := w.app.ID, w.users[7], w.rooms[7].ID
		message := chat.Message{Sender: user, Type: chat.TextMessage}
		broadcast := chat.Broadcast{App: app, ID: "b", Message: message}
		deletion := chat.Deletion{App: app, ID: "d", Until: 1 << 50}
		inTx := func(fn func(context.Context, *Tx) error) func(context.Context) error {
			return func(ctx context.Context) error { return st.Write(ctx, 0, fn) }
		}
		step := func(d chat.Deletion) func(context.Context) error {
			return func(ctx context.Context) error {
				_, err := st.DeletionStep(ctx, d, 20)
				return err
			}
		}
		for _, path := range []hotPath{
			{"a broadcast", inTx(func(ctx context.Context, tx *Tx) error {
				if _, err := tx.OpenBroadcasts(ctx, app); err != nil {
					return err
				}
				_, err := tx.AddBroadcast(ctx, broadcast, []chat.BroadcastRoom{{Room: "r1"}, {Room: "r2"}})
				return err
			})},
			{"its rooms", func(ctx context.Context) error {
				if _, err := st.Broadcast(ctx, app, "b"); err != nil {
					return err
				}
				_, err := st.BroadcastRooms(ctx, app, "b", chat.BroadcastWaiting, 0, 20)
				return err
			}},
			{"a room of it", inTx(func(ctx context.Context, tx *Tx) error {
				if _, err := tx.SettleBroadcast(ctx, app, "b", 1, "", ""); err != nil {
					return err
				}
				return tx.FinishBroadcast(ctx, app, "b")
			})},
			{"a deletion", inTx(func(ctx context.Context, tx *Tx) error {
				if _, err := tx.OpenDeletions(ctx, app); err != nil {
					return err
				}
				if _, err := tx.AddDeletion(ctx, deletion); err != nil {
					return err
				}
				return tx.MoveDeletion(ctx, deletion)
			})},
			{"how far it is", func(ctx context.Context) error { _, err := st.Deletion(ctx, app, "d"); return err }},
			{"of the App", step(deletion)},
			{"of a room", step(chat.Deletion{App: app, Room: room, AtRoom: room, Until: 1 << 50})},
			{"of a user", step(chat.Deletion{App: app, Sender: user, Until: 1 << 50})},
			{"of a user in a room", step(chat.Deletion{App: app, Room: room, AtRoom: room, Sender: user, Until: 1 << 50})},
			{"forgetting", func(ctx context.Context) error {
				if _, err := st.PruneBroadcasts(ctx, 1<<50); err != nil {
					return err
				}
				_, err := st.PruneDeletions(ctx, 1<<50)
				return err
			}},
			{"the file of a message", inTx(func(ctx context.Context, tx *Tx) error {
				_, err := tx.SharedFile(ctx, chat.Message{ID: w.message})
				return err
			})},
		} {
			t.Run(path.name, func(t *testing.T) {
				path.look(t, sp, plans)
			})
		}
	})
}

// planText is the plan of a statement, in words.
func planText(t *testing.T, o Options, sp *spy, s statement) string {
	t.Helper()
	explain := "EXPLAIN QUERY PLAN "
	if o.DSN != "" {
		explain = "EXPLAIN "
	}
	var lines []string
	err := engine.Each(t.Context(), sp.Engine, func(r engine.Row) error {
		var id, parent, unused int64
		var line string
		dest := []any{&id, &parent, &unused, &line}
		if o.DSN != "" {
			dest = dest[3:]
		}
		err := r.Scan(dest...)
		lines = append(lines, line)
		return err
	}, explain+s.query, s.args...)
	if err != nil {
		t.Fatal(err)
	}
	return strings.Join(lines, "\n")
}
