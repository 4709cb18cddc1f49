package service

import (
	"context"

	"parlor/internal/chat"
)

// withoutErased takes users who were erased out of what a message says of the one that it answers, or of which
// it is a copy: devices may still have what this server has no more.
func (c *core) withoutErased(ctx context.Context, m *chat.Message) error {
	if m.ReplyTo == (chat.Reference{}) && m.Forward == (chat.Reference{}) {
		return nil
	}
	refs := []chat.Reference{m.ReplyTo, m.Forward}
	senders, err := c.store.SendersOf(ctx, m.App, refs)
	if err != nil {
		return err
	}
	for i, r := range refs {
		named, _ := chat.ParseUserID(r.User)
		erased, err := c.anyErased(ctx, m.App, named, senders[i])
		switch {
		case err != nil:
			return err
		case erased == nil:
		case i == 0:
			withoutAnswered(m, erased.XCID)
		default:
			m.Forward = anonymous(r, erased.XCID)
		}
	}
	return nil
}

// anyErased is the first of some users, 0 for none, who was erased; nil where nobody was.
func (c *core) anyErased(ctx context.Context, app chat.AppID, ids ...chat.UserID) (*chat.User, error) {
	users, err := c.store.Users(ctx, app, ids)
	if err != nil {
		return nil, err
	}
	for _, u := range users {
		if u != nil && u.Erased() {
			return u, nil
		}
	}
	return nil, nil //nolint:nilnil // nobody is no error
}

// withoutAnswered takes name and words out of what a message says of the one that it answers. xc is what the
// user who was erased is known by.
func withoutAnswered(m *chat.Message, xc string) {
	m.ReplyTo = anonymous(m.ReplyTo, xc)
	if m.Quote != (chat.Quote{}) {
		m.Quote = chat.Quote{Title: chat.ErasedName}
	}
}

// anonymous is a reference that no longer says whose message it is to.
func anonymous(r chat.Reference, xc string) chat.Reference {
	r.Fullname, r.XCUser = chat.ErasedName, xc
	return r
}
