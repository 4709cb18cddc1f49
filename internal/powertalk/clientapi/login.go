package clientapi

import (
	"context"
	"net/http"
	"strconv"

	"parlor/internal/httpapi"
	"parlor/internal/powertalk"
	"parlor/internal/powertalk/wire"
	"parlor/internal/service"
)

// What SDKs check before they send. Values are texts, as SDKs want them.
const (
	maxChannelParticipants = 5000
	maxPinnedRooms         = service.MaxPinnedRooms
)

func configs(g service.Guest) wire.Configs {
	number := strconv.Itoa
	bytes := func(n int64) string { return strconv.FormatInt(n, 10) }
	return wire.Configs{
		Core: []wire.Pair{
			{Name: "chatMediaMaxFileSize", Value: bytes(g.MaxUpload())},
			{Name: "roomPhotoMaxFileSize", Value: bytes(g.MaxPhoto())},
			{Name: "userPhotoMaxFileSize", Value: bytes(g.MaxPhoto())},
			{Name: "groupMaxParticipants", Value: number(service.MaxGroup)},
			{Name: "channelMaxParticipants", Value: number(maxChannelParticipants)},
			{Name: "roomMaxPinned", Value: number(maxPinnedRooms)},
		},
		Project: []wire.Pair{
			{Name: "usernameIgnoreCase", Value: "1"},
			{Name: "webPushPublicKey", Value: g.WebPushKey()}, // "" where none is sent to browsers
		},
	}
}

// exchange is a call whose parameters are headers, and which gives tokens for another.
type exchange func(ctx context.Context, g service.Guest, h http.Header) (httpapi.Answer, error)

func logIn(ctx context.Context, g service.Guest, h http.Header) (httpapi.Answer, error) {
	ticket, err := powertalk.Bearer(h.Get("Authorization"))
	if err != nil {
		return nil, err
	}
	tokens, user, err := g.LogIn(ctx, ticket, powertalk.DeviceOf(h))
	return wire.Tokens{Tokens: tokens, User: user}, err
}

func refresh(ctx context.Context, g service.Guest, h http.Header) (httpapi.Answer, error) {
	token, err := powertalk.Bearer(h.Get("Authorization"))
	if err != nil {
		return nil, err
	}
	tokens, user, err := g.Refresh(ctx, token)
	return wire.Tokens{Tokens: tokens, User: user}, err
}

func logOut(ctx context.Context, me service.Member, _ *httpapi.Params) (httpapi.Answer, error) {
	return wire.Result{Success: true, Message: "Signed out"}, me.LogOut(ctx)
}
