package serverapi

import (
	"context"

	"parlor/internal/chat"
	"parlor/internal/httpapi"
	"parlor/internal/powertalk/wire"
	"parlor/internal/service"
)

func deleteMatching(ctx context.Context, b service.Backend, p *httpapi.Params) (httpapi.Answer, error) {
	q := service.DeletionQuery{By: someUser(p), From: timeOr0(p, "from"), Until: timeOr0(p, "until")}
	if q.By == (service.UserName{}) && q.From == 0 && q.Until == 0 {
		p.Fail(chat.Absent("xcUserID", "is required, or one of userID, from and until"))
	}
	q.Room = service.RoomName{XCID: p.TextOr("xcRoomID", chat.MaxXCID), ID: p.TextOr("roomID", maxPublicID)}
	q.LocalID = p.TextOr("localID", maxLocalID)
	if q.Room.XCID != "" && q.Room.ID != "" {
		p.Fail(chat.Invalid("roomID", "and 'xcRoomID' must not both be given"))
	}
	if err := p.Err(); err != nil {
		return nil, err
	}
	d, err := b.DeleteMatching(ctx, q)
	return wire.NewDeletion{ID: d.ID}, err
}

func getDeleteMatching(ctx context.Context, b service.Backend, p *httpapi.Params) (httpapi.Answer, error) {
	id := p.Text("deletionID", maxLocalID)
	if err := p.Err(); err != nil {
		return nil, err
	}
	d, err := b.Deletion(ctx, id)
	return wire.Deletion{Deletion: d}, err
}
