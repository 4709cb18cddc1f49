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

func set(
	ctx context.Context, me service.Member, p *httpapi.Params, pref chat.Preference, answer string,
) (httpapi.Answer, error) {
	if !p.Has("roomIDs") {
		p.Fail(chat.Required("roomIDs"))
	}
	rooms := p.IDs("roomIDs", maxPreferenceRooms)
	if err := p.Err(); err != nil {
		return nil, err
	}
	if pref.Kind == chat.PreferMuted && pref.On {
		pref.Until = p.LooseInt("expiredAt")
	}
	done, err := me.SetPreference(ctx, rooms, pref)
	return wire.IDs{Name: answer, IDs: done}, err
}

func markUnread(ctx context.Context, me service.Member, p *httpapi.Params) (httpapi.Answer, error) {
	return set(ctx, me, p, chat.Preference{Kind: chat.PreferUnread, On: true}, "unreadRoomIDs")
}

func mute(ctx context.Context, me service.Member, p *httpapi.Params) (httpapi.Answer, error) {
	return set(ctx, me, p, chat.Preference{Kind: chat.PreferMuted, On: true}, "mutedRoomIDs")
}

func unmute(ctx context.Context, me service.Member, p *httpapi.Params) (httpapi.Answer, error) {
	return set(ctx, me, p, chat.Preference{Kind: chat.PreferMuted}, "unmutedRoomIDs")
}

func pin(ctx context.Context, me service.Member, p *httpapi.Params) (httpapi.Answer, error) {
	return set(ctx, me, p, chat.Preference{Kind: chat.PreferPinned, On: true}, "pinnedRoomIDs")
}

func unpin(ctx context.Context, me service.Member, p *httpapi.Params) (httpapi.Answer, error) {
	return set(ctx, me, p, chat.Preference{Kind: chat.PreferPinned}, "unpinnedRoomIDs")
}

func clearChat(ctx context.Context, me service.Member, p *httpapi.Params) (httpapi.Answer, error) {
	return set(ctx, me, p, chat.Preference{Kind: chat.PreferCleared, On: true}, "clearedRoomIDs")
}

func unreadRooms(ctx context.Context, me service.Member, _ *httpapi.Params) (httpapi.Answer, error) {
	return states(ctx, me, "unreadRoomIDs")
}

func mutedRooms(ctx context.Context, me service.Member, _ *httpapi.Params) (httpapi.Answer, error) {
	return states(ctx, me, "mutedRooms")
}

func pinnedRooms(ctx context.Context, me service.Member, _ *httpapi.Params) (httpapi.Answer, error) {
	return states(ctx, me, "pinnedRoomIDs")
}

func roomStates(ctx context.Context, me service.Member, _ *httpapi.Params) (httpapi.Answer, error) {
	return states(ctx, me, "")
}

func states(ctx context.Context, me service.Member, only string) (httpapi.Answer, error) {
	s, err := me.Preferences(ctx)
	out := wire.RoomStates{Only: only}
	for _, r := range s {
		id := r.Room.PublicID()
		if r.UnreadFlag {
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
