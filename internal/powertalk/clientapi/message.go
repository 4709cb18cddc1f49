package clientapi

import (
	"context"
	"strconv"

	"parlor/internal/chat"
	"parlor/internal/httpapi"
	"parlor/internal/powertalk/wire"
	"parlor/internal/service"
)

func roomsAndUnread(ctx context.Context, me service.Member, _ *httpapi.Params) (httpapi.Answer, error) {
	return tracked(me.Inbox(ctx))
}

func newAndUpdated(ctx context.Context, me service.Member, _ *httpapi.Params) (httpapi.Answer, error) {
	return tracked(me.CatchUp(ctx))
}

func tracked(d service.Delivery, err error) (httpapi.Answer, error) {
	return httpapi.Tracked{
		Answer: wire.Messages{Messages: d.Messages},
		Sent:   d.Sent, Arrived: d.Arrived, Done: d.Done,
	}, err
}

// defaultPage is the page of a device that names no limit.
const defaultPage = 50

func messagesBefore(ctx context.Context, me service.Member, p *httpapi.Params) (httpapi.Answer, error) {
	id := p.ID("roomID")
	if err := p.Err(); err != nil {
		return nil, err
	}
	limit := defaultPage
	if n := p.LooseInt("limit"); n > 0 {
		limit = int(min(n, 1000))
	}
	views, more, err := me.MessagesBefore(ctx, id, p.LooseInt("maxCreated"), limit)
	return wire.Messages{Messages: views, Paged: true, More: more}, err
}

func messagesAfter(ctx context.Context, me service.Member, p *httpapi.Params) (httpapi.Answer, error) {
	id := p.ID("roomID")
	if err := p.Err(); err != nil {
		return nil, err
	}
	views, more, err := me.MessagesAfter(ctx, id, p.LooseInt("minCreated"), p.LooseInt("lastUpdated"))
	return wire.Messages{Messages: views, Paged: true, More: more}, err
}

func delivered(ctx context.Context, me service.Member, p *httpapi.Params) (httpapi.Answer, error) {
	return acknowledge(ctx, me, p, chat.Delivered)
}

func read(ctx context.Context, me service.Member, p *httpapi.Params) (httpapi.Answer, error) {
	return acknowledge(ctx, me, p, chat.Read)
}

func acknowledge(
	ctx context.Context, me service.Member, p *httpapi.Params, kind chat.ReceiptKind,
) (httpapi.Answer, error) {
	if inner := p.Inner("messageIDs"); inner.Has("messageIDs") {
		p = inner // some SDKs wrap the call into itself when they repeat it
	}
	ids := p.Numbers("messageIDs", chat.MaxIDs)
	if err := p.Err(); err != nil {
		return nil, err
	}
	updated, err := me.Acknowledge(ctx, kind, ids)
	return wire.IDs{Name: "updatedMessageIDs", IDs: messageIDs(updated)}, err
}

func messageIDs(ids []chat.MessageID) []string {
	list := make([]string, len(ids))
	for i, id := range ids {
		list[i] = id.String()
	}
	return list
}

func deleteMessages(ctx context.Context, me service.Member, p *httpapi.Params) (httpapi.Answer, error) {
	room := p.ID("roomID")
	if !p.Has("messageIDs") {
		p.Fail(chat.Required("messageIDs"))
	}
	ids := p.Numbers("messageIDs", chat.MaxIDs)
	if err := p.Err(); err != nil {
		return nil, err
	}
	deleted, err := me.DeleteMessages(ctx, room, ids, p.IsTrue("forEveryone"))
	return wire.IDs{Name: "deletedMessageIDs", IDs: messageIDs(deleted)}, err
}

func sendMessage(ctx context.Context, me service.Member, p *httpapi.Params) (httpapi.Answer, error) {
	plain := service.Plain{
		RoomID: p.LooseText("roomID", 100), Recipient: p.LooseText("recipientUserID", 100),
		LocalID: p.Text("localID", 64), Type: chat.MessageType(p.LooseInt("messageType")),
		Body: p.RawText("body"), Data: p.RawText("data"),
		FilterID: p.TextOr("filterID", chat.MaxFilterID), Hidden: p.IsTrue("isHidden"),
	}
	if err := p.Err(); err != nil {
		return nil, err
	}
	return wire.Result{Success: true, Message: "The message was sent"}, me.SendPlain(ctx, plain)
}

func messageID(p *httpapi.Params) int64 {
	n, err := strconv.ParseInt(p.ID("messageID"), 10, 64)
	if err != nil {
		p.Fail(chat.Invalid("messageID", "must be a number"))
	}
	return n
}

func messageDetails(ctx context.Context, me service.Member, p *httpapi.Params) (httpapi.Answer, error) {
	id := messageID(p)
	if err := p.Err(); err != nil {
		return nil, err
	}
	view, delivered, read, err := me.Readers(ctx, id)
	return wire.Details{Message: view, DeliveredTo: delivered, ReadBy: read}, err
}

func totalRead(ctx context.Context, me service.Member, p *httpapi.Params) (httpapi.Answer, error) {
	id := messageID(p)
	if err := p.Err(); err != nil {
		return nil, err
	}
	count, err := me.ReadCount(ctx, id)
	return wire.Count{Count: count}, err
}

func sharedContent(ctx context.Context, me service.Member, p *httpapi.Params) (httpapi.Answer, error) {
	room := p.ID("roomID")
	if err := p.Err(); err != nil {
		return nil, err
	}
	views, err := me.Shared(ctx, room, chat.Window{
		After: p.LooseInt("minCreated"), Before: p.LooseInt("maxCreated"), OldestFirst: p.LooseText("sortOrder", 10) == "ASC",
	})
	return wire.Shared{Messages: views}, err
}
