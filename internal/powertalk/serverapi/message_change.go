package serverapi

import (
	"context"

	"parlor/internal/chat"
	"parlor/internal/httpapi"
	"parlor/internal/powertalk/wire"
	"parlor/internal/service"
)

func editMessage(ctx context.Context, b service.Backend, p *httpapi.Params) (httpapi.Answer, error) {
	name := messageName(p)
	e := service.MessageEdit{Body: p.RawText("body")}
	if data := p.RawText("data"); p.Has("data") {
		e.Data = &data
	}
	if err := p.Err(); err != nil {
		return nil, err
	}
	v, changed, err := b.EditMessage(ctx, name, e)
	return wire.EditedMessage{Message: v, Changed: changed}, err
}

// messageName reads which message is meant, by one of its two ids.
func messageName(p *httpapi.Params) (n service.MessageName) {
	id := p.TextOr("messageID", maxPublicID)
	n.LocalID = p.TextOr("localID", maxLocalID)
	switch {
	case id == "" && n.LocalID == "":
		p.Fail(chat.Absent("messageID", "is required, or localID"))
	case id != "" && n.LocalID != "":
		p.Fail(chat.Invalid("messageID", "and 'localID' must not both be given"))
	case id != "":
		var ok bool
		if n.ID, ok = parseMessageID(id); !ok {
			p.Fail(chat.Invalid("messageID", "must be the id of a message"))
		}
	}
	return n
}

func deleteMessages(ctx context.Context, b service.Backend, p *httpapi.Params) (httpapi.Answer, error) {
	ids := messageIDs(p)
	if err := p.Err(); err != nil {
		return nil, err
	}
	deleted, skipped, err := b.DeleteMessages(ctx, ids)
	return wire.DeletedMessages{Deleted: deleted, Skipped: skipped}, err
}

func sendSystem(ctx context.Context, b service.Backend, p *httpapi.Params) (httpapi.Answer, error) {
	room := roomName(p)
	text := p.RawText("body")
	if err := p.Err(); err != nil {
		return nil, err
	}
	m, err := b.SendSystem(ctx, room, text)
	return wire.SentSystem{ID: m.ID, LocalID: m.LocalID, CreatedAt: m.CreatedAt}, err
}
