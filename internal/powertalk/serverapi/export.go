package serverapi

import (
	"context"

	"parlor/internal/chat"
	"parlor/internal/httpapi"
	"parlor/internal/powertalk/wire"
	"parlor/internal/service"
)

func exportUser(ctx context.Context, b service.Backend, p *httpapi.Params) (httpapi.Answer, error) {
	xcUser := p.Text("xcUserID", chat.MaxXCID)
	if err := p.Err(); err != nil {
		return nil, err
	}
	e, err := b.ExportUser(ctx, xcUser)
	return wire.Export{Export: e}, err
}

func export(ctx context.Context, b service.Backend, p *httpapi.Params) (httpapi.Answer, error) {
	id, ok := chat.ParseExportID(p.Text("exportID", maxPublicID))
	if !ok {
		p.Fail(chat.Invalid("exportID", "must be what user/export has answered"))
	}
	if err := p.Err(); err != nil {
		return nil, err
	}
	e, archive, err := b.Export(ctx, id)
	if err != nil || archive == nil {
		return wire.Export{Export: e}, err
	}
	return wire.Export{Export: e, Archive: archive, URL: b.ArchiveURL(*archive), Expires: service.ArchiveEnd(*archive)}, nil
}
