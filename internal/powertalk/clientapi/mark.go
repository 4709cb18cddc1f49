package clientapi

import (
	"context"

	"parlor/internal/chat"
	"parlor/internal/httpapi"
	"parlor/internal/powertalk/wire"
	"parlor/internal/service"
)

type marker func(ctx context.Context, roomID string, ids []int64, on bool) ([]chat.MessageID, error)

func star(ctx context.Context, me service.Member, p *httpapi.Params) (httpapi.Answer, error) {
	return markMessages(ctx, p, me.Star, true, "starredMessageIDs")
}

func unstar(ctx context.Context, me service.Member, p *httpapi.Params) (httpapi.Answer, error) {
	return markMessages(ctx, p, me.Star, false, "unstarredMessageIDs")
}

func pinMessages(ctx context.Context, me service.Member, p *httpapi.Params) (httpapi.Answer, error) {
	return markMessages(ctx, p, me.Pin, true, "pinnedMessageIDs")
}

func unpinMessages(ctx context.Context, me service.Member, p *httpapi.Params) (httpapi.Answer, error) {
	return markMessages(ctx, p, me.Pin, false, "unpinnedMessageIDs")
}

func markMessages(ctx context.Context, p *httpapi.Params, mark marker, on bool, answer string) (httpapi.Answer, error) {
	room := p.ID("roomID")
	if !p.Has("messageIDs") {
		p.Fail(chat.Required("messageIDs"))
	}
	ids := p.Numbers("messageIDs", chat.MaxIDs)
	if err := p.Err(); err != nil {
		return nil, err
	}
	done, err := mark(ctx, room, ids, on)
	return wire.IDs{Name: answer, IDs: messageIDs(done)}, err
}

type lister func(ctx context.Context, roomID string, page chat.Page) ([]chat.MessageView, int, error)

func starredIDs(ctx context.Context, me service.Member, p *httpapi.Params) (httpapi.Answer, error) {
	return listIDs(ctx, p, me.Starred, "messageIDs")
}

func pinnedIDs(ctx context.Context, me service.Member, p *httpapi.Params) (httpapi.Answer, error) {
	return listIDs(ctx, p, me.Pinned, "pinnedMessageIDs")
}

// maxMarkedIDs is more than a list can have.
const maxMarkedIDs = 1000

func listIDs(ctx context.Context, p *httpapi.Params, list lister, answer string) (httpapi.Answer, error) {
	room := p.ID("roomID")
	if err := p.Err(); err != nil {
		return nil, err
	}
	views, _, err := list(ctx, room, chat.Page{Limit: maxMarkedIDs})
	ids := make([]chat.MessageID, len(views))
	for i, v := range views {
		ids[i] = v.ID
	}
	return wire.IDs{Name: answer, IDs: messageIDs(ids)}, err
}

func starredMessages(ctx context.Context, me service.Member, p *httpapi.Params) (httpapi.Answer, error) {
	return listMarked(ctx, p, me.Starred)
}

func pinnedMessages(ctx context.Context, me service.Member, p *httpapi.Params) (httpapi.Answer, error) {
	return listMarked(ctx, p, me.Pinned)
}

func listMarked(ctx context.Context, p *httpapi.Params, list lister) (httpapi.Answer, error) {
	room := p.ID("roomID")
	if err := p.Err(); err != nil {
		return nil, err
	}
	size := int(max(1, min(p.LooseInt("pageSize"), maxMarkedIDs)))
	if !p.Has("pageSize") {
		size = defaultPage
	}
	number := int(max(1, min(p.LooseInt("pageNumber"), maxMarkedIDs)))
	views, total, err := list(ctx, room, chat.Page{Limit: size, Offset: (number - 1) * size})
	return wire.MarkedMessages{Messages: views, Page: number, Size: size, Total: total}, err
}

func sharedContent(ctx context.Context, me service.Member, p *httpapi.Params) (httpapi.Answer, error) {
	room := p.ID("roomID")
	if err := p.Err(); err != nil {
		return nil, err
	}
	oldestFirst := p.LooseText("sortOrder", 10) == "ASC"
	views, err := me.Shared(ctx, room, p.LooseInt("minCreated"), p.LooseInt("maxCreated"), oldestFirst)
	return wire.Shared{Messages: views}, err
}
