package powertalk

import (
	"context"
	"encoding/base64"
	"net/http"
	"strings"

	"parlor/internal/budget"
	"parlor/internal/chat"
	"parlor/internal/service"
)

// AuthenticateBackend finds the App whose server key a backend shows. With an error, the
// Caller says for the log whose key it claims to be, as far as that is known.
func AuthenticateBackend(ctx context.Context, svc *service.Service, serverKey string) (chat.Caller, error) {
	return authenticate(ctx, svc, chat.ServerKey, "Server-Key", serverKey)
}

// AuthenticateApp finds the App whose key an SDK shows. With an error, the Caller is as
// AuthenticateBackend's.
func AuthenticateApp(ctx context.Context, svc *service.Service, appKey string) (chat.Caller, error) {
	return authenticate(ctx, svc, chat.AppKey, "App-Key", appKey)
}

// AuthenticateDevice finds the signed-in user for whom an app key and the value of an
// Authorization header speak. With an error, the Caller is what the key alone says.
func AuthenticateDevice(ctx context.Context, svc *service.Service, appKey, authorization string) (chat.Caller, error) {
	app, err := AuthenticateApp(ctx, svc, appKey)
	if err != nil {
		return app, err
	}
	token, err := Bearer(authorization)
	if err != nil {
		return app, err
	}
	return svc.AuthenticateDevice(ctx, app, token)
}

func authenticate(
	ctx context.Context, svc *service.Service, kind chat.KeyKind, header, value string,
) (chat.Caller, error) {
	if value == "" {
		return chat.Caller{}, chat.Errorf(chat.CodeNoHeader, "Request headers are required (%s)", header)
	}
	id, secret, err := splitKey(value)
	if err != nil {
		return chat.Caller{}, err
	}
	return svc.Authenticate(ctx, kind, id, secret)
}

// splitKey takes a key header apart: standard base64 of the key's id, a colon and its secret
// (docs/protocol.md, "Keys").
func splitKey(header string) (id, secret string, err error) {
	plain, err := base64.StdEncoding.DecodeString(header)
	if err != nil {
		return "", "", chat.Errorf(chat.CodeKeyInvalid, "The key header must be base64 of KEY_ID:SECRET; it is not base64")
	}
	id, secret, colon := strings.Cut(string(plain), ":")
	if !colon || id == "" || secret == "" {
		return "", "", chat.Errorf(chat.CodeKeyInvalid, "The key header must be base64 of KEY_ID:SECRET; "+
			"there is no colon in it, or nothing on one side")
	}
	return id, secret, nil
}

// Bearer reads the token, or the ticket, of an Authorization header.
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

// Credentials returns the keys and the token, or ticket, that headers show.
func (Dialect) Credentials(h http.Header) budget.Credentials {
	return budget.Credentials{h.Get("Server-Key"), h.Get("App-Key"), h.Get("Authorization")}
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
