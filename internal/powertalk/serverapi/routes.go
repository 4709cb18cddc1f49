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
	waiting := func(e httpapi.Endpoint, await func(context.Context, service.Backend, *httpapi.Params) error) httpapi.Endpoint {
		e.Await = func(ctx context.Context, c chat.Caller, p *httpapi.Params) error {
			return await(ctx, svc.Backend(c.App), p)
		}
		return e
	}
	return []httpapi.Endpoint{
		endpoint("/server/room/create_or_update", roomFields, putRoom),
		endpoint("/server/room/get", roomFields, room),
		endpoint("/server/room/participants/add", roomFields, addParticipants),
		endpoint("/server/room/participants/remove", roomFields, removeParticipants),
		endpoint("/server/room/get_list_by_user", nil, roomsOfUser),
		endpoint("/server/room/lock", nil, lockRoom),
		endpoint("/server/room/unlock", nil, unlockRoom),
		endpoint("/server/auth_ticket/request", userFields, requestTicket),
		endpoint("/server/user/update", userFields, putUser),
		endpoint("/server/user/delete", userFields, deleteUser),
		endpoint("/server/contact/sync", contactFields, syncContacts),
		endpoint("/server/message/send/custom", nil, sendMessage),
		endpoint("/server/role/create_or_update", nil, putRole),
		endpoint("/server/role/list", nil, roles),
		endpoint("/server/report/list", nil, reports),
		waiting(endpoint("/server/events/list", nil, events), awaitEvents),
		endpoint("/server/webhook/create", nil, createWebhook),
		endpoint("/server/webhook/list", nil, webhooks),
		endpoint("/server/webhook/get", nil, getWebhook),
		endpoint("/server/webhook/update", nil, updateWebhook),
		endpoint("/server/webhook/delete", nil, deleteWebhook),
		endpoint("/server/webhook/rotate_secret", nil, rotateSecret),
		endpoint("/server/webhook/dead/list", nil, deadEvents),
		endpoint("/server/webhook/dead/replay", nil, replayDead),
		endpoint("/server/before_hook/set", nil, setBeforeHook),
		endpoint("/server/before_hook/get", nil, beforeHook),
		endpoint("/server/before_hook/delete", nil, deleteBeforeHook),
	}
}
