package clientapi

import (
	"context"

	"parlor/internal/chat"
	"parlor/internal/httpapi"
	"parlor/internal/powertalk/wire"
)

// change puts messages of a room into a list, or takes them out of it.
type change struct {
	apply  func(ctx context.Context, roomID string, ids []int64, on bool) ([]chat.MessageID, error)
	on     bool
	answer string // the name of the changed messages' ids in the answer
}

func changeMessages(ctx context.Context, p *httpapi.Params, c change) (httpapi.Answer, error) {
	room := p.ID("roomID")
	if !p.Has("messageIDs") {
		p.Fail(chat.Required("messageIDs"))
	}
	ids := p.Numbers("messageIDs", chat.MaxIDs)
	if err := p.Err(); err != nil {
		return nil, err
	}
	done, err := c.apply(ctx, room, ids, c.on)
	return wire.IDs{Name: c.answer, IDs: messageIDs(done)}, err
}

type lister func(ctx context.Context, roomID string, page chat.Page) ([]chat.MessageView, int, error)

// maxListed bounds a page, and the number of a page. No list has more messages than that.
const maxListed = 1000

func listIDs(ctx context.Context, p *httpapi.Params, list lister, answer string) (httpapi.Answer, error) {
	room := p.ID("roomID")
	if err := p.Err(); err != nil {
		return nil, err
	}
	views, _, err := list(ctx, room, chat.Page{Limit: maxListed})
	ids := make([]chat.MessageID, len(views))
	for i, v := range views {
		ids[i] = v.ID
	}
	return wire.IDs{Name: answer, IDs: messageIDs(ids)}, err
}

func listMessages(ctx context.Context, p *httpapi.Params, list lister) (httpapi.Answer, error) {
	room := p.ID("roomID")
	if err := p.Err(); err != nil {
		return nil, err
	}
	size := int(max(1, min(p.LooseInt("pageSize"), maxListed)))
	if !p.Has("pageSize") {
		size = defaultPage
	}
	number := int(max(1, min(p.LooseInt("pageNumber"), maxListed)))
	views, total, err := list(ctx, room, chat.Page{Limit: size, Offset: (number - 1) * size})
	return wire.ListedMessages{Messages: views, Page: number, Size: size, Total: total}, err
}
