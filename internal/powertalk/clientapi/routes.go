// Package clientapi is the API of the SDKs: /v1/auth, /v1/client and /v1/chat. It
// translates between JSON and service and holds no rules (docs/protocol.md, "Client API").
package clientapi

import (
	"context"
	"net/http"

	"parlor/internal/chat"
	"parlor/internal/httpapi"
	"parlor/internal/service"
)

type api struct{ svc *service.Service }

// Endpoints returns the whole surface.
func Endpoints(svc *service.Service) []httpapi.Endpoint {
	a := &api{svc}
	// Before a login there is only the app's key: an Authorization header may be left over
	// from an earlier one and says nothing.
	open := []httpapi.Endpoint{
		{Path: "/client/project_configs", Handle: a.configs},
	}
	exchanges := []httpapi.Endpoint{
		{Path: "/auth/access_token/request", HandleHeader: a.logIn},
		{Path: "/auth/access_token/refresh", HandleHeader: a.refresh},
	}
	signedIn := []httpapi.Endpoint{
		{Path: "/client/logout", Handle: a.logOut},

		{Path: "/client/user/get_by_id", Handle: a.userByID},
		{Path: "/client/user/get_by_xcuserid", Handle: a.userByXCID},
		{Path: "/client/user/get_by_username", Handle: a.userByUsername},
		{Path: "/client/user/get_all_by_ids", Handle: a.usersByID},
		{Path: "/client/contact/list", Handle: a.contacts},
		{Path: "/client/contact/add", Handle: a.addContact},
		{Path: "/client/contact/remove", Handle: a.removeContact},

		{Path: "/client/room/create", Handle: a.createRoom},
		{Path: "/client/room/get", Handle: a.room},
		{Path: "/client/room/get_by_xc_room_id", Handle: a.roomByXCID},
		{Path: "/client/room/update", Handle: a.renameRoom},
		{Path: "/client/room/participants/add", Handle: a.addParticipants},
		{Path: "/client/room/participants/remove", Handle: a.removeParticipants},
		{Path: "/client/room/admins/promote", Handle: a.promote},
		{Path: "/client/room/admins/demote", Handle: a.demote},
		{Path: "/client/room/leave", Handle: a.leaveRoom},
		{Path: "/client/room/delete", Handle: a.deleteRoom},

		{Path: "/client/room/groups_in_common", Handle: a.roomsInCommon},

		{Path: "/client/room/mark_as_unread", Handle: a.markUnread},
		{Path: "/client/room/mute", Handle: a.mute},
		{Path: "/client/room/unmute", Handle: a.unmute},
		{Path: "/client/room/pin", Handle: a.pin},
		{Path: "/client/room/unpin", Handle: a.unpin},
		{Path: "/client/room/clear_chat", Handle: a.clearChat},
		{Path: "/client/room/get_unread_room_ids", Handle: a.unreadRooms},
		{Path: "/client/room/get_muted_room_ids", Handle: a.mutedRooms},
		{Path: "/client/room/get_pinned_room_ids", Handle: a.pinnedRooms},
		{Path: "/client/room/get_room_ids_with_state", Handle: a.roomStates},

		{Path: "/chat/message/room_list_and_unread", Handle: a.roomsAndUnread},
		{Path: "/chat/message/new_and_updated", Handle: a.newAndUpdated},
		{Path: "/chat/message/list_by_room/before", Handle: a.messagesBefore},
		{Path: "/chat/message/list_by_room/after", Handle: a.messagesAfter},
		{Path: "/chat/message/feedback/delivered", Handle: a.delivered},
		{Path: "/chat/message/feedback/read", Handle: a.read},
		{Path: "/chat/message/delete", Handle: a.deleteMessages},
		{Path: "/chat/message/send/custom", Handle: a.sendMessage},
		{Path: "/chat/message/star", Handle: a.star},
		{Path: "/chat/message/unstar", Handle: a.unstar},
		{Path: "/chat/message/get_starred_ids", Handle: a.starredIDs},
		{Path: "/chat/message/get_starred_list", Handle: a.starredMessages},
		{Path: "/chat/message/pin", Handle: a.pinMessages},
		{Path: "/chat/message/unpin", Handle: a.unpinMessages},
		{Path: "/chat/message/get_pinned_ids", Handle: a.pinnedIDs},
		{Path: "/chat/message/get_pinned_list", Handle: a.pinnedMessages},
		{Path: "/chat/message/get_details", Handle: a.messageDetails},
		{Path: "/chat/message/get_total_read", Handle: a.totalRead},
		{Path: "/chat/room/get_shared_content", Handle: a.sharedContent},
	}
	for i := range open {
		open[i].Authenticate = a.app
	}
	for i := range exchanges {
		exchanges[i].Authenticate = a.app
	}
	for i := range signedIn {
		signedIn[i].Authenticate = a.device
	}
	return append(append(open, exchanges...), signedIn...)
}

func (a *api) app(ctx context.Context, h http.Header) (chat.Caller, error) {
	return a.svc.AuthenticateApp(ctx, h.Get("App-Key"))
}

func (a *api) device(ctx context.Context, h http.Header) (chat.Caller, error) {
	return a.svc.AuthenticateDevice(ctx, h.Get("App-Key"), h.Get("Authorization"))
}
