package service

import (
	"context"
	"crypto/sha256"
	"encoding/base64"
	"net/http"
	"strings"
	"time"

	"parlor/internal/chat"
	"parlor/internal/store"
)

// refreshGrace is how long a refresh token that was exchanged goes on working: browser
// tabs share one pair of tokens and may exchange it at the same time, and an answer can
// be lost on the way.
const refreshGrace = 60 * time.Second

// RequestTicket creates or changes a user and returns a ticket, which buys one login.
func (s *Service) RequestTicket(ctx context.Context, c chat.Caller, up chat.UserUpdate) (ticket string, user chat.User, err error) {
	if user, err = s.PutUser(ctx, c, up); err != nil {
		return "", user, err
	}
	ticket = newToken()
	expiresAt := s.now().Add(s.lifetimes.Ticket).UnixMilli()
	err = s.store.Write(ctx, shardOf(c.App.ID, "user", up.XCID), func(ctx context.Context, tx *store.Tx) error {
		return tx.CreateTicket(ctx, c.App.ID, user.ID, hashToken(ticket), expiresAt)
	})
	return ticket, user, err
}

// LogIn buys a login with a ticket, which is used up by it.
func (s *Service) LogIn(ctx context.Context, c chat.Caller, ticket string, d chat.Device) (tokens chat.Tokens, user *chat.User, err error) {
	if len(ticket) > chat.MaxToken {
		return tokens, nil, chat.TokenInvalid()
	}
	err = s.store.Write(ctx, 0, func(ctx context.Context, tx *store.Tx) error {
		id, ok, err := tx.UseTicket(ctx, c.App.ID, hashToken(ticket))
		if err != nil {
			return err
		}
		if !ok {
			return chat.Errorf(chat.CodeTokenInvalid, "The auth ticket is unknown, used up or expired; ask your server for a new one")
		}
		login := chat.Login{App: c.App.ID, User: id, Device: d.ID, Platform: d.Platform}
		login, ended, err := tx.CreateLogin(ctx, login, s.now().Add(s.lifetimes.Refresh).UnixMilli())
		if err != nil {
			return err
		}
		if len(ended) > 0 {
			if err := tx.Announce(ctx, &chat.LoginsEnded{App: c.App.ID, Logins: ended}); err != nil {
				return err
			}
		}
		tokens, err = s.issue(ctx, tx, login)
		return err
	})
	if err != nil {
		return tokens, nil, err
	}
	user, err = s.liveUser(ctx, c.App.ID, tokens.Login.User)
	return tokens, user, err
}

// issue gives a login a new pair of tokens.
func (s *Service) issue(ctx context.Context, tx *store.Tx, login chat.Login) (chat.Tokens, error) {
	now := s.now()
	t := chat.Tokens{
		Access: newToken(), AccessExpiry: now.Add(s.lifetimes.Access).UnixMilli(),
		Refresh: newToken(), RefreshExpiry: now.Add(s.lifetimes.Refresh).UnixMilli(),
		Login: login,
	}
	t.Login.AccessExpiry = t.AccessExpiry
	return t, tx.AddTokens(ctx, login.ID, hashToken(t.Access), t.AccessExpiry, hashToken(t.Refresh), t.RefreshExpiry)
}

// Refresh exchanges a refresh token for a new pair.
func (s *Service) Refresh(ctx context.Context, c chat.Caller, token string) (tokens chat.Tokens, user *chat.User, err error) {
	if len(token) > chat.MaxToken {
		return tokens, nil, chat.TokenInvalid()
	}
	hash := hashToken(token)
	err = s.store.Write(ctx, 0, func(ctx context.Context, tx *store.Tx) error {
		t, ok, err := tx.RefreshToken(ctx, hash)
		now := s.now()
		switch {
		case err != nil:
			return err
		case !ok, t.ExpiresAt <= now.UnixMilli(),
			t.ReplacedAt > 0 && t.ReplacedAt+refreshGrace.Milliseconds() <= now.UnixMilli():
			return chat.Errorf(chat.CodeTokenInvalid, "The refresh token is unknown, replaced or expired; sign in again")
		case t.Login.App != c.App.ID:
			return chat.Errorf(chat.CodeTokenForeign, "The refresh token belongs to another app")
		case t.UserGone:
			return chat.Errorf(chat.CodeTokenOrphan, "The user of this token was deleted")
		}
		if err := tx.ReplaceToken(ctx, hash); err != nil {
			return err
		}
		tokens, err = s.issue(ctx, tx, t.Login)
		return err
	})
	if err != nil {
		return tokens, nil, err
	}
	user, err = s.liveUser(ctx, c.App.ID, tokens.Login.User)
	return tokens, user, err
}

