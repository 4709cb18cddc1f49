package e2e

import (
	"fmt"
	"slices"
	"strings"
	"testing"

	"parlor/test/env/servertest"
)

// report is what a backend reads of what somebody has reported.
type report struct {
	ReportID, Category, Reason string
	IsOtherCategory            bool
	Created                    int64
	Reporter, User             participant
	Message                    *message
	State, ResolvedBy, Note    string
	Resolved                   int64
}

type reportPage struct {
	Reports []report
	HasMore bool
}

// TestReports: what apps report, their backend reads, in the order in which it was stored and as
// it was said; another app's backend reads nothing.
func TestReports(t *testing.T) {
	t.Parallel()
	servertest.EachApp(t, func(t *testing.T, a *servertest.App) {
		ana, bo := a.SignIn(t, "ana", "1").Connect(t), a.SignIn(t, "bo", "1").Connect(t)
		group := newGroup(t, bo, "Group", ana)
		inGroup := bo.Send(t, group, "in the group")
		inPair := bo.Send(t, pairOf(ana, bo), "in the pair")
		bo.NextMessage(t)
		bo.NextMessage(t)
		bad := map[string]string{}
		for _, room := range []string{group, pairOf(ana, bo)} {
			bad[room] = history(t, ana, room)[0].MessageID
		}
		answer := ana.Try(t, "client/chat_report/submit_user", obj{
			"userID": bo.UserID, "messageID": nil, "roomID": nil, "category": "Spam", "isOtherCategory": false,
			"reason": "sells 👍\nboats",
		})
		checkDevice(t, "client/chat_report/submit_user", answer)
		for room, id := range bad {
			answer = ana.Try(t, "client/chat_report/submit_message", obj{
				"userID": nil, "messageID": id, "roomID": room, "category": "of " + room, "isOtherCategory": true, "reason": nil,
			})
			checkDevice(t, "client/chat_report/submit_message", answer)
		}
		ana.Call(t, "client/chat_report/submit_user", obj{"userID": bo.UserID}, nil) // with nothing to say

		page := ask[reportPage](t, a, "report/list", obj{})
		if len(page.Reports) != 4 || page.HasMore {
			t.Fatalf("%+v", page)
		}
		for i, r := range page.Reports {
			if r.Reporter.UserID != ana.UserID || r.User.UserID != bo.UserID || r.User.Fullname != "Name of bo" || r.Created == 0 {
				t.Errorf("report %d is of %+v about %+v at %d", i, r.Reporter, r.User, r.Created)
			}
			if i > 0 && len(r.ReportID) < len(page.Reports[i-1].ReportID) {
				t.Errorf("report %s comes behind %s", r.ReportID, page.Reports[i-1].ReportID)
			}
		}
		first, last := page.Reports[0], page.Reports[3]
		if first.Category != "Spam" || first.IsOtherCategory || first.Reason != "sells 👍\nboats" || first.Message != nil {
			t.Errorf("of a user: %+v", first)
		}
		if last.Category != "" || last.Reason != "" || last.Message != nil {
			t.Errorf("with nothing to say: %+v", last)
		}
		for _, r := range page.Reports[1:3] {
			room := strings.TrimPrefix(r.Category, "of ")
			if r.Message == nil || r.Message.MessageID != bad[room] || r.Message.Room.RoomID != room || !r.IsOtherCategory ||
				r.Message.User.UserID != bo.UserID {
				t.Errorf("of a message: %+v", r)
				continue
			}
			want := map[string]string{group: inGroup}[room]
			if want == "" {
				want = inPair
			}
			if r.Message.LocalID != want || plain(t, *r.Message, r.Message.Body) == "" {
				t.Errorf("the message of the report is %+v", r.Message)
			}
		}

		// By pages, each from the last id on.
		var ids []string
		for after := ""; ; {
			next := ask[reportPage](t, a, "report/list", obj{"afterReportID": after, "limit": 1})
			if len(next.Reports) != 1 || next.HasMore != (len(ids) < 3) {
				t.Fatalf("behind %q: %+v", after, next)
			}
			after = next.Reports[0].ReportID
			if ids = append(ids, after); !next.HasMore {
				break
			}
		}
		for i, r := range page.Reports {
			if ids[i] != r.ReportID {
				t.Errorf("by pages report %d is %s, not %s", i, ids[i], r.ReportID)
			}
		}
		if end := ask[reportPage](t, a, "report/list", obj{"afterReportID": last.ReportID}); len(end.Reports) > 0 || end.HasMore {
			t.Errorf("behind the last: %+v", end)
		}
		for _, d := range []*servertest.Device{ana, bo} {
			if got := slices.DeleteFunc(names(heard(t, d)), func(n string) bool { return strings.HasPrefix(n, "chat/sendMessage") }); len(got) > 0 {
				t.Errorf("%s hears of %v", d.UserID, got)
			}
		}
		refuse(t, a, "report/list", obj{"afterReportID": "x"},
			invalid("afterReportID", "afterReportID", "must be the id of a report"))
	})
}

