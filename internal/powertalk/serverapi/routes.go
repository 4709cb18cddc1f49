// Package serverapi is the API for the customer's backend, /v1/server/*. It translates
// between JSON and service and holds no rules (docs/protocol.md, "Server API").
package serverapi

import (
	"context"
	"net/http"

	"parlor/internal/chat"
	"parlor/internal/httpapi"
	"parlor/internal/powertalk"
	"parlor/internal/service"
)

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

// call is one call of a customer's backend.
type call func(ctx context.Context, b service.Backend, p *httpapi.Params) (httpapi.Answer, error)

// Endpoints returns the whole surface.
func Endpoints(svc *service.Service) []httpapi.Endpoint {
	endpoint := func(path string, fields map[string]string, do call) httpapi.Endpoint {
		return httpapi.Endpoint{
			Path: path, Fields: fields,
			Authenticate: func(ctx context.Context, h http.Header) (chat.Caller, error) {
				return powertalk.AuthenticateBackend(ctx, svc, h.Get("Server-Key"))
			},
			Handle: func(ctx context.Context, c chat.Caller, p *httpapi.Params) (httpapi.Answer, error) {
				return do(ctx, svc.Backend(c.App), p)
			},
		}
	}
	return []httpapi.Endpoint{
		endpoint("/server/room/create_or_update", roomFields, putRoom),
		endpoint("/server/room/get", roomFields, room),
		endpoint("/server/room/participants/add", roomFields, addParticipants),
		endpoint("/server/room/participants/remove", roomFields, removeParticipants),
		endpoint("/server/room/get_list_by_user", nil, roomsOfUser),
		endpoint("/server/room/lock", nil, lockRoom),
		endpoint("/server/room/unlock", nil, unlockRoom),
		endpoint("/server/room/list", nil, listRooms),
		endpoint("/server/room/delete", nil, deleteRoom),
		endpoint("/server/room/restore", nil, restoreRoom),
		endpoint("/server/room/freeze", nil, freezeRoom),
		endpoint("/server/room/unfreeze", nil, unfreezeRoom),
		endpoint("/server/room/admins/set", nil, setAdmins),
		endpoint("/server/room/data/set", nil, setRoomData),
		endpoint("/server/room/participants/list", nil, listParticipants),
		endpoint("/server/room/participants/mute", nil, mute),
		endpoint("/server/room/participants/unmute", nil, unmute),
		endpoint("/server/room/participants/ban", nil, ban),
		endpoint("/server/room/participants/unban", nil, unban),
		endpoint("/server/room/participants/data/set", nil, setParticipantData),
		endpoint("/server/room/batch/create_or_update", nil, putRooms),
		endpoint("/server/room/participants/batch", nil, changePeople),
		endpoint("/server/auth_ticket/request", userFields, requestTicket),
		endpoint("/server/user/update", userFields, putUser),
		endpoint("/server/user/delete", userFields, deleteUser),
		endpoint("/server/contact/sync", contactFields, syncContacts),
		endpoint("/server/message/send/custom", nil, sendMessage),
		endpoint("/server/role/create_or_update", nil, putRole),
		endpoint("/server/role/list", nil, roles),
		endpoint("/server/report/list", nil, reports),
	}
}
