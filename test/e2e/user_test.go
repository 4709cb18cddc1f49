package e2e

import (
	"regexp"
	"strings"
	"testing"

	"parlor/test/env/servertest"
)

// profile is a user as a room shows them.
func profile(t testing.TB, s *servertest.App, xc string) participant {
	t.Helper()
	return putRoom(t, s, "room of "+xc, obj{"participantXCUserIDs": list{xc}}).Participants[0]
}

func TestPutUser(t *testing.T) {
	t.Parallel()
	eachWithClock(t, func(t *testing.T, s *servertest.App, c *clock) {
		created := c.ms.Load()
		a := call(t, s, "user/update", obj{
			"xcUserID": "u", "fullName": "Ana", "email": "e", "phone": "0812", "username": "Ana_1",
			"photoThumbnailURL": "t", "photoFullsizeURL": "f", "userRoleCode": "agent:1",
		})
		id := regexp.MustCompile(`^{"userID":"([1-9][0-9]*)"}$`).FindSubmatch(a.Data)
		if id == nil {
			t.Fatalf("answer %s", a.Body)
		}
		want := participant{
			UserID: string(id[1]), XCUserID: "u", Fullname: "Ana", Email: "e", Phone: "0812", Username: "Ana_1",
			ImageURL: image{"t", "f"}, UserRole: role{Code: "agent:1"}, Created: created, Updated: created,
		}
		if got := profile(t, s, "u"); got != want {
			t.Errorf("made:\n%+v, want\n%+v", got, want)
		}
		tests := []struct {
			name   string
			fields obj
			change func(*participant)
		}{
			{"absent keeps", obj{"fullName": "Ana P"}, func(p *participant) { p.Fullname = "Ana P" }},
			{"null keeps", obj{
				"fullName": "Ana", "email": nil, "phone": nil, "username": nil,
				"photoThumbnailURL": nil, "photoFullsizeURL": nil, "userRoleCode": nil,
			}, func(p *participant) { p.Fullname = "Ana" }},
			{"one thing", obj{"fullName": "Ana", "phone": "not checked"}, func(p *participant) { p.Phone = "not checked" }},
			{"empty clears", obj{
				"fullName": "Ana", "email": "", "phone": "", "username": "",
				"photoThumbnailURL": "", "photoFullsizeURL": "", "userRoleCode": "",
			}, func(p *participant) {
				*p = participant{UserID: p.UserID, XCUserID: "u", Fullname: "Ana", Created: p.Created, Updated: p.Updated}
			}},
		}
		for i, tt := range tests {
			c.ms.Add(1000)
			if id := putUser(t, s, "u", tt.fields); id != want.UserID {
				t.Errorf("%s: userID %s, want %s", tt.name, id, want.UserID)
			}
			tt.change(&want)
			want.Updated = created + 1000*int64(i+1)
			if got := profile(t, s, "u"); got != want {
				t.Errorf("%s:\n%+v, want\n%+v", tt.name, got, want)
			}
		}
		// A profile is newer after each change, whatever the clock does.
		c.ms.Add(-60_000)
		putUser(t, s, "u", nil)
		if got := profile(t, s, "u"); got.Updated != want.Updated+1 || got.Created != created {
			t.Errorf("updated %d after %d", got.Updated, want.Updated)
		}
	})
}

// TestUserNames: the answer's key is fullname, the request's is fullName.
func TestUserNames(t *testing.T) {
	t.Parallel()
	servertest.EachApp(t, func(t *testing.T, s *servertest.App) {
		refuse(t, s, "user/update", obj{"xcUserID": "u", "fullname": "Ana"},
			invalid("fullName", "106", "is required; did you mean 'fullName' by 'fullname'?"))
		for _, name := range []string{"مرحبا \u202eevil", "😀👩‍💻", "<script>", strings.Repeat("界", 255), " a "} {
			putUser(t, s, "u", obj{"fullName": name})
			if got := profile(t, s, "u").Fullname; got != name {
				t.Errorf("%q became %q", name, got)
			}
		}
		// Ids are told apart byte by byte.
		if a, b := putUser(t, s, "x", nil), putUser(t, s, "X", nil); a == b {
			t.Error("x and X are one user")
		}
	})
}