// TestReportRules: what cannot be reported, and how often.
func TestReportRules(t *testing.T) {
	t.Parallel()
	servertest.EachApp(t, func(t *testing.T, a *servertest.App) {
		ana, bo, cy := a.SignIn(t, "ana", "1"), a.SignIn(t, "bo", "1").Connect(t), a.SignIn(t, "cy", "1")
		group, theirs := newGroup(t, bo, "Group", ana), newGroup(t, bo, "Theirs", cy)
		bo.Send(t, group, "bo's")
		bo.NextMessage(t)
		bo.Send(t, theirs, "bo's")
		bo.NextMessage(t)
		ana.Call(t, "chat/message/send/custom", plainMessage(t, group, "ana's"), nil)
		all := listMessages(t, ana, "chat/message/list_by_room/before", obj{"roomID": group}).Messages
		own, good, system := all[0].MessageID, all[1].MessageID, all[2].MessageID
		foreign := history(t, cy, theirs)[0].MessageID
		message := func(id, room any) obj { return obj{"messageID": id, "roomID": room} }
		long := func(n int) string { return strings.Repeat("x", n) }
		notFound := failure{"40401", "Message is not found", ""}
		for _, tt := range []struct {
			path string
			body obj
			want failure
		}{
			{"submit_user", obj{}, required("userID", "userID")},
			{"submit_user", obj{"userID": ana.UserID}, invalid("userID", "userID", "must be another user")},
			{"submit_user", obj{"userID": "999999"}, userNotFound},
			{
				"submit_user",
				obj{"userID": bo.UserID, "category": long(256)},
				invalid("category", "category", "must be 0 to 255 characters"),
			},
			{
				"submit_user",
				obj{"userID": bo.UserID, "reason": long(4001)},
				invalid("reason", "reason", "must be 0 to 4000 characters"),
			},
			{
				"submit_user",
				obj{"userID": bo.UserID, "reason": "a\x00b"},
				invalid("reason", "reason", "must not contain NUL characters"),
			},
			{"submit_message", obj{}, required("messageID", "messageID")},
			{"submit_message", message(good, nil), required("roomID", "roomID")},
			{"submit_message", message("x", group), invalid("messageID", "messageID", "must be a number")},
			{"submit_message", message(own, group), invalid("messageID", "messageID", "must be another user's message")},
			{"submit_message", message(system, group), invalid("messageID", "messageID", "must be another user's message")},
			{"submit_message", message("999999999", group), notFound},
			{"submit_message", message(foreign, group), notFound},
			{"submit_message", message(good, "g999999"), roomNotFound},
			{
				"submit_message", message(foreign, theirs),
				failure{"40301", "You are not a participant of this room", ""},
			},
		} {
			checkFailure(t, ana.Try(t, "client/chat_report/"+tt.path, tt.body), tt.want)
		}
		if page := ask[reportPage](t, a, "report/list", obj{}); len(page.Reports) > 0 {
			t.Errorf("refused calls have stored %+v", page.Reports)
		}
		for i := range 100 {
			ana.Call(t, "client/chat_report/submit_user", obj{"userID": bo.UserID, "reason": fmt.Sprint(i)}, nil)
		}
		if answer := ana.Try(t, "client/chat_report/submit_user", obj{"userID": bo.UserID}); answer.Error.Code != "42901" {
			t.Errorf("beyond the limit: %s", answer.Body)
		}
		cy.Call(t, "client/chat_report/submit_user", obj{"userID": bo.UserID}, nil) // whose own count it is
		page := ask[reportPage](t, a, "report/list", obj{})
		if len(page.Reports) != 100 || !page.HasMore || page.Reports[99].Reason != "99" {
			t.Errorf("%d reports, more: %v", len(page.Reports), page.HasMore)
		}
	})
}

