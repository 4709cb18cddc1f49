package serverapi

import (
	"context"

	"parlor/internal/chat"
	"parlor/internal/httpapi"
	"parlor/internal/powertalk/wire"
	"parlor/internal/service"
)

// maxPublicID is longer than any public id of a user or room.
const maxPublicID = 50

func sendMessage(ctx context.Context, b service.Backend, p *httpapi.Params) (httpapi.Answer, error) {
	o := outgoing(p)
	o.To = service.UserName{
		ID:   p.TextOr("recipientUserID", maxPublicID),
		XCID: p.TextOr("recipientXCUserID", chat.MaxXCID),
	}
	o.RoomID = p.TextOr("roomID", maxPublicID)
	o.XCRoomID = p.TextOr("xcRoomID", chat.MaxXCID)
	o.LocalID = p.TextOr("localID", maxLocalID)
	readQuote(p, &o)
	if err := p.Err(); err != nil {
		return nil, err
	}
	sent, err := b.Send(ctx, o)
	return wire.Sent{LocalID: sent.LocalID, Repeated: sent.Repeated, Differs: sent.Differs}, err
}

// outgoing reads what a backend sends and in whose name, but for its quote.
func outgoing(p *httpapi.Params) service.Outgoing {
	return service.Outgoing{
		Type:     chat.MessageType(p.Int("messageType")),
		Body:     p.RawText("body"),
		Data:     p.RawText("data"),
		FilterID: p.TextOr("filterID", chat.MaxFilterID),
		Hidden:   p.Flag("isHidden"),
		From: service.UserName{
			ID:   p.TextOr("senderUserID", maxPublicID),
			XCID: p.TextOr("senderXCUserID", chat.MaxXCID),
		},
	}
}

func readQuote(p *httpapi.Params, o *service.Outgoing) {
	p.Object("quote", func(q *httpapi.Params) {
		o.Quote.Title = q.TextOr("title", chat.MaxQuoteTitle)
		o.Quoted = q.TextOr("content", chat.MaxQuoteContent)
		o.Quote.ImageURL = q.TextOr("imageURL", chat.MaxURL)
		o.Quote.FileID = q.TextOr("fileID", chat.MaxQuoteFileID)
		o.Quote.FileType = q.TextOr("fileType", chat.MaxQuoteFileType)
	})
}

const maxLocalID = 64
