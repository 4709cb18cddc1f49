package e2e

import (
	"fmt"
	"maps"
	"net/http"
	"slices"
	"strings"
	"testing"

	"parlor/internal/chat"
	"parlor/test/env/servertest"
)

// feedEndpoints are the calls about events and webhooks. Their good bodies lack the id of a webhook, which
// differs by world, so their tests are here and not those of endpoints.
var feedEndpoints = []endpoint{
	{"events/list", named("cursor", "types", "roomTags", "roomTypes", "sealed", "limit", "wait"), obj{"cursor": "now"}},
	{
		"webhook/create",
		named("url", "types", "roomTags", "roomTypes", "batch", "sealed", "paused"),
		obj{"url": "https://shop.invalid/hook", "paused": true},
	},
	{"webhook/list", nil, obj{}},
	{"webhook/get", named("webhookID"), obj{}},
	{
		"webhook/update",
		named("webhookID", "url", "types", "roomTags", "roomTypes", "batch", "sealed", "paused"),
		obj{"paused": true},
	},
	{"webhook/rotate_secret", named("webhookID"), obj{}},
	{"webhook/dead/list", named("webhookID", "cursor", "limit"), obj{}},
	{"webhook/dead/replay", named("webhookID", "eventID", "since"), obj{"since": 0}},
	{"before_hook/set", named("url", "timeout", "onFailure"), obj{"url": "https://shop.invalid/ask"}},
	{"before_hook/get", nil, obj{}},
	{"retention/list", nil, obj{}},
	{"before_hook/delete", nil, obj{}},
	{"webhook/delete", named("webhookID"), obj{}},
}

// named are parameters that errors tell by name.
func named(names ...string) (params [][2]string) {
	for _, n := range names {
		params = append(params, [2]string{n, n})
	}
	return params
}

// onWebhook is feedEndpoints with the id of a webhook where they need one.
func onWebhook(id string) []endpoint {
	list := slices.Clone(feedEndpoints)
	for i, e := range list {
		if slices.Contains(e.params, [2]string{"webhookID", "webhookID"}) {
			list[i].good = maps.Clone(e.good)
			list[i].good["webhookID"] = id
		}
	}
	return list
}

// makeWebhook registers a webhook that is not called.
func makeWebhook(t testing.TB, a *servertest.App) string {
	t.Helper()
	return ask[webhookData](t, a, "webhook/create", obj{"url": "https://shop.invalid/hook", "paused": true}).Webhook.WebhookID
}

type webhookData struct {
	Webhook struct {
		WebhookID, URL, Secret, State string
		Types, RoomTags               []string
		RoomTypes                     []int
		Batch                         int
		Sealed                        bool
	}
}

// TestFeedCallsSucceed: the bodies that the other tests spoil are good.
func TestFeedCallsSucceed(t *testing.T) {
	t.Parallel()
	servertest.EachApp(t, func(t *testing.T, a *servertest.App) {
		for _, e := range onWebhook(makeWebhook(t, a)) {
			do(t, a, e.path, e.good)
		}
	})
}

// TestFeedCallsWithoutKey: the key is looked at before anything else, and must be a server key.
func TestFeedCallsWithoutKey(t *testing.T) {
	t.Parallel()
	servertest.EachApp(t, func(t *testing.T, a *servertest.App) {
		id := makeWebhook(t, a)
		for _, e := range onWebhook(id) {
			for _, body := range []any{e.good, "["} {
				answer := a.Post(t, "/v1/server/"+e.path, "", body)
				checkContract(t, e.path, answer)
				checkFailure(t, answer, noHeader)
				for k, code := range map[string]string{a.AppKey: "49104", "nobody:secret": "49103", a.ServerKey + "x": "49102"} {
					if answer := callKey(t, a, k, e.path, body); answer.Error.Code != code || string(answer.Data) != "{}" {
						t.Errorf("%s with %s: %s", e.path, k, answer.Body)
					}
				}
			}
		}
		if got := ask[struct{ Webhooks list }](t, a, "webhook/list", obj{}).Webhooks; len(got) != 1 {
			t.Errorf("refused calls leave %d webhooks", len(got))
		}
	})
}

