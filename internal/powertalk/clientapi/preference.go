package clientapi

import (
	"context"

	"parlor/internal/chat"
	"parlor/internal/httpapi"
	"parlor/internal/powertalk/wire"
	"parlor/internal/service"
)

// maxPreferenceRooms bounds the rooms of one call.
const maxPreferenceRooms = 500

func (a *api) set(ctx context.Context, c chat.Caller, p *httpapi.Params, pref service.Preference, answer string) (httpapi.Answer, error) {
	if !p.Has("roomIDs") {
		p.Fail(chat.Required("roomIDs"))
	}
	rooms := p.IDs("roomIDs", maxPreferenceRooms)
	if err := p.Err(); err != nil {
		return nil, err
	}
	done, err := a.svc.SetPreference(ctx, c, rooms, pref, p.LooseInt("expiredAt"))
	return wire.IDs{Name: answer, IDs: done}, err
}

func (a *api) markUnread(ctx context.Context, c chat.Caller, p *httpapi.Params) (httpapi.Answer, error) {
	return a.set(ctx, c, p, service.MarkUnread, "unreadRoomIDs")
}

func (a *api) mute(ctx context.Context, c chat.Caller, p *httpapi.Params) (httpapi.Answer, error) {
	return a.set(ctx, c, p, service.Mute, "mutedRoomIDs")
}

func (a *api) unmute(ctx context.Context, c chat.Caller, p *httpapi.Params) (httpapi.Answer, error) {
	return a.set(ctx, c, p, service.Unmute, "unmutedRoomIDs")
}

func (a *api) pin(ctx context.Context, c chat.Caller, p *httpapi.Params) (httpapi.Answer, error) {
	return a.set(ctx, c, p, service.PinRoom, "pinnedRoomIDs")
}

func (a *api) unpin(ctx context.Context, c chat.Caller, p *httpapi.Params) (httpapi.Answer, error) {
	return a.set(ctx, c, p, service.UnpinRoom, "unpinnedRoomIDs")
}

func (a *api) clearChat(ctx context.Context, c chat.Caller, p *httpapi.Params) (httpapi.Answer, error) {
	return a.set(ctx, c, p, service.ClearChat, "clearedRoomIDs")
}

func (a *api) unreadRooms(ctx context.Context, c chat.Caller, _ *httpapi.Params) (httpapi.Answer, error) {
	return a.states(ctx, c, "unreadRoomIDs")
}

func (a *api) mutedRooms(ctx context.Context, c chat.Caller, _ *httpapi.Params) (httpapi.Answer, error) {
	return a.states(ctx, c, "mutedRooms")
}

func (a *api) pinnedRooms(ctx context.Context, c chat.Caller, _ *httpapi.Params) (httpapi.Answer, error) {
	return a.states(ctx, c, "pinnedRoomIDs")
}

func (a *api) roomStates(ctx context.Context, c chat.Caller, _ *httpapi.Params) (httpapi.Answer, error) {
	return a.states(ctx, c, "")
}

func (a *api) states(ctx context.Context, c chat.Caller, only string) (httpapi.Answer, error) {
	s, err := a.svc.Preferences(ctx, c)
	out := wire.RoomStates{Only: only}
	for _, r := range s {
		id := r.Room.PublicID()
		if r.MarkedUnread {
			out.Unread = append(out.Unread, id)
		}
		if r.PinnedAt > 0 {
			out.Pinned = append(out.Pinned, id)
		}
		if r.Muted {
			out.Muted = append(out.Muted, wire.RoomState{RoomID: id, Time: r.MutedUntil})
		}
		if r.ClearedAt > 0 {
			out.Cleared = append(out.Cleared, wire.RoomState{RoomID: id, Time: r.ClearedAt})
		}
	}
	return out, err
}
