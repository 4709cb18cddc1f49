package e2e

import (
	"testing"

	"parlor/test/env/servertest"
)

// paged is where a page of a list leads.
type paged struct {
	NextCursor string
	HasMore    bool
}

// walkPages is all that a list answers to a filter, page by page. parts takes a page to pieces.
func walkPages[P, T any](
	t testing.TB, s *servertest.App, path string, filter obj, limit int, parts func(P) ([]T, paged),
) (all []T) {
	t.Helper()
	body := with(filter, obj{"limit": limit})
	for range 10_000 {
		list, leads := parts(ask[P](t, s, path, body))
		all = append(all, list...)
		if len(list) > limit || leads.HasMore != (leads.NextCursor != "") {
			t.Fatalf("%s: %d on a page of %d, more %v, cursor %q", path, len(list), limit, leads.HasMore, leads.NextCursor)
		}
		if !leads.HasMore {
			return all
		}
		body["cursor"] = leads.NextCursor
	}
	t.Fatalf("%s has no end", path)
	return nil
}
