package service

import (
	"context"
	"net/http"
	"strings"

	"parlor/internal/chat"
)

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
