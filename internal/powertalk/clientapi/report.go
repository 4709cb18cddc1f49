package clientapi

import (
	"context"

	"parlor/internal/chat"
	"parlor/internal/httpapi"
	"parlor/internal/powertalk/wire"
	"parlor/internal/service"
)

func reportUser(ctx context.Context, me service.Member, p *httpapi.Params) (httpapi.Answer, error) {
	id := p.ID("userID")
	c := complaint(p)
	if err := p.Err(); err != nil {
		return nil, err
	}
	return wire.Result{Success: true, Message: "Report submitted"}, me.ReportUser(ctx, id, c)
}

func reportMessage(ctx context.Context, me service.Member, p *httpapi.Params) (httpapi.Answer, error) {
	id := messageID(p)
	room := p.ID("roomID")
	c := complaint(p)
	if err := p.Err(); err != nil {
		return nil, err
	}
	return wire.Result{Success: true, Message: "Report submitted"}, me.ReportMessage(ctx, room, id, c)
}

// complaint reads what a report says. SDKs send whatever their user has chosen or typed.
func complaint(p *httpapi.Params) service.Complaint {
	return service.Complaint{
		Category: p.TextOr("category", chat.MaxReportCategory),
		Other:    p.IsTrue("isOtherCategory"),
		Reason:   p.TextOr("reason", chat.MaxReportReason),
	}
}
