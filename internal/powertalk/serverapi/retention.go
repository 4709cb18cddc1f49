package serverapi

import (
	"context"

	"parlor/internal/chat"
	"parlor/internal/httpapi"
	"parlor/internal/powertalk/wire"
	"parlor/internal/service"
)

func setRetention(ctx context.Context, b service.Backend, p *httpapi.Params) (httpapi.Answer, error) {
	days := p.OptionalInt("days", 1, chat.MaxRetentionDays)
	if days == nil {
		p.Fail(chat.Required("days"))
	}
	tag := p.TextOr("tag", chat.MaxTag)
	if err := p.Err(); err != nil {
		return nil, err
	}
	r, err := b.SetRetention(ctx, tag, int(*days))
	return wire.Retention{Rule: r}, err
}

func retention(ctx context.Context, b service.Backend, p *httpapi.Params) (httpapi.Answer, error) {
	if err := p.Err(); err != nil {
		return nil, err
	}
	list, err := b.Retention(ctx)
	return wire.Retentions{Rules: list}, err
}

func deleteRetention(ctx context.Context, b service.Backend, p *httpapi.Params) (httpapi.Answer, error) {
	tag := p.TextOr("tag", chat.MaxTag)
	if err := p.Err(); err != nil {
		return nil, err
	}
	found, err := b.DeleteRetention(ctx, tag)
	if !found {
		return wire.Result{Message: "There is no such rule"}, err
	}
	return wire.Result{Success: true, Message: "The rule has been deleted"}, err
}
