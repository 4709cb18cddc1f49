package store

import (
	"context"
	"fmt"
	"testing"

	"parlor/internal/chat"
)

// TestRoomListsUseIndexes: no page of an App's rooms, or of a room's participants, walks what it does
// not show, whatever it is filtered by, at its beginning and behind a cursor.
func TestRoomListsUseIndexes(t *testing.T) {
	eachEngine(t, func(t *testing.T, o Options) {
		st, sp := openSpied(t, o, true)
		w := fillForPlans(t, st)
		mustWrite(t, st, func(ctx context.Context, tx *Tx) error {
			for i := range 100 {
				r := w.rooms[i]
				r.Name, r.Tags = fmt.Sprint("Room ", i), []string{fmt.Sprint("tag", i%50)}
				if _, err := tx.UpdateRoom(ctx, r); err != nil {
					return err
				}
			}
			return nil
		})
		look := lookAtPlans(t, o, sp)
		app, room := w.app.ID, w.rooms[7]
		after := chat.RoomCursor{Room: 3, Hour: 1, Name: "room 1"}
		for name, f := range map[string]chat.RoomFilter{
			"all": {}, "by tag": {Tag: "tag7"}, "by type": {Type: chat.Group}, "by name": {Prefix: "Room 1"},
			"by activity": {ActiveSince: 1}, "by activity until": {ActiveUntil: 1 << 50},
			"by all": {Tag: "tag7", Type: chat.Group, Prefix: "R", ActiveSince: 1},
		} {
			look(name, func(ctx context.Context) error {
				if _, _, _, err := st.RoomPage(ctx, app, f, nil, chat.RoomCursor{}, 20); err != nil {
					return err
				}
				_, _, _, err := st.RoomPage(ctx, app, f, nil, after, 20)
				return err
			})
		}
		look("by participant", func(ctx context.Context) error {
			_, _, _, err := st.RoomPage(ctx, app, chat.RoomFilter{Participant: "u7"}, w.viewer, chat.RoomCursor{}, 20)
			return err
		})
		for _, only := range []chat.Only{chat.OnlyAll, chat.OnlyByName, chat.OnlyByRole, chat.OnlyAdmins, chat.OnlySilenced, chat.OnlyBanned} {
			look("participants "+string(only), func(ctx context.Context) error {
				_, _, err := st.ParticipantPage(ctx, room, only, PeopleWalk{}, 50)
				return err
			})
		}
		inTx := func(fn func(context.Context, *Tx) error) func(context.Context) error {
			return func(ctx context.Context) error { return st.Write(ctx, 0, fn) }
		}
		few := w.users[:3]
		look("restrictions", inTx(func(ctx context.Context, tx *Tx) error {
			if _, err := tx.Silence(ctx, room.ID, few, chat.Forever); err != nil {
				return err
			}
			if _, err := tx.Ban(ctx, room.ID, few, chat.Forever); err != nil {
				return err
			}
			if _, err := tx.BannedAmong(ctx, room.ID, few); err != nil {
				return err
			}
			if _, err := tx.EndBans(ctx, room.ID, few); err != nil {
				return err
			}
			return tx.ForgetParticipants(ctx, room.ID)
		}))
		look("admins", inTx(func(ctx context.Context, tx *Tx) error {
			if _, err := tx.NamedAmong(ctx, room.ID, few); err != nil {
				return err
			}
			if _, err := tx.OtherAdmins(ctx, room.ID, few); err != nil {
				return err
			}
			_, err := tx.Targets(ctx, few)
			return err
		}))
		look("a message where somebody is restricted", func(ctx context.Context) error {
			m := chat.Message{App: app, Room: room.ID, Sender: w.users[7*7%1000], LocalID: "guarded", Type: chat.TextMessage}
			_, err := st.AppendMessages(ctx, Author{}, 0, []NewMessage{{Message: m, Guarded: true}})
			return err
		})
	})
}
