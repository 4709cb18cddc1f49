package clientapi

import (
	"context"

	"parlor/internal/httpapi"
	"parlor/internal/service"
)

func pinMessages(ctx context.Context, me service.Member, p *httpapi.Params) (httpapi.Answer, error) {
	return changeMessages(ctx, p, change{me.Pin, true, "pinnedMessageIDs"})
}

func unpinMessages(ctx context.Context, me service.Member, p *httpapi.Params) (httpapi.Answer, error) {
	return changeMessages(ctx, p, change{me.Pin, false, "unpinnedMessageIDs"})
}

func pinnedIDs(ctx context.Context, me service.Member, p *httpapi.Params) (httpapi.Answer, error) {
	return listIDs(ctx, p, me.Pinned, "pinnedMessageIDs")
}

func pinnedMessages(ctx context.Context, me service.Member, p *httpapi.Params) (httpapi.Answer, error) {
	return listMessages(ctx, p, me.Pinned)
}
