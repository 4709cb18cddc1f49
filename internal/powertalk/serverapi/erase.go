package serverapi

import (
	"context"

	"parlor/internal/chat"
	"parlor/internal/httpapi"
	"parlor/internal/powertalk/wire"
	"parlor/internal/service"
)

func eraseUser(ctx context.Context, b service.Backend, p *httpapi.Params) (httpapi.Answer, error) {
	xcUser := p.Text("xcUserID", chat.MaxXCID)
	if err := p.Err(); err != nil {
		return nil, err
	}
	e, err := b.EraseUser(ctx, xcUser)
	return wire.Erasure{Erasure: e}, err
}

func erasure(ctx context.Context, b service.Backend, p *httpapi.Params) (httpapi.Answer, error) {
	id, ok := chat.ParseErasureID(p.Text("erasureID", maxPublicID))
	if !ok {
		p.Fail(chat.Invalid("erasureID", "must be what user/erase has answered"))
	}
	if err := p.Err(); err != nil {
		return nil, err
	}
	e, err := b.Erasure(ctx, id)
	if err != nil {
		return nil, err
	}
	answer := wire.Erasure{Erasure: e}
	if e.Finished() {
		if answer.Key, err = b.ReceiptKey(ctx); err != nil {
			return nil, err
		}
		answer.KeyID = service.ReceiptKeyID(answer.Key)
	}
	return answer, nil
}
