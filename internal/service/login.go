package service

import (
	"context"
	"crypto/sha256"
	"encoding/base64"
	"time"

	"parlor/internal/chat"
	"parlor/internal/store"
)

// refreshGrace is how long a refresh token that was exchanged goes on working: browser
// tabs share one pair of tokens and may exchange it at the same time, and an answer can
// be lost on the way.
const refreshGrace = 60 * time.Second

// RequestTicket creates or changes a user and returns a ticket, which buys one login.
func (b Backend) RequestTicket(ctx context.Context, up chat.UserUpdate) (ticket string, user chat.User, err error) {
	if err := b.refuseDeactivated(ctx, up.XCID); err != nil {
		return "", user, err // and the profile stays as it is
	}
	if user, err = b.PutUser(ctx, up); err != nil {
		return "", user, err
	}
	ticket = newToken()
	expiresAt := b.now().Add(b.lifetimes.Ticket).UnixMilli()
	err = b.store.Write(ctx, loginShard(b.app.ID, up.XCID), func(ctx context.Context, tx *store.Tx) error {
		return tx.CreateTicket(ctx, b.app.ID, user.ID, hashToken(ticket), expiresAt)
	})
	return ticket, user, err
}

// LogIn buys a login with a ticket, which is used up by it.
func (g Guest) LogIn(
	ctx context.Context, ticket string, d chat.Device,
) (tokens chat.Tokens, user *chat.User, err error) {
	if len(ticket) > chat.MaxToken {
		return tokens, nil, chat.TokenInvalid()
	}
	id, xc, ok, err := g.store.TicketUser(ctx, g.app.ID, hashToken(ticket))
	if err != nil {
		return tokens, nil, err
	}
	if !ok {
		return tokens, nil, ticketInvalid()
	}
	err = g.store.Write(ctx, loginShard(g.app.ID, xc), func(ctx context.Context, tx *store.Tx) error {
		ok, err := tx.UseTicket(ctx, g.app.ID, id, hashToken(ticket))
		if err != nil {
			return err
		}
		if !ok {
			return ticketInvalid()
		}
		login := chat.Login{App: g.app.ID, User: id, Device: d.ID, Platform: d.Platform}
		login, ended, err := tx.CreateLogin(ctx, login, g.now().Add(g.lifetimes.Refresh).UnixMilli())
		if err != nil {
			return err
		}
		if len(ended) > 0 {
			if err := tx.Announce(ctx, &chat.LoginsEnded{App: g.app.ID, Logins: ended}); err != nil {
				return err
			}
		}
		tokens, err = g.issue(ctx, tx, login)
		return err
	})
	if err != nil {
		return tokens, nil, err
	}
	user, err = g.liveUser(ctx, g.app.ID, tokens.Login.User)
	return tokens, user, err
}

func ticketInvalid() error {
	return chat.Errorf(chat.CodeTokenInvalid, "The auth ticket is unknown, used up or expired; ask your server for a new one")
}

// issue gives a login a new pair of tokens.
func (c *core) issue(ctx context.Context, tx *store.Tx, login chat.Login) (chat.Tokens, error) {
	now := c.now()
	t := chat.Tokens{
		Access: newToken(), AccessExpiry: now.Add(c.lifetimes.Access).UnixMilli(),
		Refresh: newToken(), RefreshExpiry: now.Add(c.lifetimes.Refresh).UnixMilli(),
		Login: login,
	}
	t.Login.AccessExpiry = t.AccessExpiry
	access := store.NewToken{Hash: hashToken(t.Access), ExpiresAt: t.AccessExpiry}
	refresh := store.NewToken{Hash: hashToken(t.Refresh), ExpiresAt: t.RefreshExpiry}
	return t, tx.AddTokens(ctx, login.ID, access, refresh)
}

// Refresh exchanges a refresh token for a new pair.
func (g Guest) Refresh(ctx context.Context, token string) (tokens chat.Tokens, user *chat.User, err error) {
	if len(token) > chat.MaxToken {
		return tokens, nil, chat.TokenInvalid()
	}
	hash := hashToken(token)
	err = g.store.Write(ctx, 0, func(ctx context.Context, tx *store.Tx) error {
		t, ok, err := tx.RefreshToken(ctx, hash)
		now := g.now()
		switch {
		case err != nil:
			return err
		case !ok, t.ExpiresAt <= now.UnixMilli(),
			t.ReplacedAt > 0 && t.ReplacedAt+refreshGrace.Milliseconds() <= now.UnixMilli():
			return chat.Errorf(chat.CodeTokenInvalid, "The refresh token is unknown, replaced or expired; sign in again")
		case t.Login.App != g.app.ID:
			return chat.Errorf(chat.CodeTokenForeign, "The refresh token belongs to another app")
		case t.UserGone:
			return chat.Errorf(chat.CodeTokenOrphan, "The user of this token was deleted")
		}
		if err := tx.ReplaceToken(ctx, hash); err != nil {
			return err
		}
		tokens, err = g.issue(ctx, tx, t.Login)
		return err
	})
	if err != nil {
		return tokens, nil, err
	}
	user, err = g.liveUser(ctx, g.app.ID, tokens.Login.User)
	return tokens, user, err
}

// LogOut ends the member's login: its tokens stop working and its sessions are closed.
func (me Member) LogOut(ctx context.Context) error {
	user, err := me.store.User(ctx, me.App.ID, me.User)
	if err != nil {
		return err
	}
	return me.store.Write(ctx, loginShard(me.App.ID, user.XCID), func(ctx context.Context, tx *store.Tx) error {
		if err := tx.EndLogin(ctx, me.Login.ID); err != nil {
			return err
		}
		return tx.Announce(ctx, &chat.LoginsEnded{App: me.App.ID, Logins: []chat.LoginID{me.Login.ID}})
	})
}

func (c *core) liveUser(ctx context.Context, app chat.AppID, id chat.UserID) (*chat.User, error) {
	u, err := c.store.User(ctx, app, id)
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
