package service

import (
	"context"

	"parlor/internal/chat"
)

// AuthenticateDevice finds whom an access token speaks for, on a device that Authenticate has
// found the App of. Each way to fail has its own code: SDKs refresh their tokens on
// CodeTokenExpired and sign out on the others (docs/protocol.md, "Tokens"). With an error,
// the Caller is what the app key alone says.
func (s *Service) AuthenticateDevice(ctx context.Context, c chat.Caller, token string) (chat.Caller, error) {
	t, ok, err := s.store.AccessToken(ctx, hashToken(token))
	switch {
	case err != nil:
		return c, err
	case !ok:
		return c, chat.TokenInvalid()
	case t.Login.App != c.App.ID:
		return c, chat.Errorf(chat.CodeTokenForeign, "The access token belongs to another app")
	case t.UserGone:
		return c, chat.Errorf(chat.CodeTokenOrphan, "The user of this token was deleted")
	case t.ExpiresAt <= s.now().UnixMilli():
		return c, chat.Errorf(chat.CodeTokenExpired, "The access token has expired; refresh it")
	}
	c.User, c.Login = t.Login.User, t.Login
	return c, nil
}

// CheckLogin is CodeTokenInvalid where the member's login is over, or the user deleted.
func (me Member) CheckLogin(ctx context.Context) error {
	over, err := me.store.LoginsOver(ctx, []chat.LoginID{me.Login.ID})
	if err == nil && len(over) > 0 {
		err = chat.TokenInvalid()
	}
	return err
}

// LoginsOver returns those of logins that are over, or whose user is deleted.
func (s *Service) LoginsOver(ctx context.Context, logins []chat.LoginID) ([]chat.LoginID, error) {
	return s.store.LoginsOver(ctx, logins)
}

// LoginsEnded is a number that changes with the end of any login. ok is false where nothing
// can be said, since other nodes end logins, too.
func (s *Service) LoginsEnded() (n int64, ok bool) { return s.store.LoginsEnded() }
