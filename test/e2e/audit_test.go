package e2e

import (
	"fmt"
	"net/http"
	"slices"
	"strings"
	"testing"

	"parlor/test/env/servertest"
)

// auditEntry is an entry of the audit log as backends read it.
type auditEntry struct {
	EntryID, ActorType, Actor, Action, ObjectType, ObjectID, Address, RequestID, Result string
	Created                                                                             int64
	XCUserIDs                                                                           []string
	UserCount                                                                           int
}

type auditPage struct {
	Entries []auditEntry
	HasMore bool
}

func audit(t testing.TB, s *servertest.App, filter obj) auditPage {
	t.Helper()
	return ask[auditPage](t, s, "audit/list", filter)
}

// TestAuditLog: each call that changes something leaves one entry, that says who it was and what it was done
// to; what reads, and a message, leaves none.
func TestAuditLog(t *testing.T) {
	t.Parallel()
	servertest.EachApp(t, func(t *testing.T, s *servertest.App) {
		prepare(t, s)
		keyID, _, _ := strings.Cut(s.ServerKey, ":")
		objects := map[string][2]string{
			"room/create_or_update": {"room", "r"}, "room/participants/add": {"room", "r"}, "room/participants/remove": {"room", "r"},
			"room/lock": {"room", "locked"}, "room/unlock": {"room", "r"}, "user/update": {"user", "stranger"},
			"user/delete": {"user", "stranger"}, "auth_ticket/request": {"user", "stranger"}, "contact/sync": {"contacts", "a"},
			"user/logout": {"user", "a"}, "user/deactivate": {"user", "idle"}, "user/reactivate": {"user", "a"},
			"user/data/set": {"user", "a"}, "retention/set": {"retention", "tag:x"}, "retention/delete": {"retention", "tag:x"}, "role/create_or_update": {"role", "unused"}, "role/delete": {"role", "never"},
			"room/delete": {"room", "gone"}, "room/restore": {"room", "r"}, "room/freeze": {"room", "frozen"},
			"room/unfreeze": {"room", "r"}, "room/admins/set": {"room", "r"}, "room/data/set": {"room", "r"},
			"message/delete_matching": {"room", "frozen"}, "message/send_to_rooms": {"room", "frozen"}, "message/edit": {"message", sentBefore}, "message/delete": {"message", "1"},
			"room/participants/mute": {"room", "r"}, "room/participants/unmute": {"room", "r"},
			"room/participants/ban": {"room", "r"}, "room/participants/unban": {"room", "r"},
			"room/participants/data/set":  {"room", "r"},
			"room/batch/create_or_update": {"room", "r"}, "room/participants/batch": {"room", "r"},
		}
		users := map[string][]string{
			"room/participants/add": {"a"}, "room/participants/remove": {"stranger"}, "room/lock": {"a"}, "room/unlock": {"a"},
			"message/delete_matching": {"stranger"},
			"contact/sync":            {"a"}, "room/participants/data/set": {"a"},
			"room/participants/mute": {"stranger"}, "room/participants/unmute": {"a"},
			"room/participants/ban": {"stranger"}, "room/participants/unban": {"a"},
		}
		for _, e := range endpoints {
			before := audit(t, s, obj{"limit": 1}).Entries
			answer := call(t, s, e.path, e.good)
			after := audit(t, s, obj{"limit": 2}).Entries
			if readOnly[e.path] || e.path == "message/send/custom" || e.path == "message/send_system" {
				if after[0].EntryID != before[0].EntryID {
					t.Errorf("%s leaves an entry: %+v", e.path, after[0])
				}
				continue
			}
			got := after[0]
			want := auditEntry{
				EntryID: got.EntryID, Created: got.Created, ActorType: "server_key", Actor: keyID, Action: "/server/" + e.path,
				ObjectType: objects[e.path][0], ObjectID: objects[e.path][1], Address: "127.0.0.1",
				RequestID: answer.HTTP.Header.Get("X-Request-Id"), Result: "ok", UserCount: len(users[e.path]),
			}
			if !slices.Equal(got.XCUserIDs, users[e.path]) {
				t.Errorf("%s is about %q", e.path, got.XCUserIDs)
			}
			got.XCUserIDs = nil
			if fmt.Sprint(got) != fmt.Sprint(want) || got.Created == 0 {
				t.Errorf("%s leaves\n%+v, want\n%+v", e.path, got, want)
			}
			if len(after) < 2 || after[1].EntryID != before[0].EntryID {
				t.Errorf("%s leaves more than one entry", e.path)
			}
		}
	})
}

