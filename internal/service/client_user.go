package service

import (
	"context"

	"parlor/internal/chat"
	"parlor/internal/store"
)

// MaxGroup is how many participants a group can have when users of SDKs fill it. The
// customer's own server may go beyond.
const MaxGroup = 1000

// UserByID finds a user by Parlor's id. Deleted users are found, too: devices show their
// messages.
func (s *Service) UserByID(ctx context.Context, c chat.Caller, id string) (*chat.User, error) {
	n, ok := chat.ParseUserID(id)
	if !ok {
		return nil, chat.Missing(chat.UserNotFound(), id)
	}
	return s.shownUser(s.store.User(ctx, c.App.ID, n))
}

// UserByXCID finds a user by the customer's id.
func (s *Service) UserByXCID(ctx context.Context, c chat.Caller, xc string) (*chat.User, error) {
	id, err := s.store.UserID(ctx, c.App.ID, xc)
	if err != nil {
		return nil, err
	}
	return s.shownUser(s.store.User(ctx, c.App.ID, id))
}

// UserByUsername finds a user by the username.
func (s *Service) UserByUsername(ctx context.Context, c chat.Caller, name string, ignoreCase bool) (*chat.User, error) {
	u, err := s.store.UserByUsername(ctx, c.App.ID, name)
	if err == nil && !ignoreCase && u.Username != name {
		return nil, chat.Missing(chat.UserNotFound(), name)
	}
	return s.shownUser(u, err)
}

func (s *Service) shownUser(u *chat.User, err error) (*chat.User, error) {
	if err != nil {
		return nil, err
	}
	return s.withPresence([]*chat.User{u})[0], nil
}

// UsersByID finds users; ids that nobody has are passed over.
func (s *Service) UsersByID(ctx context.Context, c chat.Caller, ids []chat.UserID) ([]*chat.User, error) {
	users, err := s.liveUsers(ctx, c.App.ID, ids)
	return s.withPresence(users), err
}

// Contacts lists the caller's contacts by name.
func (s *Service) Contacts(ctx context.Context, c chat.Caller) ([]*chat.User, error) {
	users, err := s.store.Contacts(ctx, c.App.ID, c.User, chat.MaxAnswer)
	return s.withPresence(users), err
}

// AddContact puts a user into the caller's contacts and returns him.
func (s *Service) AddContact(ctx context.Context, c chat.Caller, id string) (*chat.User, error) {
	other, err := s.resolveUser(ctx, c, UserName{ID: id})
	if err != nil {
		return nil, err
	}
	if other == c.User {
		return nil, chat.Invalid("userID", "must be another user")
	}
	err = s.write(ctx, c, shardOf(c.App.ID, "contacts", ""), func(ctx context.Context, tx *store.Tx) error {
		_, _, err := tx.SyncContacts(ctx, []store.Contact{{Owner: c.User, User: other}}, nil)
		return err
	})
	if err != nil {
		return nil, err
	}
	return s.shownUser(s.store.User(ctx, c.App.ID, other))
}

// RemoveContact takes a user out of the caller's contacts.
func (s *Service) RemoveContact(ctx context.Context, c chat.Caller, id string) error {
	other, err := s.resolveUser(ctx, c, UserName{ID: id})
	if err != nil {
		return err
	}
	return s.write(ctx, c, shardOf(c.App.ID, "contacts", ""), func(ctx context.Context, tx *store.Tx) error {
		_, _, err := tx.SyncContacts(ctx, nil, []store.Contact{{Owner: c.User, User: other}})
		return err
	})
}