// TestUsernames: no two users share one, in whatever case.
func TestUsernames(t *testing.T) {
	t.Parallel()
	servertest.EachApp(t, func(t *testing.T, s *servertest.App) {
		taken := invalid("username", "109", "is already taken by another user")
		putUser(t, s, "a", obj{"username": "Ana"})
		for _, name := range []string{"Ana", "ana", "ANA"} {
			refuse(t, s, "user/update", obj{"xcUserID": "b", "fullName": "B", "username": name}, taken)
		}
		// A refused call makes nobody.
		if got := putRoom(t, s, "r", obj{"participantXCUserIDs": list{"b"}}); len(got.SkippedXCUserIDs) != 1 {
			t.Errorf("b exists: %+v", got.Participants)
		}
		putUser(t, s, "a", obj{"username": "ANA"}) // one's own in other letters
		putUsers(t, s, "b", "c")                   // none is not a name
		refuse(t, s, "user/update", obj{"xcUserID": "b", "fullName": "Changed", "username": "ana"}, taken)
		if got := profile(t, s, "b"); got.Fullname != "User b" || got.Username != "" {
			t.Errorf("a refused call changed b: %+v", got)
		}
		putUser(t, s, "a", obj{"username": "other"})
		putUser(t, s, "b", obj{"username": "ana"}) // free again
		putUser(t, s, "b", obj{"username": "ana"})
	})
}

func TestRoles(t *testing.T) {
	t.Parallel()
	servertest.EachApp(t, func(t *testing.T, s *servertest.App) {
		put := func(body obj) role {
			t.Helper()
			return ask[struct{ Role role }](t, s, "role/create_or_update", body).Role
		}
		check := func(got, want role) {
			t.Helper()
			if got != want {
				t.Errorf("role %+v, want %+v", got, want)
			}
		}
		check(put(obj{"code": "b"}), role{"b", "", ""})
		check(put(obj{"code": "b", "name": "B", "iconURL": "i"}), role{"b", "B", "i"})
		check(put(obj{"code": "b", "name": nil}), role{"b", "B", "i"})
		check(put(obj{"code": "b", "iconURL": ""}), role{"b", "B", ""})
		put(obj{"code": "c"})
		put(obj{"code": "a:1", "name": "A"})
		// A role that users have, but that nobody described, is not in the list.
		putUser(t, s, "u", obj{"userRoleCode": "undescribed"})

		pages := []struct {
			body any
			want string
		}{
			{
				obj{},
				`{"roles":[{"code":"a:1","name":"A","iconURL":""},{"code":"b","name":"B","iconURL":""},` +
					`{"code":"c","name":"","iconURL":""}],"hasMore":false}`,
			},
			{
				"",
				`{"roles":[{"code":"a:1","name":"A","iconURL":""},{"code":"b","name":"B","iconURL":""},` +
					`{"code":"c","name":"","iconURL":""}],"hasMore":false}`,
			},
			{obj{"limit": 1}, `{"roles":[{"code":"a:1","name":"A","iconURL":""}],"hasMore":true}`},
			{obj{"limit": 1, "afterCode": "a:1"}, `{"roles":[{"code":"b","name":"B","iconURL":""}],"hasMore":true}`},
			{obj{"limit": 1, "afterCode": "b"}, `{"roles":[{"code":"c","name":"","iconURL":""}],"hasMore":false}`},
			{
				obj{"limit": 3},
				`{"roles":[{"code":"a:1","name":"A","iconURL":""},{"code":"b","name":"B","iconURL":""},` +
					`{"code":"c","name":"","iconURL":""}],"hasMore":false}`,
			},
			{obj{"afterCode": "c"}, `{"roles":[],"hasMore":false}`},
		}
		for _, p := range pages {
			if a := call(t, s, "role/list", p.body); string(a.Data) != p.want {
				t.Errorf("%v: %s, want %s", p.body, a.Data, p.want)
			}
		}
	})
}