// TestAuditOfNewRooms: a room that is made, by whichever way, leaves one entry as well.
func TestAuditOfNewRooms(t *testing.T) {
	t.Parallel()
	servertest.EachApp(t, func(t *testing.T, s *servertest.App) {
		putUsers(t, s, "a", "b")
		many := list{"a", "b"}
		for i := range 150 {
			many = append(many, fmt.Sprint("nobody ", i))
		}
		for xc, body := range map[string]obj{
			"plain": nil, "with people": {"participantXCUserIDs": many}, "with roles": {"participantUserRoles": list{"agent"}},
		} {
			for i, k := range []string{"", "a-key-of-" + strings.ReplaceAll(xc, " ", "-")} {
				name := fmt.Sprint(xc, i)
				body := with(body, obj{"xcRoomID": name, "type": 2, "name": "N"})
				a := call(t, s, "room/create_or_update", body)
				if k != "" {
					body["xcRoomID"] = name + " under a key"
					name = name + " under a key"
					a = keyed(t, s, k, "room/create_or_update", body)
					keyed(t, s, k, "room/create_or_update", body) // which changes nothing
				}
				page := audit(t, s, obj{"objectType": "room", "objectID": name})
				if len(page.Entries) != 1 || page.Entries[0].RequestID != a.HTTP.Header.Get("X-Request-Id") {
					t.Errorf("%s: %+v", name, page)
					continue
				}
				if e := page.Entries[0]; xc == "with people" && (e.UserCount != 152 || len(e.XCUserIDs) != 100 || e.XCUserIDs[1] != "b") {
					t.Errorf("%s: %d of %d users", name, len(e.XCUserIDs), e.UserCount)
				}
			}
		}
	})
}

// with is a copy of a with b over it.
func with(a, b obj) obj {
	out := obj{}
	for _, from := range []obj{a, b} {
		for k, v := range from {
			out[k] = v
		}
	}
	return out
}

// TestAuditOfRefusals: what was refused for what is there leaves an entry that says so; wrong parameters leave
// nothing.
func TestAuditOfRefusals(t *testing.T) {
	t.Parallel()
	servertest.EachApp(t, func(t *testing.T, s *servertest.App) {
		refuse(t, s, "room/lock", obj{"xcRoomID": "none", "xcUserID": "a"}, roomNotFound)
		call(t, s, "room/lock", obj{"xcRoomID": "none"})
		call(t, s, "room/lock", obj{"xcRoomID": strings.Repeat("x", 51), "xcUserID": "a"})
		call(t, s, "room/get", obj{"xcRoomID": "none"})
		page := audit(t, s, obj{})
		if len(page.Entries) != 1 || page.Entries[0].Result != "not_found" || page.Entries[0].ObjectID != "none" ||
			page.Entries[0].RequestID == "" {
			t.Errorf("%+v", page)
		}
	})
}

