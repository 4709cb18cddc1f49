package device_test

import (
	"context"
	"slices"
	"testing"

	"parlor/internal/chat"
	"parlor/internal/device"
	"parlor/internal/store"
	"parlor/internal/view"
)

// offline is Sessions of which none is connected. It counts the feeds that were to begin.
type offline struct{ behind int }

func (*offline) Arrived(context.Context, chat.AppID, chat.UserID, string) device.Known {
	return device.Known{}
}

func (o *offline) Behind(chat.AppID, chat.UserID, string) { o.behind++ }

func (*offline) Hold(chat.AppID, chat.UserID, string) func(device.Known, int64, bool) {
	return func(device.Known, int64, bool) {}
}

// world is a room with a bot, who writes, and ana, whose phone catches up.
type world struct {
	t    *testing.T
	st   *store.Store
	app  chat.App
	bot  chat.User
	ana  chat.User
	room chat.Room

	sessions *offline
	devices  *device.Devices
}

func newWorld(t *testing.T, st *store.Store, app string, limits device.Limits) *world {
	t.Helper()
	w := &world{t: t, st: st, sessions: &offline{}}
	w.devices = device.New(st, w.sessions, limits)
	var err error
	if w.app, err = st.CreateApp(t.Context(), app); err != nil {
		t.Fatal(err)
	}
	w.write(func(ctx context.Context, tx *store.Tx) (err error) {
		if w.bot, err = tx.PutUser(ctx, w.app.ID, chat.UserUpdate{XCID: "bot", Fullname: "bot"}); err != nil {
			return err
		}
		if w.ana, err = tx.PutUser(ctx, w.app.ID, chat.UserUpdate{XCID: "ana", Fullname: "ana"}); err != nil {
			return err
		}
		w.room, err = tx.CreateRoom(ctx, chat.Room{App: w.app.ID, XCID: "room", Type: chat.Group, Name: "room"})
		return err
	})
	w.write(func(ctx context.Context, tx *store.Tx) error {
		_, err := tx.AddParticipants(ctx, w.room.ID, []chat.UserID{w.bot.ID, w.ana.ID})
		return err
	})
	return w
}

func (w *world) write(do func(context.Context, *store.Tx) error) {
	w.t.Helper()
	if err := w.st.Write(w.t.Context(), int64(w.room.ID), do); err != nil {
		w.t.Fatal(err)
	}
}

// say has the bot write something, and names it.
func (w *world) say(localID string) {
	w.t.Helper()
	w.write(func(ctx context.Context, tx *store.Tx) error {
		_, err := tx.AppendMessage(ctx, store.NewMessage{Message: chat.Message{
			App: w.app.ID, Room: w.room.ID, Sender: w.bot.ID, Type: 1001, LocalID: localID, Body: "text",
		}})
		return err
	})
}

func (w *world) edit(localID string) {
	w.t.Helper()
	w.write(func(ctx context.Context, tx *store.Tx) error {
		m, _, err := tx.MessageByLocalID(ctx, w.app.ID, localID)
		if err != nil {
			return err
		}
		m.Body, m.Edited = "edited", true
		_, err = tx.ChangeMessage(ctx, m)
		return err
	})
}

// views are how messages look by now.
func (w *world) views(localIDs ...string) []chat.MessageView {
	w.t.Helper()
	lens, err := view.Open(w.t.Context(), w.st, w.app.ID, w.ana.ID, &w.room)
	if err != nil {
		w.t.Fatal(err)
	}
	messages := make([]chat.Message, len(localIDs))
	for i, id := range localIDs {
		if messages[i], err = w.st.MessageByLocalID(w.t.Context(), w.app.ID, id); err != nil {
			w.t.Fatal(err)
		}
	}
	views, err := lens.Messages(w.t.Context(), messages)
	if err != nil {
		w.t.Fatal(err)
	}
	return views
}

// list is a Lister of messages. before is called before it reads them.
func (w *world) list(before func(), localIDs ...string) device.Lister {
	return func(context.Context) ([]chat.MessageView, error) {
		before()
		return w.views(localIDs...), nil
	}
}

func (w *world) caller() chat.Caller {
	return chat.Caller{App: w.app, User: w.ana.ID, Login: chat.Login{Device: "phone"}}
}

// catchUp has the phone catch up; arrived says whether the answer gets there.
func (w *world) catchUp(list device.Lister, arrived bool) []chat.MessageView {
	w.t.Helper()
	d, err := w.devices.CatchUp(w.t.Context(), w.caller(), list)
	if err != nil {
		w.t.Fatal(err)
	}
	defer d.Done()
	if err := d.Arrived(w.t.Context(), arrived); err != nil {
		w.t.Fatal(err)
	}
	return d.Messages
}

func (w *world) is(what string, got []chat.MessageView, want ...string) {
	w.t.Helper()
	var ids []string
	for i := range got {
		ids = append(ids, got[i].LocalID)
	}
	if !slices.Equal(ids, want) {
		w.t.Errorf("%s: %q come, want %q", what, ids, want)
	}
}

func nothing() {}
