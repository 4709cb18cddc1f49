// Package clientapi is the API of the SDKs: /v1/auth, /v1/client and /v1/chat. It
// translates between JSON and service and holds no rules (docs/protocol.md, "Client API").
package clientapi

import (
	"context"
	"net/http"

	"parlor/internal/chat"
	"parlor/internal/httpapi"
	"parlor/internal/powertalk"
	"parlor/internal/service"
)

// call is one call of a signed-in user's device.
type call func(ctx context.Context, me service.Member, p *httpapi.Params) (httpapi.Answer, error)

// upload is a call of a signed-in user's device whose body is a form with a file.
type upload func(ctx context.Context, me service.Member, p *httpapi.Params, f httpapi.FormFile) (httpapi.Answer, error)

// Endpoints returns the whole surface.
func Endpoints(svc *service.Service) []httpapi.Endpoint {
	return append(forGuests(svc), forMembers(svc)...)
}

// forGuests are the calls before a login, when there is only the app's key: an Authorization
// header may be left over from an earlier one and says nothing.
func forGuests(svc *service.Service) []httpapi.Endpoint {
	app := func(ctx context.Context, h http.Header) (chat.Caller, error) {
		return powertalk.AuthenticateApp(ctx, svc, h.Get("App-Key"))
	}
	exchange := func(path string, do exchange) httpapi.Endpoint {
		return httpapi.Endpoint{
			Path: path, Authenticate: app,
			HandleHeader: func(ctx context.Context, c chat.Caller, h http.Header) (httpapi.Answer, error) {
				return do(ctx, svc.Guest(c.App), h)
			},
		}
	}
	return []httpapi.Endpoint{
		{
			Path: "/client/project_configs", Authenticate: app,
			Handle: func(_ context.Context, c chat.Caller, _ *httpapi.Params) (httpapi.Answer, error) {
				return configs(svc.Guest(c.App)), nil
			},
		},
		exchange("/auth/access_token/request", logIn),
		exchange("/auth/access_token/refresh", refresh),
	}
}

