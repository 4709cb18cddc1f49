package serverapi

import (
	"context"
	"strconv"

	"parlor/internal/chat"
	"parlor/internal/httpapi"
	"parlor/internal/powertalk/wire"
	"parlor/internal/service"
)

// maxReports bounds one page of report/list.
const maxReports = 100

func reports(ctx context.Context, b service.Backend, p *httpapi.Params) (httpapi.Answer, error) {
	limit := p.IntOr("limit", maxReports, 1, maxReports)
	after := reportID(p, "afterReportID")
	state := chat.ReportState(p.TextOr("state", 20))
	switch state {
	case "", chat.ReportOpen, chat.ReportResolved:
	default:
		p.Fail(chat.Invalid("state", "must be open or resolved"))
	}
	if err := p.Err(); err != nil {
		return nil, err
	}
	list, more, err := b.Reports(ctx, state, after, limit)
	return wire.Reports{Reports: list, More: more}, err
}

func resolveReport(ctx context.Context, b service.Backend, p *httpapi.Params) (httpapi.Answer, error) {
	id := reportID(p, "reportID")
	if id == 0 {
		p.Fail(chat.Required("reportID"))
	}
	by := p.TextOr("resolvedBy", chat.MaxReportResolver)
	note := p.TextOr("note", chat.MaxReportNote)
	if err := p.Err(); err != nil {
		return nil, err
	}
	changed, err := b.ResolveReport(ctx, id, by, note)
	message := "The report has been resolved"
	if !changed {
		message = "The report is already resolved"
	}
	return wire.Result{Success: changed, Message: message}, err
}

// reportID reads the id of a report, 0 where there is none.
func reportID(p *httpapi.Params, name string) chat.ReportID {
	text := p.TextOr(name, maxPublicID)
	if text == "" {
		return 0
	}
	n, err := strconv.ParseInt(text, 10, 64)
	if err != nil || n < 0 {
		p.Fail(chat.Invalid(name, "must be the id of a report"))
	}
	return chat.ReportID(n)
}
