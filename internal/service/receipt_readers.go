package service

import (
	"context"

	"parlor/internal/chat"
)

// maxRecipients bounds the people that one message's details name.
const maxRecipients = 10_000

// Readers returns a message with those who have received and those who have read it.
func (me Member) Readers(
	ctx context.Context, id int64,
) (v chat.MessageView, delivered, read []chat.Recipient, err error) {
	m, err := me.readable(ctx, id)
	if err != nil {
		return v, nil, nil, err
	}
	if v, err = me.View(ctx, m); err != nil {
		return v, nil, nil, err
	}
	list, ids, err := me.store.Readers(ctx, m, maxRecipients)
	if err != nil {
		return v, nil, nil, err
	}
	users, err := me.store.Users(ctx, me.App.ID, ids)
	if err != nil {
		return v, nil, nil, err
	}
	for i, r := range list {
		if r.User = users[i]; r.User == nil {
			continue
		}
		if r.ReadAt > 0 {
			read = append(read, r)
		} else {
			delivered = append(delivered, r)
		}
	}
	return v, delivered, read, nil
}

// ReadCount counts those who have read a message.
func (me Member) ReadCount(ctx context.Context, id int64) (int, error) {
	m, err := me.readable(ctx, id)
	if err != nil {
		return 0, err
	}
	return me.store.ReadCount(ctx, m)
}