func forMembers(svc *service.Service) []httpapi.Endpoint {
	endpoint := func(path string, do call) httpapi.Endpoint {
		return httpapi.Endpoint{
			Path: path,
			Authenticate: func(ctx context.Context, h http.Header) (chat.Caller, error) {
				return powertalk.AuthenticateDevice(ctx, svc, h.Get("App-Key"), h.Get("Authorization"))
			},
			Handle: func(ctx context.Context, c chat.Caller, p *httpapi.Params) (httpapi.Answer, error) {
				return do(ctx, svc.Member(c), p)
			},
		}
	}
	upload := func(path string, limit func() int64, do upload) httpapi.Endpoint {
		e := endpoint(path, nil)
		e.Handle = nil
		e.Upload = &httpapi.Upload{
			Limit: limit,
			Begin: func() (httpapi.Inflow, error) { return svc.Receive() },
			Handle: func(ctx context.Context, c chat.Caller, p *httpapi.Params, f httpapi.FormFile) (httpapi.Answer, error) {
				return do(ctx, svc.Member(c), p, f)
			},
		}
		return e
	}
	download := endpoint("/chat/file/download", nil)
	download.Handle = nil
	download.HandleContent = func(ctx context.Context, c chat.Caller, p *httpapi.Params) (*httpapi.Content, error) {
		return downloadFile(ctx, svc.Member(c), p)
	}
	send := endpoint("/chat/message/send/custom", sendMessage)
	send.Fields = map[string]string{"type": "messageType"} // which is its name in a frame
	return []httpapi.Endpoint{
		endpoint("/client/logout", logOut),
		endpoint("/client/push_notification/update", updatePush),
		endpoint("/client/push_notification/update_web", updateWebPush),

		endpoint("/client/user/get_by_id", userByID),
		endpoint("/client/user/get_by_xcuserid", userByXCID),
		endpoint("/client/user/get_by_username", userByUsername),
		endpoint("/client/user/get_all_by_ids", usersByID),
		endpoint("/client/user/update_bio", updateBio),
		endpoint("/client/contact/list", contacts),
		endpoint("/client/contact/add", addContact),
		endpoint("/client/contact/add_by_phones", addContactsByPhone),
		endpoint("/client/contact/remove", removeContact),
		endpoint("/client/contact/block", block),
		endpoint("/client/contact/unblock", unblock),
		endpoint("/client/contact/get_blocked_list", blocked),
		endpoint("/client/contact/get_blocked_user_ids", blockedIDs),

		endpoint("/client/chat_report/submit_user", reportUser),
		endpoint("/client/chat_report/submit_message", reportMessage),

		endpoint("/client/room/create", createRoom),
		endpoint("/client/room/get", room),
		endpoint("/client/room/get_by_xc_room_id", roomByXCID),
		endpoint("/client/room/update", renameRoom),
		endpoint("/client/room/participants/add", addParticipants),
		endpoint("/client/room/participants/remove", removeParticipants),
		endpoint("/client/room/admins/promote", promote),
		endpoint("/client/room/admins/demote", demote),
		endpoint("/client/room/leave", leaveRoom),
		endpoint("/client/room/delete", deleteRoom),

		endpoint("/client/room/groups_in_common", roomsInCommon),

		endpoint("/client/room/mark_as_unread", markUnread),
		endpoint("/client/room/mute", mute),
		endpoint("/client/room/unmute", unmute),
		endpoint("/client/room/pin", pin),
		endpoint("/client/room/unpin", unpin),
		endpoint("/client/room/clear_chat", clearChat),
		endpoint("/client/room/get_unread_room_ids", unreadRooms),
		endpoint("/client/room/get_muted_room_ids", mutedRooms),
		endpoint("/client/room/get_pinned_room_ids", pinnedRooms),
		endpoint("/client/room/get_room_ids_with_state", roomStates),

		endpoint("/chat/message/room_list_and_unread", roomsAndUnread),
		endpoint("/chat/message/new_and_updated", newAndUpdated),
		endpoint("/chat/message/list_by_room/before", messagesBefore),
		endpoint("/chat/message/list_by_room/after", messagesAfter),
		endpoint("/chat/message/feedback/delivered", delivered),
		endpoint("/chat/message/feedback/read", read),
		endpoint("/chat/message/delete", deleteMessages),
		send,
		endpoint("/chat/message/star", star),
		endpoint("/chat/message/unstar", unstar),
		endpoint("/chat/message/get_starred_ids", starredIDs),
		endpoint("/chat/message/get_starred_list", starredMessages),
		endpoint("/chat/message/pin", pinMessages),
		endpoint("/chat/message/unpin", unpinMessages),
		endpoint("/chat/message/get_pinned_ids", pinnedIDs),
		endpoint("/chat/message/get_pinned_list", pinnedMessages),
		endpoint("/chat/message/get_details", messageDetails),
		endpoint("/chat/message/get_total_read", totalRead),
		endpoint("/chat/room/get_shared_content", sharedContent),

		endpoint("/chat/scheduled_message/create", schedule),
		endpoint("/chat/scheduled_message/get_scheduled_list", scheduledList),
		endpoint("/chat/scheduled_message/edit_scheduled_time", reschedule),
		endpoint("/chat/scheduled_message/edit_content", editScheduled),
		endpoint("/chat/scheduled_message/send_now", sendScheduled),
		endpoint("/chat/scheduled_message/delete", unschedule),
		upload("/client/user/photo/upload", func() int64 { return svc.MaxPhoto() }, addPhoto),
		endpoint("/client/user/photo/get_list", photos),
		endpoint("/client/user/photo/set_main", setMainPhoto),
		endpoint("/client/user/photo/delete", removePhoto),
		upload("/client/room/photo/upload", func() int64 { return svc.MaxPhoto() }, setRoomPhoto),

		upload("/chat/file/upload", func() int64 { return svc.MaxUpload() }, uploadFile),
		download,
	}
}
