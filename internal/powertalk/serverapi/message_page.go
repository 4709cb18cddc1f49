package serverapi

import (
	"context"
	"strconv"

	"parlor/internal/chat"
	"parlor/internal/httpapi"
	"parlor/internal/powertalk/wire"
	"parlor/internal/service"
)

// maxMessageType is beyond all types that there are.
const maxMessageType = 9999

func listMessages(ctx context.Context, b service.Backend, p *httpapi.Params) (httpapi.Answer, error) {
	room := roomName(p)
	q := service.MessageQuery{By: someUser(p)}
	for _, n := range p.Ints("types", chat.MaxListedTypes, 1000, maxMessageType) {
		q.Types = append(q.Types, chat.MessageType(n))
	}
	q.From, q.Until = timeOr0(p, "from"), timeOr0(p, "until")
	switch p.TextOr("order", maxPublicID) {
	case "", "newest":
	case "oldest":
		q.OldestFirst = true
	default:
		p.Fail(chat.Invalid("order", "must be newest or oldest"))
	}
	q.Sealed = p.Flag("sealed")
	cursor := p.TextOr("cursor", chat.MaxCursor)
	limit := p.IntOr("limit", chat.MaxListedMessages, 1, chat.MaxListedMessages)
	if err := p.Err(); err != nil {
		return nil, err
	}
	list, next, err := b.Messages(ctx, room, q, cursor, limit)
	return wire.MessagePage{Messages: list, Next: next}, err
}

func searchMessages(ctx context.Context, b service.Backend, p *httpapi.Params) (httpapi.Answer, error) {
	s := service.MessageSearch{Text: p.Text("query", chat.MaxSearch), Room: roomNameOr(p), By: someUser(p)}
	s.From, s.Until = timeOr0(p, "from"), timeOr0(p, "until")
	s.Sealed = p.Flag("sealed")
	cursor := p.TextOr("cursor", chat.MaxCursor)
	limit := p.IntOr("limit", defaultListed, 1, chat.MaxListedMessages)
	if err := p.Err(); err != nil {
		return nil, err
	}
	list, next, err := b.SearchMessages(ctx, s, cursor, limit)
	return wire.MessagePage{Messages: list, Next: next}, err
}

// someUser reads which user is meant, by one of two ids, nobody where there is none.
func someUser(p *httpapi.Params) service.UserName {
	n := service.UserName{XCID: p.TextOr("xcUserID", chat.MaxXCID), ID: p.TextOr("userID", maxPublicID)}
	if n.XCID != "" && n.ID != "" {
		p.Fail(chat.Invalid("userID", "and 'xcUserID' must not both be given"))
	}
	return n
}

func getMessages(ctx context.Context, b service.Backend, p *httpapi.Params) (httpapi.Answer, error) {
	ids := messageIDs(p)
	sealed := p.Flag("sealed")
	if err := p.Err(); err != nil {
		return nil, err
	}
	f, err := b.MessagesByID(ctx, ids, sealed)
	return wire.FoundMessages{Messages: f.Messages, Missing: f.Missing, Remaining: f.Remaining}, err
}

// messageIDs reads which messages are meant.
func messageIDs(p *httpapi.Params) []chat.MessageID {
	texts := p.RequiredTexts("messageIDs", chat.MaxListedMessages, maxPublicID)
	ids := make([]chat.MessageID, len(texts))
	for i, text := range texts {
		var ok bool
		if ids[i], ok = parseMessageID(text); !ok {
			p.Fail(chat.Invalid("messageIDs", "must be ids of messages"))
			return nil
		}
	}
	return ids
}

func parseMessageID(text string) (id chat.MessageID, ok bool) {
	n, err := strconv.ParseInt(text, 10, 64)
	id = chat.MessageID(n)
	return id, err == nil && n > 0 && id.String() == text
}
