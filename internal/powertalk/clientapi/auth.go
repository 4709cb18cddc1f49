package clientapi

import (
	"context"
	"net/http"
	"strconv"

	"parlor/internal/chat"
	"parlor/internal/httpapi"
	"parlor/internal/powertalk/wire"
	"parlor/internal/service"
)

// What SDKs check before they send. Values are texts, as SDKs want them.
const (
	maxUpload              = 25 << 20 // bytes
	maxPhoto               = 10 << 20 // bytes
	maxChannelParticipants = 5000
	maxPinnedRooms         = service.MaxPinnedRooms
)

func (a *api) configs(context.Context, chat.Caller, *httpapi.Params) (httpapi.Answer, error) {
	number := strconv.Itoa
	return wire.Configs{
		Core: []wire.Pair{
			{Name: "chatMediaMaxFileSize", Value: number(maxUpload)},
			{Name: "roomPhotoMaxFileSize", Value: number(maxPhoto)},
			{Name: "userPhotoMaxFileSize", Value: number(maxPhoto)},
			{Name: "groupMaxParticipants", Value: number(service.MaxGroup)},
			{Name: "channelMaxParticipants", Value: number(maxChannelParticipants)},
			{Name: "roomMaxPinned", Value: number(maxPinnedRooms)},
		},
		Project: []wire.Pair{{Name: "usernameIgnoreCase", Value: "1"}},
	}, nil
}

func (a *api) logIn(ctx context.Context, c chat.Caller, h http.Header) (httpapi.Answer, error) {
	ticket, err := service.Bearer(h.Get("Authorization"))
	if err != nil {
		return nil, err
	}
	tokens, user, err := a.svc.LogIn(ctx, c, ticket, service.DeviceOf(h))
	return wire.Tokens{Tokens: tokens, User: user}, err
}

func (a *api) refresh(ctx context.Context, c chat.Caller, h http.Header) (httpapi.Answer, error) {
	token, err := service.Bearer(h.Get("Authorization"))
	if err != nil {
		return nil, err
	}
	tokens, user, err := a.svc.Refresh(ctx, c, token)
	return wire.Tokens{Tokens: tokens, User: user}, err
}

func (a *api) logOut(ctx context.Context, c chat.Caller, _ *httpapi.Params) (httpapi.Answer, error) {
	return wire.Result{Success: true, Message: "Signed out"}, a.svc.LogOut(ctx, c)
}
