package serverapi

import (
	"context"

	"parlor/internal/chat"
	"parlor/internal/httpapi"
	"parlor/internal/powertalk/wire"
	"parlor/internal/service"
)

// hookTimeout is how long a before-hook is waited for unless a backend says so, in ms.
const hookTimeout = 1000

func setBeforeHook(ctx context.Context, b service.Backend, p *httpapi.Params) (httpapi.Answer, error) {
	h := chat.BeforeHook{
		URL:     p.Text("url", 2000),
		Timeout: p.IntOr("timeout", hookTimeout, chat.MinHookTimeout, chat.MaxHookTimeout),
	}
	switch p.TextOr("onFailure", 20) {
	case "", "allow":
	case "refuse":
		h.Strict = true
	default:
		p.Fail(chat.Invalid("onFailure", "must be allow or refuse"))
	}
	if err := p.Err(); err != nil {
		return nil, err
	}
	h, err := b.SetBeforeHook(ctx, h)
	return wire.BeforeHook{Hook: h, Is: true, Secret: true}, err
}

func beforeHook(ctx context.Context, b service.Backend, p *httpapi.Params) (httpapi.Answer, error) {
	if err := p.Err(); err != nil {
		return nil, err
	}
	h, is, err := b.BeforeHook(ctx)
	return wire.BeforeHook{Hook: h, Is: is}, err
}

func deleteBeforeHook(ctx context.Context, b service.Backend, p *httpapi.Params) (httpapi.Answer, error) {
	if err := p.Err(); err != nil {
		return nil, err
	}
	return wire.BeforeHook{}, b.DeleteBeforeHook(ctx)
}