// LogOut ends the caller's login: its tokens stop working and its sessions are closed.
func (s *Service) LogOut(ctx context.Context, c chat.Caller) error {
	return s.store.Write(ctx, 0, func(ctx context.Context, tx *store.Tx) error {
		if err := tx.EndLogin(ctx, c.Login.ID); err != nil {
			return err
		}
		return tx.Announce(ctx, &chat.LoginsEnded{App: c.App.ID, Logins: []chat.LoginID{c.Login.ID}})
	})
}

// AuthenticateDevice finds whom an app key and an access token speak for. authorization
// is the header's value. Each way to fail has its own code: SDKs refresh their tokens
// on CodeTokenExpired and sign out on the others (docs/protocol.md, "Tokens").
func (s *Service) AuthenticateDevice(ctx context.Context, appKey, authorization string) (chat.Caller, error) {
	c, err := s.AuthenticateApp(ctx, appKey)
	if err != nil {
		return c, err
	}
	token, err := Bearer(authorization)
	if err != nil {
		return c, err
	}
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

// CheckLogin is CodeTokenInvalid where the caller's login is over, or the user deleted.
func (s *Service) CheckLogin(ctx context.Context, c chat.Caller) error {
	over, err := s.store.LoginsOver(ctx, []chat.LoginID{c.Login.ID})
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

// AuthenticateApp finds the App whose key an SDK shows.
func (s *Service) AuthenticateApp(ctx context.Context, appKey string) (chat.Caller, error) {
	if appKey == "" {
		return chat.Caller{}, chat.Errorf(chat.CodeNoHeader, "Request headers are required (App-Key)")
	}
	return s.Authenticate(ctx, chat.AppKey, appKey)
}

// Bearer reads the token from an Authorization header.
func Bearer(authorization string) (string, error) {
	authorization = strings.TrimSpace(authorization)
	if authorization == "" {
		return "", chat.Errorf(chat.CodeTokenMissing, "Request headers are required (Authorization)")
	}
	scheme, token, _ := strings.Cut(authorization, " ")
	if token = strings.TrimSpace(token); !strings.EqualFold(scheme, "Bearer") || token == "" {
		return "", chat.Errorf(chat.CodeTokenMalformed, "The Authorization header must be: Bearer TOKEN")
	}
	if len(token) > chat.MaxToken {
		return "", chat.TokenInvalid()
	}
	return token, nil
}

// DeviceOf reads what a device says of itself, cut to what is kept.
func DeviceOf(h http.Header) chat.Device {
	return chat.Device{
		ID:       shorten(h.Get("Device-Identifier"), chat.MaxDeviceID),
		Platform: shorten(strings.ToLower(h.Get("Device-Platform")), chat.MaxPlatform),
	}
}

func shorten(s string, limit int) string {
	s = strings.ReplaceAll(strings.ToValidUTF8(s, ""), "\x00", "")
	if len(s) > limit {
		s = strings.ToValidUTF8(s[:limit], "")
	}
	return s
}

func (s *Service) liveUser(ctx context.Context, app chat.AppID, id chat.UserID) (*chat.User, error) {
	u, err := s.store.User(ctx, app, id)
	if err == nil && u.DeletedAt > 0 {
		return nil, chat.Errorf(chat.CodeTokenOrphan, "The user of this token was deleted")
	}
	return u, err
}

// newToken has 256 random bits, so that its hash needs no salt.
func newToken() string { return base64.RawURLEncoding.EncodeToString(random(32)) }

func hashToken(token string) []byte {
	sum := sha256.Sum256([]byte(token))
	return sum[:]
}
