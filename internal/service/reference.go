package service

import (
	"context"

	"parlor/internal/chat"
	"parlor/internal/store"
)

// withoutErased takes users who were erased out of what a message says of the one that it answers, or of which
// it is a copy: devices may still have what this server has no more. named are the others, to be held when the message
// is stored.
func (c *core) withoutErased(ctx context.Context, m *chat.Message) (named []store.NamedUser, err error) {
	if m.ReplyTo == (chat.Reference{}) && m.Forward == (chat.Reference{}) {
		return nil, nil
	}
	refs := []chat.Reference{m.ReplyTo, m.Forward}
	senders, err := c.store.SendersOf(ctx, m.App, refs)
	if err != nil {
		return nil, err
	}
	for i, r := range refs {
		user, _ := chat.ParseUserID(r.User)
		users, err := c.store.Users(ctx, m.App, []chat.UserID{user, senders[i]})
		if err != nil {
			return nil, err
		}
		for _, u := range users {
			switch {
			case u == nil:
			case !u.Erased():
				named = append(named, store.NamedUser{ID: u.ID, XCID: u.XCID})
			case i == 0:
				withoutAnswered(m, u.XCID)
			default:
				m.Forward = anonymous(r, u.XCID)
			}
		}
	}
	return named, nil
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

// namedUsers are users, to be held when something is stored that names them.
func namedUsers(users []*chat.User) []store.NamedUser {
	list := make([]store.NamedUser, len(users))
	for i, u := range users {
		list[i] = store.NamedUser{ID: u.ID, XCID: u.XCID}
	}
	return list
}
