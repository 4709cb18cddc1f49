package clientapi

import (
	"context"

	"parlor/internal/chat"
	"parlor/internal/httpapi"
	"parlor/internal/powertalk"
	"parlor/internal/powertalk/wire"
	"parlor/internal/service"
)

func schedule(ctx context.Context, me service.Member, p *httpapi.Params) (httpapi.Answer, error) {
	draft := draftIn(p)
	if err := p.Err(); err != nil {
		return nil, err
	}
	item, err := me.Schedule(ctx, draft, p.LooseInt("scheduledTime"))
	return wire.Scheduled{Item: item}, err
}

// draftIn reads the message of a call, which is one as in a frame of the socket.
func draftIn(p *httpapi.Params) service.Draft {
	message := p.Inner("message")
	switch {
	case !p.Has("message"):
		p.Fail(chat.Required("message"))
	case message.Empty():
		p.Fail(chat.Invalid("message", "must be an object that is a message"))
	}
	return powertalk.DraftOf(message)
}

func scheduledList(ctx context.Context, me service.Member, p *httpapi.Params) (httpapi.Answer, error) {
	room := p.ID("roomID")
	if err := p.Err(); err != nil {
		return nil, err
	}
	items, err := me.Scheduled(ctx, room)
	return wire.ScheduledList{Items: items}, err
}

func reschedule(ctx context.Context, me service.Member, p *httpapi.Params) (httpapi.Answer, error) {
	id := scheduledID(p)
	if err := p.Err(); err != nil {
		return nil, err
	}
	err := me.Reschedule(ctx, id, p.LooseInt("scheduledTime"))
	return wire.Result{Success: true, Message: "The message has another time"}, err
}

func editScheduled(ctx context.Context, me service.Member, p *httpapi.Params) (httpapi.Answer, error) {
	id, draft := scheduledID(p), draftIn(p)
	if err := p.Err(); err != nil {
		return nil, err
	}
	return wire.Result{Success: true, Message: "The message is changed"}, me.EditScheduled(ctx, id, draft)
}

func scheduledID(p *httpapi.Params) chat.ScheduledID {
	id := p.LooseInt("id")
	if id <= 0 {
		p.Fail(chat.Required("id"))
	}
	return chat.ScheduledID(id)
}

func sendScheduled(ctx context.Context, me service.Member, p *httpapi.Params) (httpapi.Answer, error) {
	ids := scheduledIDs(p)
	if err := p.Err(); err != nil {
		return nil, err
	}
	sent, err := me.SendScheduled(ctx, ids)
	return wire.ScheduledIDs{Name: "sentIDs", IDs: numbers(sent)}, err
}

func unschedule(ctx context.Context, me service.Member, p *httpapi.Params) (httpapi.Answer, error) {
	ids := scheduledIDs(p)
	if err := p.Err(); err != nil {
		return nil, err
	}
	dropped, err := me.Unschedule(ctx, ids)
	return wire.ScheduledIDs{Name: "deletedIDs", IDs: numbers(dropped)}, err
}

func scheduledIDs(p *httpapi.Params) []chat.ScheduledID {
	if !p.Has("ids") {
		p.Fail(chat.Required("ids"))
	}
	numbers := p.Numbers("ids", chat.MaxIDs)
	ids := make([]chat.ScheduledID, len(numbers))
	for i, n := range numbers {
		ids[i] = chat.ScheduledID(n)
	}
	return ids
}

func numbers(ids []chat.ScheduledID) []int64 {
	list := make([]int64, len(ids))
	for i, id := range ids {
		list[i] = int64(id)
	}
	return list
}
