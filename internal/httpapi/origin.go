package httpapi

import (
	"context"

	"parlor/internal/chat"
)

type originKey struct{}

// OriginOf is where the call of ctx comes from. Only the calls of endpoints that change something
// have one.
func OriginOf(ctx context.Context) chat.Origin {
	o, _ := ctx.Value(originKey{}).(chat.Origin)
	return o
}

// withOrigin is a context of a call from a peer's address, host:port or, behind a proxy, without a
// port.
func withOrigin(ctx context.Context, remote, id string) context.Context {
	o := chat.Origin{RequestID: id}
	if addr, ok := addressOf(remote); ok {
		o.Address = addr.String()
	}
	return context.WithValue(ctx, originKey{}, o)
}
