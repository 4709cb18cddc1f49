package clientapi

import (
	"context"

	"parlor/internal/chat"
	"parlor/internal/httpapi"
	"parlor/internal/powertalk/wire"
)

type marker func(ctx context.Context, c chat.Caller, roomID string, ids []int64, on bool) ([]chat.MessageID, error)

func (a *api) star(ctx context.Context, c chat.Caller, p *httpapi.Params) (httpapi.Answer, error) {
	return markMessages(ctx, c, p, a.svc.Star, true, "starredMessageIDs")
}

func (a *api) unstar(ctx context.Context, c chat.Caller, p *httpapi.Params) (httpapi.Answer, error) {
	return markMessages(ctx, c, p, a.svc.Star, false, "unstarredMessageIDs")
}

func (a *api) pinMessages(ctx context.Context, c chat.Caller, p *httpapi.Params) (httpapi.Answer, error) {
	return markMessages(ctx, c, p, a.svc.Pin, true, "pinnedMessageIDs")
}

func (a *api) unpinMessages(ctx context.Context, c chat.Caller, p *httpapi.Params) (httpapi.Answer, error) {
	return markMessages(ctx, c, p, a.svc.Pin, false, "unpinnedMessageIDs")
}

func markMessages(ctx context.Context, c chat.Caller, p *httpapi.Params, mark marker, on bool, answer string) (httpapi.Answer, error) {
	room := p.ID("roomID")
	if !p.Has("messageIDs") {
		p.Fail(chat.Required("messageIDs"))
	}
	ids := p.Numbers("messageIDs", chat.MaxIDs)
	if err := p.Err(); err != nil {
		return nil, err
	}
	done, err := mark(ctx, c, room, ids, on)
	return wire.IDs{Name: answer, IDs: messageIDs(done)}, err
}

type lister func(ctx context.Context, c chat.Caller, roomID string, page chat.Page) ([]chat.MessageView, int, error)

func (a *api) starredIDs(ctx context.Context, c chat.Caller, p *httpapi.Params) (httpapi.Answer, error) {
	return listIDs(ctx, c, p, a.svc.Starred, "messageIDs")
}

func (a *api) pinnedIDs(ctx context.Context, c chat.Caller, p *httpapi.Params) (httpapi.Answer, error) {
	return listIDs(ctx, c, p, a.svc.Pinned, "pinnedMessageIDs")
}

// maxMarkedIDs is more than a list can have.
const maxMarkedIDs = 1000

func listIDs(ctx context.Context, c chat.Caller, p *httpapi.Params, list lister, answer string) (httpapi.Answer, error) {
	room := p.ID("roomID")
	if err := p.Err(); err != nil {
		return nil, err
	}
	views, _, err := list(ctx, c, room, chat.Page{Limit: maxMarkedIDs})
	ids := make([]chat.MessageID, len(views))
	for i, v := range views {
		ids[i] = v.ID
	}
	return wire.IDs{Name: answer, IDs: messageIDs(ids)}, err
}

func (a *api) starredMessages(ctx context.Context, c chat.Caller, p *httpapi.Params) (httpapi.Answer, error) {
	return listMarked(ctx, c, p, a.svc.Starred)
}

func (a *api) pinnedMessages(ctx context.Context, c chat.Caller, p *httpapi.Params) (httpapi.Answer, error) {
	return listMarked(ctx, c, p, a.svc.Pinned)
}

func listMarked(ctx context.Context, c chat.Caller, p *httpapi.Params, list lister) (httpapi.Answer, error) {
	room := p.ID("roomID")
	if err := p.Err(); err != nil {
		return nil, err
	}
	size := int(max(1, min(p.LooseInt("pageSize"), maxMarkedIDs)))
	if !p.Has("pageSize") {
		size = defaultPage
	}
	number := int(max(1, min(p.LooseInt("pageNumber"), maxMarkedIDs)))
	views, total, err := list(ctx, c, room, chat.Page{Limit: size, Offset: (number - 1) * size})
	return wire.MarkedMessages{Messages: views, Page: number, Size: size, Total: total}, err
}

func (a *api) sharedContent(ctx context.Context, c chat.Caller, p *httpapi.Params) (httpapi.Answer, error) {
	room := p.ID("roomID")
	if err := p.Err(); err != nil {
		return nil, err
	}
	oldestFirst := p.LooseText("sortOrder", 10) == "ASC"
	views, err := a.svc.Shared(ctx, c, room, p.LooseInt("minCreated"), p.LooseInt("maxCreated"), oldestFirst)
	return wire.Shared{Messages: views}, err
}
