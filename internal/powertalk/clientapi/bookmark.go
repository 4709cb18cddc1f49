package clientapi

import (
	"context"

	"parlor/internal/httpapi"
	"parlor/internal/service"
)

func star(ctx context.Context, me service.Member, p *httpapi.Params) (httpapi.Answer, error) {
	return changeMessages(ctx, p, change{me.Bookmark, true, "starredMessageIDs"})
}

func unstar(ctx context.Context, me service.Member, p *httpapi.Params) (httpapi.Answer, error) {
	return changeMessages(ctx, p, change{me.Bookmark, false, "unstarredMessageIDs"})
}

func starredIDs(ctx context.Context, me service.Member, p *httpapi.Params) (httpapi.Answer, error) {
	return listIDs(ctx, p, me.Bookmarked, "messageIDs")
}

func starredMessages(ctx context.Context, me service.Member, p *httpapi.Params) (httpapi.Answer, error) {
	return listMessages(ctx, p, me.Bookmarked)
}
