package clientapi

import (
	"context"
	"strconv"

	"parlor/internal/chat"
	"parlor/internal/httpapi"
	"parlor/internal/powertalk/wire"
	"parlor/internal/service"
)

func (a *api) roomsAndUnread(ctx context.Context, c chat.Caller, _ *httpapi.Params) (httpapi.Answer, error) {
	return handed(a.svc.RoomsAndUnread(ctx, c))
}

func (a *api) newAndUpdated(ctx context.Context, c chat.Caller, _ *httpapi.Params) (httpapi.Answer, error) {
	return handed(a.svc.NewAndUpdated(ctx, c))
}

func handed(news service.News, err error) (httpapi.Answer, error) {
	return httpapi.Handed{Answer: wire.Messages{Messages: news.Messages}, Sent: news.Sent, Arrived: news.Arrived, Done: news.Done}, err
}

// defaultPage is the page of a device that names no limit.
const defaultPage = 50

func (a *api) messagesBefore(ctx context.Context, c chat.Caller, p *httpapi.Params) (httpapi.Answer, error) {
	id := p.ID("roomID")
	if err := p.Err(); err != nil {
		return nil, err
	}
	limit := defaultPage
	if n := p.LooseInt("limit"); n > 0 {
		limit = int(min(n, 1000))
	}
	views, more, err := a.svc.MessagesBefore(ctx, c, id, p.LooseInt("maxCreated"), limit)
	return wire.Messages{Messages: views, Paged: true, More: more}, err
}

func (a *api) messagesAfter(ctx context.Context, c chat.Caller, p *httpapi.Params) (httpapi.Answer, error) {
	id := p.ID("roomID")
	if err := p.Err(); err != nil {
		return nil, err
	}
	views, more, err := a.svc.MessagesAfter(ctx, c, id, p.LooseInt("minCreated"), p.LooseInt("lastUpdated"))
	return wire.Messages{Messages: views, Paged: true, More: more}, err
}

func (a *api) delivered(ctx context.Context, c chat.Caller, p *httpapi.Params) (httpapi.Answer, error) {
	return a.mark(ctx, c, p, chat.Delivered)
}

func (a *api) read(ctx context.Context, c chat.Caller, p *httpapi.Params) (httpapi.Answer, error) {
	return a.mark(ctx, c, p, chat.Read)
}

func (a *api) mark(ctx context.Context, c chat.Caller, p *httpapi.Params, kind chat.ReceiptKind) (httpapi.Answer, error) {
	if inner := p.Inner("messageIDs"); inner.Has("messageIDs") {
		p = inner // some SDKs wrap the call into itself when they repeat it
	}
	ids := p.Numbers("messageIDs", chat.MaxIDs)
	if err := p.Err(); err != nil {
		return nil, err
	}
	updated, err := a.svc.Mark(ctx, c, kind, ids)
	return wire.IDs{Name: "updatedMessageIDs", IDs: messageIDs(updated)}, err
}

func messageIDs(ids []chat.MessageID) []string {
	list := make([]string, len(ids))
	for i, id := range ids {
		list[i] = id.String()
	}
	return list
}

func (a *api) deleteMessages(ctx context.Context, c chat.Caller, p *httpapi.Params) (httpapi.Answer, error) {
	room := p.ID("roomID")
	if !p.Has("messageIDs") {
		p.Fail(chat.Required("messageIDs"))
	}
	ids := p.Numbers("messageIDs", chat.MaxIDs)
	if err := p.Err(); err != nil {
		return nil, err
	}
	deleted, err := a.svc.DeleteMessages(ctx, c, room, ids, p.IsTrue("forEveryone"))
	return wire.IDs{Name: "deletedMessageIDs", IDs: messageIDs(deleted)}, err
}

func (a *api) sendMessage(ctx context.Context, c chat.Caller, p *httpapi.Params) (httpapi.Answer, error) {
	plain := service.Plain{
		RoomID: p.LooseText("roomID", 100), Recipient: p.LooseText("recipientUserID", 100),
		LocalID: p.Text("localID", 64), Type: chat.MessageType(p.LooseInt("messageType")),
		Body: p.RawText("body"), Data: p.RawText("data"),
		FilterID: p.TextOr("filterID", chat.MaxFilterID), Hidden: p.IsTrue("isHidden"),
	}
	if err := p.Err(); err != nil {
		return nil, err
	}
	return wire.Result{Success: true, Message: "The message was sent"}, a.svc.PostPlain(ctx, c, plain)
}

func messageID(p *httpapi.Params) int64 {
	n, err := strconv.ParseInt(p.ID("messageID"), 10, 64)
	if err != nil {
		p.Fail(chat.Invalid("messageID", "must be a number"))
	}
	return n
}

func (a *api) messageDetails(ctx context.Context, c chat.Caller, p *httpapi.Params) (httpapi.Answer, error) {
	id := messageID(p)
	if err := p.Err(); err != nil {
		return nil, err
	}
	view, delivered, read, err := a.svc.Readers(ctx, c, id)
	return wire.Details{Message: view, DeliveredTo: delivered, ReadBy: read}, err
}

func (a *api) totalRead(ctx context.Context, c chat.Caller, p *httpapi.Params) (httpapi.Answer, error) {
	id := messageID(p)
	if err := p.Err(); err != nil {
		return nil, err
	}
	count, err := a.svc.ReadCount(ctx, c, id)
	return wire.Count{Count: count}, err
}