// TestAuditPages: every entry is listed once, the newest first, whatever comes meanwhile, and whatever is
// asked for.
func TestAuditPages(t *testing.T) {
	t.Parallel()
	eachWithClock(t, func(t *testing.T, s *servertest.App, c *clock) {
		from := c.now().UnixMilli() + 1
		for i := range 30 {
			if i%3 == 0 { // several have the same time
				c.ms.Add(1000)
			}
			do(t, s, "role/create_or_update", obj{"code": fmt.Sprint("role-", i%5)})
			do(t, s, "user/update", obj{"xcUserID": fmt.Sprint("u", i%2), "fullName": "N"})
		}
		whole := audit(t, s, obj{"from": from}).Entries
		if len(whole) != 60 {
			t.Fatalf("%d entries", len(whole))
		}
		for name, tt := range map[string]struct {
			filter obj
			keep   func(auditEntry) bool
		}{
			"all":       {obj{}, func(e auditEntry) bool { return e.ActorType == "server_key" }},
			"an action": {obj{"action": "/server/user/update"}, func(e auditEntry) bool { return e.Action == "/server/user/update" }},
			"an object": {obj{"objectType": "role", "objectID": "role-3"}, func(e auditEntry) bool { return e.ObjectID == "role-3" }},
			"both": {
				obj{"objectType": "user", "objectID": "u1", "action": "/server/user/update"},
				func(e auditEntry) bool { return e.ObjectID == "u1" },
			},
			"a time": {
				obj{"from": whole[40].Created, "until": whole[10].Created},
				func(e auditEntry) bool { return e.Created >= whole[40].Created && e.Created < whole[10].Created },
			},
			"nothing": {obj{"objectType": "role", "objectID": "none"}, func(auditEntry) bool { return false }},
		} {
			var want, got []string
			for _, e := range whole {
				if tt.keep(e) {
					want = append(want, e.EntryID)
				}
			}
			filter := with(obj{"from": from}, with(tt.filter, obj{"limit": 7}))
			for more := true; more; {
				page := audit(t, s, filter)
				for _, e := range page.Entries {
					got = append(got, e.EntryID)
					filter["before"] = e.EntryID
				}
				if more = page.HasMore; more && len(page.Entries) != 7 {
					t.Fatalf("%s: a page of %d", name, len(page.Entries))
				}
				do(t, s, "role/create_or_update", obj{"code": "role-3"}) // comes meanwhile
			}
			// What came meanwhile, of the filters before this one, is newer than all of the whole.
			got = slices.DeleteFunc(got, func(id string) bool {
				return !slices.ContainsFunc(whole, func(e auditEntry) bool { return e.EntryID == id })
			})
			if !slices.Equal(got, want) {
				t.Errorf("%s: %d entries %v\nwant %d %v", name, len(got), got, len(want), want)
			}
		}
	})
}

// TestAuditIsTheAppsOwn: another App's entries are not there, not by their place either.
func TestAuditIsTheAppsOwn(t *testing.T) {
	t.Parallel()
	servertest.EachApp(t, func(t *testing.T, s *servertest.App) {
		other := s.Default()
		code := "role of " + s.Name
		do(t, s, "role/create_or_update", obj{"code": code})
		mine := audit(t, s, obj{}).Entries
		if len(mine) == 0 {
			t.Fatal("no entries")
		}
		for _, filter := range []obj{{"objectType": "role", "objectID": code}, {"action": "/server/role/create_or_update", "objectType": "role", "objectID": code}} {
			if page := audit(t, other, filter); len(page.Entries) != 0 {
				t.Errorf("another App reads %+v", page)
			}
		}
		refuse(t, s, "audit/list", obj{"objectID": "x"}, required("objectType", "objectType"))
		refuse(t, s, "audit/list", obj{"objectType": "room"}, required("objectID", "objectID"))
		for _, before := range []string{"x", "-", "1-", "-1", "1-x", "99999999999999999999-1", "1-2-3", "+1-2"} {
			if a := call(t, s, "audit/list", obj{"before": before}); a.Error.Field != "before" {
				t.Errorf("before %q: %s", before, a.Body)
			}
		}
	})
}

// TestAuditBehindProxies: the address is the caller's.
func TestAuditBehindProxies(t *testing.T) {
	t.Parallel()
	cfg := servertest.SQLite(t)
	cfg.TrustedProxies = "127.0.0.1"
	s := servertest.Start(t, cfg, nil).Default()
	for header, want := range map[string]string{"192.0.2.9": "192.0.2.9", "2001:db8::7": "2001:db8::7", "": "127.0.0.1"} {
		h := headers(s)
		if header != "" {
			h.Set("X-Forwarded-For", header)
		}
		s.Do(t, http.MethodPost, "/v1/server/role/create_or_update", h, obj{"code": "c"})
		if got := audit(t, s, obj{"limit": 1}).Entries[0].Address; got != want {
			t.Errorf("%q: %q", header, got)
		}
	}
}

// TestAuditOfAStart: what a start makes is there, too.
func TestAuditOfAStart(t *testing.T) {
	t.Parallel()
	each(t, func(t *testing.T, s *servertest.App) {
		var got []string
		for _, e := range audit(t, s, obj{}).Entries {
			got = append(got, e.ActorType+" "+e.Action+" "+e.ObjectType+" "+e.ObjectID)
		}
		slices.Sort(got)
		want := []string{"server app create app default", "server key create key test-app", "server key create key test-server"}
		if !slices.Equal(got, want) {
			t.Errorf("%q", got)
		}
	})
}
