package service

import (
	"context"
	"maps"
	"slices"

	"parlor/internal/chat"
	"parlor/internal/store"
)

// showFeed shows events of an App with what they are about, as that is now. Texts are plain, as
// the message's dialect opens them, or sealed, as devices are sent them.
func (c *core) showFeed(
	ctx context.Context, app chat.AppID, events []chat.FeedEvent, sealed bool,
) ([]chat.FeedView, error) {
	f := feedLoad{core: c, app: app, sealed: sealed}
	if err := f.load(ctx, events); err != nil {
		return nil, err
	}
	views := make([]chat.FeedView, len(events))
	for i, e := range events {
		v, err := f.show(e)
		if err != nil {
			return nil, err
		}
		views[i] = v
	}
	return views, nil
}

// feedLoad is what a list of events is about.
type feedLoad struct {
	*core
	app    chat.AppID
	sealed bool

	rooms    map[chat.RoomID]*chat.Room
	messages map[store.MessageKey]*chat.Message
	refs     map[store.MessageKey]chat.MessageRef
	users    map[chat.UserID]*chat.User
	reports  map[chat.ReportID]chat.Report
	files    map[chat.FileID]*chat.File
}

// load reads everything in a few queries.
func (f *feedLoad) load(ctx context.Context, events []chat.FeedEvent) error {
	f.rooms, f.users = map[chat.RoomID]*chat.Room{}, map[chat.UserID]*chat.User{}
	f.reports, f.files = map[chat.ReportID]chat.Report{}, map[chat.FileID]*chat.File{}
	f.messages = map[store.MessageKey]*chat.Message{}
	var keys []store.SizedKey
	var receipts []store.MessageKey
	for i := range events {
		e := &events[i]
		if e.Room != 0 {
			f.rooms[e.Room] = nil
		}
		if e.Time != 0 {
			keys = append(keys, store.SizedKey{MessageKey: store.MessageKey{Room: e.Room, CreatedAt: e.Time}})
		}
		for _, at := range e.Data.Times {
			receipts = append(receipts, store.MessageKey{Room: e.Room, CreatedAt: at})
		}
		for _, id := range append(e.Data.Users, e.User) {
			f.users[id] = nil
		}
		if err := f.loadOthers(ctx, e); err != nil {
			return err
		}
	}
	messages, err := f.store.MessagesByKey(ctx, f.app, keys)
	if err != nil {
		return err
	}
	for i := range messages {
		m := &messages[i]
		f.messages[store.MessageKey{Room: m.Room, CreatedAt: m.CreatedAt}] = m
		f.users[m.Sender] = nil
	}
	if f.refs, err = f.store.MessageRefs(ctx, f.app, receipts); err != nil {
		return err
	}
	return f.loadRoomsAndUsers(ctx)
}

// loadOthers reads what few events have.
func (f *feedLoad) loadOthers(ctx context.Context, e *chat.FeedEvent) error {
	if id := e.Data.Report; id != 0 {
		list, err := f.store.Reports(ctx, f.app, "", id-1, 1)
		if err != nil {
			return err
		}
		if len(list) > 0 && list[0].ID == id {
			f.reports[id] = list[0]
			f.users[list[0].Reporter] = nil
		}
	}
	if id := e.Data.File; id != "" {
		file, err := f.store.File(ctx, f.app, id)
		if err != nil && chat.CodeOf(err) != chat.CodeNotFound {
			return err
		}
		if err == nil {
			f.files[id] = &file
		}
	}
	return nil
}

func (f *feedLoad) loadRoomsAndUsers(ctx context.Context) error {
	rooms, err := f.store.RoomsByID(ctx, f.app, slices.Collect(maps.Keys(f.rooms)))
	if err != nil {
		return err
	}
	for _, room := range rooms {
		if room.Type == chat.Personal {
			f.users[room.Pair.A], f.users[room.Pair.B] = nil, nil
		}
	}
	f.rooms = rooms
	delete(f.users, 0)
	ids := make([]chat.UserID, 0, len(f.users))
	for id := range f.users {
		ids = append(ids, id)
	}
	users, err := f.store.Users(ctx, f.app, ids)
	if err != nil {
		return err
	}
	for _, u := range users {
		if u != nil {
			f.users[u.ID] = u
		}
	}
	return nil
}

// show puts together what was loaded.
func (f *feedLoad) show(e chat.FeedEvent) (chat.FeedView, error) {
	v := chat.FeedView{FeedEvent: e, Room: f.rooms[e.Room], By: f.users[e.User], File: f.files[e.Data.File]}
	for _, at := range e.Data.Times {
		if ref, ok := f.refs[store.MessageKey{Room: e.Room, CreatedAt: at}]; ok {
			v.Receipts = append(v.Receipts, ref)
		}
	}
	for _, id := range e.Data.Users {
		if u := f.users[id]; u != nil {
			v.Users = append(v.Users, u)
		}
	}
	if r, ok := f.reports[e.Data.Report]; ok {
		v.Report = &chat.ReportView{Report: r, By: f.users[r.Reporter], About: f.users[r.User]}
	}
	m := f.messages[store.MessageKey{Room: e.Room, CreatedAt: e.Time}]
	if m == nil {
		return v, nil
	}
	var err error
	v.Message, err = f.showMessage(m)
	return v, err
}

// showMessage is nil where the message's room or sender is not there.
func (f *feedLoad) showMessage(m *chat.Message) (*chat.MessageView, error) {
	room, sender := f.rooms[m.Room], f.users[m.Sender]
	if room == nil || sender == nil {
		return nil, nil
	}
	shown := *m
	if !f.sealed {
		if err := openTexts(f.dialect, &shown); err != nil {
			return nil, err
		}
	}
	v := &chat.MessageView{Message: &shown, Room: room, Sender: sender, ChangedAt: m.UpdatedAt}
	if room.Type == chat.Personal {
		v.Partner = f.users[room.Pair.Other(m.Sender)]
	}
	return v, nil
}

// showMessages shows messages of an App as events do, to its backend.
func (c *core) showMessages(
	ctx context.Context, app chat.AppID, messages []chat.Message, sealed bool,
) ([]chat.MessageView, error) {
	f := feedLoad{core: c, app: app, sealed: sealed, rooms: map[chat.RoomID]*chat.Room{}, users: map[chat.UserID]*chat.User{}}
	for i := range messages {
		f.rooms[messages[i].Room], f.users[messages[i].Sender] = nil, nil
	}
	if err := f.loadRoomsAndUsers(ctx); err != nil {
		return nil, err
	}
	views := make([]chat.MessageView, 0, len(messages))
	for i := range messages {
		v, err := f.showMessage(&messages[i])
		if err != nil {
			return nil, err
		}
		if v != nil {
			views = append(views, *v)
		}
	}
	return views, nil
}

// openTexts makes the sealed texts of a message plain, for those outside to whom that is not to be
// sealed. A text that was not sealed with the message's own cipher stays as it is.
func openTexts(dialect Dialect, m *chat.Message) error {
	key, err := dialect.Cipher(m.LocalID)
	if err != nil {
		return err
	}
	for _, text := range []*chat.Sealed{&m.Body, &m.Data, &m.Quote.Content} {
		if *text == "" {
			continue
		}
		if plain, err := key.Open(*text); err == nil {
			*text = chat.Sealed(plain)
		}
	}
	return nil
}
