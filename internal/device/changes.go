package device

import (
	"context"
	"math"

	"parlor/internal/chat"
	"parlor/internal/store"
	"parlor/internal/view"
)

// changesFactor is how many answers' worth of one room's changes go into one answer: a device
// that asks for a room cannot be sent the rest.
const changesFactor = 5

// Cursor is a change number below which the caller's device has everything; the highest
// possible for a device about which nothing is known.
func (d *Devices) Cursor(ctx context.Context, c chat.Caller) (int64, error) {
	p, found, err := d.store.Progress(ctx, c.User, c.Login.Device)
	if !found {
		p.Cursor = math.MaxInt64
	}
	return p.Cursor, err
}

// Changes lists what changes numbered from or higher have done in a part of a room, the
// oldest message first. more says that it was too much for one answer.
func (d *Devices) Changes(
	ctx context.Context, c chat.Caller, room *chat.Room, in store.Stretch, from int64,
) (views []chat.MessageView, more bool, err error) {
	user, err := d.store.User(ctx, c.App.ID, c.User)
	if err != nil {
		return nil, false, err
	}
	lens, err := view.Open(ctx, d.store, c.App.ID, c.User, room)
	if err != nil {
		return nil, false, err
	}
	w := walk{store: d.store, user: user, numbers: store.Numbers{From: from, Below: math.MaxInt64}}
	left := budget{changesFactor * d.limits.Messages, changesFactor * d.limits.Bytes}
	keys, more, err := w.keys(ctx, lens, []store.Stretch{in}, left)
	if err != nil {
		return nil, false, err
	}
	messages, err := d.store.MessagesByKey(ctx, c.App.ID, keys)
	if err != nil {
		return nil, false, err
	}
	views, err = lens.Messages(ctx, messages)
	return views, more, err
}