// reportEndpoints are the calls about one report. Its id differs by world.
var reportEndpoints = []endpoint{{"report/resolve", named("reportID", "resolvedBy", "note"), obj{}}}

// TestReportsAreResolved: a report is resolved once, by its own App, and lists by state follow.
func TestReportsAreResolved(t *testing.T) {
	t.Parallel()
	servertest.EachApp(t, func(t *testing.T, a *servertest.App) {
		ana, bo := a.SignIn(t, "ana", "1"), a.SignIn(t, "bo", "1")
		for i := range 5 {
			ana.Call(t, "client/chat_report/submit_user", obj{"userID": bo.UserID, "category": fmt.Sprint("c", i)}, nil)
		}
		// list is the categories of a state, read one by one.
		list := func(state string) string {
			t.Helper()
			var names []string
			for after := ""; ; {
				page := ask[reportPage](t, a, "report/list", obj{"state": state, "limit": 1, "afterReportID": after})
				for _, r := range page.Reports {
					if state != "" && r.State != state || (r.Resolved > 0) != (r.State == "resolved") {
						t.Errorf("among %s: %+v", state, r)
					}
					names, after = append(names, r.Category), r.ReportID
				}
				if !page.HasMore {
					return strings.Join(names, " ")
				}
			}
		}
		all := ask[reportPage](t, a, "report/list", obj{}).Reports
		for _, i := range []int{1, 3} {
			got := ask[result](t, a, "report/resolve", obj{"reportID": all[i].ReportID, "resolvedBy": "kim", "note": "warned 👍"})
			if got != (result{true, "The report has been resolved"}) {
				t.Errorf("resolve: %+v", got)
			}
		}
		if got := ask[result](t, a, "report/resolve", obj{"reportID": all[1].ReportID, "resolvedBy": "lee"}); got != (result{false, "The report is already resolved"}) {
			t.Errorf("resolve again: %+v", got)
		}
		if list("open") != "c0 c2 c4" || list("resolved") != "c1 c3" || list("") != "c0 c1 c2 c3 c4" {
			t.Errorf("open %q, resolved %q, all %q", list("open"), list("resolved"), list(""))
		}
		if r := ask[reportPage](t, a, "report/list", obj{"state": "resolved"}).Reports[0]; r.ResolvedBy != "kim" || r.Note != "warned 👍" {
			t.Errorf("resolved: %+v", r)
		}
		keyed(t, a, "resolve-4", "report/resolve", obj{"reportID": all[4].ReportID, "note": "x"})
		again := keyed(t, a, "resolve-4", "report/resolve", obj{"reportID": all[4].ReportID, "note": "x"})
		if !isRepeat(again) || !strings.Contains(string(again.Data), "true") {
			t.Errorf("under a key again: %s", again.Body)
		}
		entries := audit(t, a, obj{"objectType": "report", "objectID": all[1].ReportID}).Entries
		if len(entries) != 2 || entries[0].Action != "/server/report/resolve" || entries[0].Result != "ok" {
			t.Errorf("audited: %+v", entries)
		}
		for _, other := range []string{"", a.AppKey} {
			if answer := callKey(t, a, other, "report/resolve", obj{"reportID": all[0].ReportID}); answer.Status == 200 {
				t.Errorf("with the key %q: %s", other, answer.Body)
			}
		}
		refuse(t, a.Default(), "report/resolve", obj{"reportID": all[0].ReportID}, failure{"40401", "Report is not found", ""})
		if list("open") != "c0 c2" {
			t.Errorf("open in the end: %q", list("open"))
		}
		for _, id := range []string{"999999999", "9223372036854775807"} {
			refuse(t, a, "report/resolve", obj{"reportID": id}, failure{"40401", "Report is not found", ""})
		}
		refuse(t, a, "report/resolve", obj{"reportID": "0"}, required("reportID", "reportID"))
		refuse(t, a, "report/resolve", obj{"reportID": "x"}, invalid("reportID", "reportID", "must be the id of a report"))
		refuse(t, a, "report/list", obj{"state": "x"}, invalid("state", "state", "must be open or resolved"))
	})
}
