// Package serverapi is the API for the customer's backend, /v1/server/*. It translates
// between JSON and service and holds no rules (docs/protocol.md, "Server API").
package serverapi

import (
	"context"
	"net/http"

	"parlor/internal/chat"
	"parlor/internal/httpapi"
	"parlor/internal/service"
)

type api struct{ svc *service.Service }

// The numbers under which calls report their parameters. Numbers belong to a family of
// calls: the same name has another number elsewhere. Calls without a table, which are
// the younger ones, report names.
var (
	roomFields = map[string]string{
		"xcRoomID": "101", "type": "102", "name": "103", "photoThumbnailURL": "104", "photoFullsizeURL": "105",
		"tags": "106", "participantXCUserIDs": "107", "participantUserRoles": "108",
	}
	userFields = map[string]string{
		"xcUserID": "105", "fullName": "106", "email": "107", "phone": "108", "username": "109",
		"photoThumbnailURL": "110", "photoFullsizeURL": "111", "userRoleCode": "112",
		"userIPAddress": "101", "userAgent": "102", "userPlatform": "103", "userDeviceID": "104",
	}
	contactFields = map[string]string{
		"contacts": "101", "ownerXCUserID": "102", "contactXCUserID": "103", "isDeleted": "104",
	}
)

// Endpoints returns the whole surface.
func Endpoints(svc *service.Service) []httpapi.Endpoint {
	a := &api{svc}
	endpoints := []httpapi.Endpoint{
		{Path: "/server/room/create_or_update", Fields: roomFields, Handle: a.putRoom},
		{Path: "/server/room/get", Fields: roomFields, Handle: a.room},
		{Path: "/server/room/participants/add", Fields: roomFields, Handle: a.addParticipants},
		{Path: "/server/room/participants/remove", Fields: roomFields, Handle: a.removeParticipants},
		{Path: "/server/room/get_list_by_user", Handle: a.roomsOfUser},
		{Path: "/server/room/lock", Handle: a.lockRoom},
		{Path: "/server/room/unlock", Handle: a.unlockRoom},
		{Path: "/server/auth_ticket/request", Fields: userFields, Handle: a.requestTicket},
		{Path: "/server/user/update", Fields: userFields, Handle: a.putUser},
		{Path: "/server/user/delete", Fields: userFields, Handle: a.deleteUser},
		{Path: "/server/contact/sync", Fields: contactFields, Handle: a.syncContacts},
		{Path: "/server/message/send/custom", Handle: a.sendMessage},
		{Path: "/server/role/create_or_update", Handle: a.putRole},
		{Path: "/server/role/list", Handle: a.roles},
	}
	for i := range endpoints {
		endpoints[i].Authenticate = a.authenticate
	}
	return endpoints
}

func (a *api) authenticate(ctx context.Context, h http.Header) (chat.Caller, error) {
	header := h.Get("Server-Key")
	if header == "" {
		return chat.Caller{}, chat.Errorf(chat.CodeNoHeader, "Request headers are required (Server-Key)")
	}
	return a.svc.Authenticate(ctx, chat.ServerKey, header)
}