// TestFeedCallsOfAnotherApp: what is one App's is nothing to another, by its webhooks' ids or by its cursors.
func TestFeedCallsOfAnotherApp(t *testing.T) {
	t.Parallel()
	servertest.EachApp(t, func(t *testing.T, a *servertest.App) {
		other := ask[webhookData](t, a.Default(), "webhook/create", obj{"url": "https://other.invalid/", "paused": true})
		for _, e := range onWebhook(other.Webhook.WebhookID) {
			if e.good["webhookID"] != nil {
				refuse(t, a, e.path, e.good, failure{"40401", "Webhook is not found", ""})
			}
		}
		if all := call(t, a, "webhook/list", obj{}); strings.Contains(string(all.Body), "other.invalid") {
			t.Errorf("another App's webhooks are listed: %s", all.Body)
		}
		if got := ask[webhookData](t, a.Default(), "webhook/get", obj{"webhookID": other.Webhook.WebhookID}); got.Webhook.State != "paused" {
			t.Errorf("another App has changed it: %+v", got)
		}
		cursor := fromNow(t, a)
		putUser(t, a.Default(), "of-the-other-app", nil)
		putUser(t, a, "own", nil)
		fromNow(t, a)
		for _, from := range []string{"", cursor} {
			page := call(t, a, "events/list", obj{"cursor": from, "limit": 500})
			if text := string(page.Body); strings.Contains(text, "of-the-other-app") || !strings.Contains(text, `"own"`) {
				t.Errorf("from %q: %s", from, text)
			}
		}
		do(t, a.Default(), "webhook/delete", obj{"webhookID": other.Webhook.WebhookID})
	})
}

