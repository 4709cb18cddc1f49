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

// Endpoints returns the whole surface. A call either reads or changes something. What changes something
// leaves an entry in the audit log, unless it is stored as messages anyway, and may be given an
// Idempotency-Key.
func Endpoints(svc *service.Service) []httpapi.Endpoint {
	reads := func(path string, fields map[string]string, do call) httpapi.Endpoint {
		return httpapi.Endpoint{
			Path: path, Fields: fields, MayBeStrict: true,
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
	sends := func(path string, fields map[string]string, do call) httpapi.Endpoint {
		e := reads(path, fields, do)
		e.Once = svc.Once
		return e
	}
	changes := func(path string, fields map[string]string, about subject, do call) httpapi.Endpoint {
		e := sends(path, fields, do)
		e.Handle = audited(svc, path, about, do)
		return e
	}
	return []httpapi.Endpoint{
		changes("/server/room/create_or_update", roomFields, aRoom("participantXCUserIDs"), putRoom),
		reads("/server/room/get", roomFields, room),
		changes("/server/room/participants/add", roomFields, aNamedRoomOf("participantXCUserIDs"), addParticipants),
		changes("/server/room/participants/remove", roomFields, aNamedRoomOf("participantXCUserIDs"), removeParticipants),
		reads("/server/room/get_list_by_user", nil, roomsOfUser),
		changes("/server/room/lock", nil, aNamedRoomFor, lockRoom),
		changes("/server/room/unlock", nil, aNamedRoomFor, unlockRoom),
		reads("/server/room/list", nil, listRooms),
		changes("/server/room/delete", nil, aNamedRoom, deleteRoom),
		changes("/server/room/restore", nil, aNamedRoom, restoreRoom),
		changes("/server/room/freeze", nil, aNamedRoom, freezeRoom),
		changes("/server/room/unfreeze", nil, aNamedRoom, unfreezeRoom),
		changes("/server/room/admins/set", nil, aNamedRoomOf("adminXCUserIDs"), setAdmins),
		changes("/server/room/data/set", nil, aNamedRoom, setRoomData),
		reads("/server/room/participants/list", nil, listParticipants),
		changes("/server/room/participants/mute", nil, aNamedRoomOf("participantXCUserIDs"), mute),
		changes("/server/room/participants/unmute", nil, aNamedRoomOf("participantXCUserIDs"), unmute),
		changes("/server/room/participants/ban", nil, aNamedRoomOf("participantXCUserIDs"), ban),
		changes("/server/room/participants/unban", nil, aNamedRoomOf("participantXCUserIDs"), unban),
		changes("/server/room/participants/data/set", nil, aNamedRoomFor, setParticipantData),
		changes("/server/room/batch/create_or_update", nil, roomsOfBatch, putRooms),
		changes("/server/room/participants/batch", nil, roomsOfBatch, changePeople),
		reads("/server/presence/get", nil, getPresence),
		reads("/server/unread/get", nil, getUnread),
		reads("/server/unread/participants", nil, getUnreadOf),
		changes("/server/auth_ticket/request", userFields, aUser, requestTicket),
		changes("/server/user/update", userFields, aUser, putUser),
		changes("/server/user/delete", userFields, aUser, deleteUser),
		changes("/server/user/export", nil, aUser, exportUser),
		reads("/server/user/export/get", nil, export),
		changes("/server/user/erase", nil, aUser, eraseUser),
		reads("/server/user/erase/get", nil, erasure),
		changes("/server/user/logout", nil, aUser, signOut),
		changes("/server/user/deactivate", nil, aUser, deactivate),
		changes("/server/user/reactivate", nil, aUser, reactivate),
		changes("/server/user/data/set", nil, aUser, setUserData),
		reads("/server/user/get", nil, getUsers),
		reads("/server/user/list", nil, listUsers),
		changes("/server/contact/sync", contactFields, contactsOf, syncContacts),
		sends("/server/message/send/custom", nil, sendMessage),
		reads("/server/message/list", nil, listMessages),
		reads("/server/message/search", nil, searchMessages),
		reads("/server/message/get", nil, getMessages),
		changes("/server/message/edit", nil, aMessage, editMessage),
		changes("/server/message/delete", nil, someMessages, deleteMessages),
		sends("/server/message/send_system", nil, sendSystem),
		changes("/server/message/send_to_rooms", nil, someRooms, sendToRooms),
		reads("/server/message/send_to_rooms/get", nil, getSendToRooms),
		changes("/server/message/delete_matching", nil, messagesOf, deleteMatching),
		reads("/server/message/delete_matching/get", nil, getDeleteMatching),
		changes("/server/retention/set", nil, aRetentionRule, setRetention),
		reads("/server/retention/list", nil, retention),
		changes("/server/retention/delete", nil, aRetentionRule, deleteRetention),
		changes("/server/role/create_or_update", nil, aRole, putRole),
		changes("/server/role/delete", nil, aRole, deleteRole),
		reads("/server/role/list", nil, roles),
		reads("/server/report/list", nil, reports),
		changes("/server/report/resolve", nil, aReport, resolveReport),
		reads("/server/audit/list", nil, auditLog),
		waiting(reads("/server/events/list", nil, events), awaitEvents),
		changes("/server/webhook/create", nil, aWebhook, createWebhook),
		reads("/server/webhook/list", nil, webhooks),
		reads("/server/webhook/get", nil, getWebhook),
		changes("/server/webhook/update", nil, aWebhook, updateWebhook),
		changes("/server/webhook/delete", nil, aWebhook, deleteWebhook),
		changes("/server/webhook/rotate_secret", nil, aWebhook, rotateSecret),
		reads("/server/webhook/dead/list", nil, deadEvents),
		changes("/server/webhook/dead/replay", nil, aWebhook, replayDead),
		changes("/server/before_hook/set", nil, theBeforeHook, setBeforeHook),
		reads("/server/before_hook/get", nil, beforeHook),
		changes("/server/before_hook/delete", nil, theBeforeHook, deleteBeforeHook),
	}
}