// TestFeedParams gives every parameter every kind of value that it cannot have. The answer names it, and
// nothing is done.
func TestFeedParams(t *testing.T) {
	t.Parallel()
	c := loadContract(t)
	if most := fmt.Sprint(c.schemaOf(t, "events/list", "types")["maxItems"]); most != fmt.Sprint(len(chat.FeedKinds)) {
		t.Errorf("the description lets %s types be named, of %d", most, len(chat.FeedKinds))
	}
	servertest.EachApp(t, func(t *testing.T, a *servertest.App) {
		id := makeWebhook(t, a)
		before := call(t, a, "webhook/list", obj{}).Data
		for _, e := range onWebhook(id) {
			needed, _ := c.request(e.path)["required"].(list)
			for _, p := range e.params {
				for _, value := range wrong[kinds(c.schemaOf(t, e.path, p[0]))[0]] {
					if p[0] == "roomTypes" && text(t, value) == "[1]" { // which is right
						continue
					}
					if answer := call(t, a, e.path, e.with(p[0], value)); answer.Error.Code != "40002" || answer.Error.Field != p[0] ||
						!strings.HasPrefix(answer.Error.Message, "Param '"+p[0]+"' ") {
						t.Errorf("%s with %s = %v: %s", e.path, p[0], value, answer.Body)
					}
				}
				if slices.Contains(needed, any(p[0])) {
					refuse(t, a, e.path, e.with(p[0], nil), required(p[0], p[0]))
					refuse(t, a, e.path, e.with(p[0], ""), required(p[0], p[0]))
				}
			}
		}
		const long = "xxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxx"
		many := func(n int, v any) (l list) {
			for range n {
				l = append(l, v)
			}
			return l
		}
		const notCursor = "must be one that events/list has answered, or now"
		for _, tt := range []struct {
			path, param string
			value       any
			reason      string
		}{
			{"events/list", "cursor", "nonsense", notCursor},
			{"events/list", "cursor", "1-2-3", notCursor},
			{"events/list", "cursor", "01-1", notCursor},
			{"events/list", "cursor", "1--1", notCursor},
			{"events/list", "cursor", "-", notCursor},
			{"events/list", "cursor", "zzzzzzzzzzzzzz-1", notCursor},
			{"events/list", "cursor", long, "must be 0 to 40 characters"},
			{"events/list", "types", list{"message.gone"}, `has "message.gone", which is no type of events`},
			{"events/list", "types", many(len(chat.FeedKinds)+1, "user.created"), fmt.Sprintf("must have at most %d entries", len(chat.FeedKinds))},
			{"events/list", "roomTags", list{long + long + long}, "must hold texts of 1 to 255 characters, without NUL"},
			{"events/list", "roomTags", many(21, "x"), "must have at most 20 entries"},
			{"events/list", "roomTypes", list{0}, "must have numbers from 1 to 4"},
			{"events/list", "roomTypes", list{5}, "must have numbers from 1 to 4"},
			{"events/list", "roomTypes", many(11, 1), "must have at most 10 entries"},
			{"events/list", "limit", 0, "must be 1 to 500"},
			{"events/list", "limit", 501, "must be 1 to 500"},
			{"events/list", "wait", -1, "must be 0 to 30"},
			{"events/list", "wait", 31, "must be 0 to 30"},
			{"webhook/create", "batch", 0, "must be 1 to 100"},
			{"webhook/create", "batch", 101, "must be 1 to 100"},
			{"before_hook/set", "timeout", 99, "must be 100 to 5000"},
			{"before_hook/set", "timeout", 5001, "must be 100 to 5000"},
			{"before_hook/set", "onFailure", "maybe", "must be allow or refuse"},
			{"webhook/get", "webhookID", "x", "must be the id of a webhook"},
			{"webhook/get", "webhookID", "0", "must be the id of a webhook"},
			{"webhook/get", "webhookID", "-1", "must be the id of a webhook"},
			{"webhook/dead/list", "limit", 101, "must be 1 to 100"},
			{"webhook/dead/list", "cursor", "nonsense", "must be one that webhook/dead/list has answered"},
			{"webhook/dead/list", "cursor", "1-1.1", "must be one that webhook/dead/list has answered"},
			{"webhook/dead/replay", "eventID", "nonsense", "must be the id of an event"},
			{"webhook/dead/replay", "eventID", "evt_", "must be the id of an event"},
			{"webhook/dead/replay", "eventID", "1-1", "must be the id of an event"},
			{"webhook/dead/replay", "since", -1, "must be 0 to 9223372036854775807"},
		} {
			i := slices.IndexFunc(onWebhook(id), func(e endpoint) bool { return e.path == tt.path })
			answer := call(t, a, tt.path, onWebhook(id)[i].with(tt.param, tt.value))
			if answer.Error.Code != "40002" || answer.Error.Field != tt.param ||
				answer.Error.Message != "Param '"+tt.param+"' "+tt.reason {
				t.Errorf("%s with %s = %v: %s, want it %s", tt.path, tt.param, tt.value, answer.Body, tt.reason)
			}
		}
		refuse(t, a, "webhook/dead/replay", obj{"webhookID": id}, invalid("since", "since", "is required, or eventID"))
		if after := call(t, a, "webhook/list", obj{}).Data; string(after) != string(before) {
			t.Errorf("refused calls have changed something:\n%s\n%s", after, before)
		}
	})
}

// TestFeedMethods: the calls are POST.
func TestFeedMethods(t *testing.T) {
	t.Parallel()
	servertest.EmbeddedApp(t, func(t *testing.T, a *servertest.App) {
		for _, e := range feedEndpoints {
			if answer := request(t, a, http.MethodGet, "/v1/server/"+e.path); answer.HTTP.StatusCode != 405 {
				t.Errorf("GET %s: HTTP %d", e.path, answer.HTTP.StatusCode)
			}
		}
	})
}
