package e2e

import (
	"fmt"
	"math/rand/v2"
	"slices"
	"strings"
	"sync"
	"testing"

	"parlor/test/env/servertest"
)

// listedUser is a user of user/list and user/get.
type listedUser struct {
	participant
	Deleted, Deactivated int64
	State                string
	Data                 obj
}

type userPage struct {
	paged
	Users []listedUser
}

type knownUsers struct {
	Users                            []listedUser
	UnknownUserIDs, UnknownXCUserIDs []string
}

// walkUsers is all that user/list answers to a filter, page by page.
func walkUsers(t testing.TB, s *servertest.App, filter obj, limit int) []listedUser {
	t.Helper()
	return walkPages(t, s, "user/list", filter, limit, func(p userPage) ([]listedUser, paged) { return p.Users, p.paged })
}

func xcOfUsers(users []listedUser) []string {
	xcs := []string{}
	for _, u := range users {
		xcs = append(xcs, u.XCUserID)
	}
	return xcs
}

func TestUsersAreFiltered(t *testing.T) {
	t.Parallel()
	eachWithClock(t, func(t *testing.T, s *servertest.App, c *clock) {
		start := c.ms.Load()
		for i, u := range []obj{
			{"fullName": "Ana Maria Vale", "userRoleCode": "agent"},
			{"fullName": "Bo Annette Ann"},
			{"fullName": "  Ärna  ANN  ", "userRoleCode": "agent"},
			{"fullName": "Cy"},
			{"fullName": "Gone Ann", "userRoleCode": "agent"},
			{"fullName": strings.Repeat("w ", 49) + "in" + "beyond"},
		} {
			c.ms.Store(start + int64(i)*1000)
			putUser(t, s, fmt.Sprint("u", i), u)
		}
		putUser(t, s, "ann", obj{"fullName": "Somebody"})
		c.ms.Add(1000)
		do(t, s, "user/delete", obj{"xcUserID": "u4"})
		// Changed back, so that the words of before are gone.
		putUser(t, s, "u3", obj{"fullName": "Ann Other"})
		putUser(t, s, "u3", obj{"fullName": "Cy"})
		changed := c.ms.Load()
		tests := []struct {
			filter obj
			want   string
		}{
			{obj{}, "u0 u1 u2 u3 u5 ann"},
			{obj{"state": "active"}, "u0 u1 u2 u3 u5 ann"},
			{obj{"state": "deleted"}, "u4"},
			{obj{"state": "deactivated"}, ""},
			{obj{"userRoleCode": "agent"}, "u0 u2"},
			{obj{"userRoleCode": "agent", "state": "deleted"}, "u4"},
			{obj{"userRoleCode": "agen"}, ""},
			{obj{"updatedSince": start + 2000}, "u2 u5 ann u3"},
			{obj{"updatedSince": changed}, "u3"},
			{obj{"updatedSince": changed + 10_000}, ""},
			{obj{"updatedSince": start + 1000, "state": "deleted"}, "u4"},
			{obj{"updatedSince": start, "userRoleCode": "agent"}, "u0 u2"},
			{obj{"text": "ann"}, "ann u1 u2"},
			{obj{"text": "ann", "state": "deleted"}, "u4"},
			{obj{"text": "ANN bo"}, "u1"},
			{obj{"text": "an"}, "u0 u1 u2"},
			{obj{"text": "a"}, "u0 u1 u2"},
			{obj{"text": "an", "userRoleCode": "agent"}, "u0 u2"},
			{obj{"text": "nna"}, ""},
			{obj{"text": "ärna"}, ""},
			{obj{"text": "Ärna"}, "u2"},
			{obj{"text": "va m an"}, "u0"},
			{obj{"text": "w"}, "u5"},
			{obj{"text": "in"}, "u5"},
			{obj{"text": "inb"}, ""},
			{obj{"text": "u3"}, "u3"},
			{obj{"text": "u4"}, ""},
			{obj{"text": "u3", "updatedSince": changed}, "u3"},
			{obj{"text": " "}, ""},
			{obj{"text": "%"}, ""},
			{obj{"text": "someBody"}, "ann"},
		}
		for _, tt := range tests {
			for _, limit := range []int{1, 2, 100} {
				if xcs := strings.Join(xcOfUsers(walkUsers(t, s, tt.filter, limit)), " "); xcs != tt.want {
					t.Errorf("%v by %d: %q, want %q", tt.filter, limit, xcs, tt.want)
				}
			}
		}
		page := ask[userPage](t, s, "user/list", obj{"limit": 1})
		mine := invalid("cursor", "cursor", "must be the nextCursor of a call with the same other parameters")
		for _, body := range []obj{{"cursor": "x"}, {"cursor": "e30"}, {"cursor": page.NextCursor, "state": "active"}} {
			refuse(t, s, "user/list", body, mine)
		}
		refuse(t, s, "user/list", obj{"state": "gone"}, invalid("state", "state", "must be active, deactivated or deleted"))
		refuse(t, s, "user/list", obj{"limit": 101}, invalid("limit", "limit", "must be 1 to 100"))
	})
}

func TestUsersAreGot(t *testing.T) {
	t.Parallel()
	servertest.EachApp(t, func(t *testing.T, s *servertest.App) {
		ana := putUser(t, s, "ana", obj{"fullName": "Ana", "email": "ana@example.org"})
		bo, gone := putUser(t, s, "bo", nil), putUser(t, s, "gone", nil)
		do(t, s, "user/delete", obj{"xcUserID": "gone"})
		got := ask[knownUsers](t, s, "user/get", obj{
			"xcUserIDs": list{"nobody", "ana", "bo", "nobody", " "}, "userIDs": list{bo, "0", "x", "99999999999", gone, bo, "-1", "1"},
		})
		if xcs := xcOfUsers(got.Users); !slices.Equal(xcs, []string{"bo", "gone", "ana"}) {
			t.Errorf("users %q", xcs)
		}
		if !slices.Equal(got.UnknownXCUserIDs, []string{"nobody", " "}) ||
			!slices.Equal(got.UnknownUserIDs, []string{"0", "x", "99999999999", "-1", "1"}) {
			t.Errorf("unknown: %q, %q", got.UnknownXCUserIDs, got.UnknownUserIDs)
		}
		if u := got.Users[1]; u.Deleted == 0 || u.State != "deleted" || u.Deactivated != 0 {
			t.Errorf("the deleted one: %+v", u)
		}
		if u := got.Users[2]; u.UserID != ana || u.Email != "ana@example.org" || u.State != "active" || u.Deleted != 0 || len(u.Data) != 0 {
			t.Errorf("ana: %+v", u)
		}
		// Another App's are as unknown as those that nobody has.
		theirs := putUser(t, s.Default(), "of-the-other", nil)
		for _, path := range []string{"user/get", "presence/get"} {
			got := ask[knownUsers](t, s, path, obj{"userIDs": list{theirs}, "xcUserIDs": list{"of-the-other"}})
			if len(got.Users) != 0 || !slices.Equal(got.UnknownUserIDs, []string{theirs}) || len(got.UnknownXCUserIDs) != 1 {
				t.Errorf("%s of another App's: %+v", path, got)
			}
		}
		for path, body := range map[string]obj{
			"user/logout": {}, "user/deactivate": {}, "user/reactivate": {}, "user/data/set": {"data": obj{}}, "unread/get": {},
		} {
			refuse(t, s, path, with(body, obj{"xcUserID": "of-the-other"}), userNotFound)
		}
		many := list{}
		for i := range 101 {
			many = append(many, fmt.Sprint(i))
		}
		together := invalid("userIDs", "userIDs", "and 'xcUserIDs' must have at most 100 entries together")
		refuse(t, s, "user/get", obj{"xcUserIDs": many[:60], "userIDs": many[:41]}, together)
		if a := call(t, s, "user/get", obj{"xcUserIDs": many}); a.Error.Code != "40002" || a.Error.Field != "xcUserIDs" {
			t.Errorf("101 ids: %s", a.Body)
		}
	})
}

// TestUsersAreListedOnceWhateverHappens: while others come, go, and change their names and roles, a walk finds
// each user who passes its filter all the time once, whatever the page's size, and none who never does.
func TestUsersAreListedOnceWhateverHappens(t *testing.T) {
	t.Parallel()
	servertest.EachApp(t, func(t *testing.T, s *servertest.App) {
		steady, never := map[string]bool{}, map[string]bool{}
		for i := range 40 {
			steady[fmt.Sprint("s", i)], never[fmt.Sprint("n", i%10)] = true, true
			putUser(t, s, fmt.Sprint("s", i), obj{"fullName": fmt.Sprint("Steady ", i%7, " Steadfast"), "userRoleCode": "agent"})
			putUser(t, s, fmt.Sprint("n", i%10), obj{"fullName": fmt.Sprint("Never ", i), "userRoleCode": "other"})
		}
		stop := make(chan struct{})
		var busy sync.WaitGroup
		for worker := range 3 {
			busy.Go(func() {
				r := rand.New(rand.NewPCG(7, uint64(worker)))
				for {
					select {
					case <-stop:
						return
					default:
					}
					xc := fmt.Sprint("c", worker, "-", r.IntN(20))
					if r.IntN(3) == 0 {
						call(t, s, "user/delete", obj{"xcUserID": xc})
						continue
					}
					call(t, s, "user/update", obj{
						"xcUserID": xc, "fullName": fmt.Sprint("St", r.IntN(9), " Ste", r.IntN(9)),
						"userRoleCode": []string{"agent", "other", ""}[r.IntN(3)],
					})
				}
			})
		}
		r := rand.New(rand.NewPCG(1, 2))
		for _, filter := range []obj{
			{"userRoleCode": "agent"},
			{"text": "ste"},
			{"text": "st ste", "userRoleCode": "agent"},
			{"state": "active", "userRoleCode": "agent"},
			{"updatedSince": 1, "userRoleCode": "agent"},
		} {
			for range 4 {
				seen := map[string]int{}
				for _, u := range walkUsers(t, s, filter, 1+r.IntN(15)) {
					seen[u.XCUserID]++
				}
				for xc := range steady {
					if seen[xc] != 1 {
						t.Errorf("%v: %s comes %d times", filter, xc, seen[xc])
					}
				}
				for xc := range never {
					if seen[xc] != 0 {
						t.Errorf("%v: %s comes", filter, xc)
					}
				}
			}
		}
		close(stop)
		busy.Wait()
	})
}

// TestUserListsAgainstModel: whatever has happened to users, each list is what a look at all of them says.
func TestUserListsAgainstModel(t *testing.T) {
	t.Parallel()
	servertest.EachApp(t, func(t *testing.T, s *servertest.App) {
		r := rand.New(rand.NewPCG(3, 5))
		type known struct{ name, role, state string }
		users := map[string]known{}
		words := []string{"ann", "anna", "Bo", "bob", "ÄNN", "c"}
		for range 150 {
			xc := fmt.Sprint(words[r.IntN(3)], r.IntN(12))
			switch u := users[xc]; {
			case u.name != "" && r.IntN(4) == 0:
				do(t, s, "user/delete", obj{"xcUserID": xc})
				u.state = "deleted"
				users[xc] = u
			default:
				u = known{words[r.IntN(6)] + " " + words[r.IntN(6)], []string{"", "agent", "x"}[r.IntN(3)], "active"}
				do(t, s, "user/update", obj{"xcUserID": xc, "fullName": u.name, "userRoleCode": u.role})
				users[xc] = u
			}
		}
		begins := func(name, text string) bool {
			for w := range strings.SplitSeq(strings.ToLower(text), " ") {
				if !slices.ContainsFunc(strings.Split(strings.ToLower(name), " "), func(n string) bool { return strings.HasPrefix(n, w) }) {
					return false
				}
			}
			return true
		}
		for range 60 {
			filter := obj{}
			if r.IntN(2) == 0 {
				filter["text"] = []string{"a", "ANN", "bo c", "an b", "bob", "x", "ann1"}[r.IntN(7)]
			}
			if r.IntN(2) == 0 {
				filter["userRoleCode"] = []string{"agent", "x", "none"}[r.IntN(3)]
			}
			if r.IntN(2) == 0 {
				filter["state"] = []string{"active", "deleted", "deactivated"}[r.IntN(3)]
			}
			var want []string
			for xc, u := range users {
				text, _ := filter["text"].(string)
				state, given := filter["state"]
				role, roleGiven := filter["userRoleCode"]
				if (text == "" || text == xc || begins(u.name, text)) && (state == u.state || !given && u.state != "deleted") &&
					(!roleGiven || role == u.role) {
					want = append(want, xc)
				}
			}
			got := xcOfUsers(walkUsers(t, s, filter, 1+r.IntN(9)))
			slices.Sort(got)
			slices.Sort(want)
			if !slices.Equal(got, want) {
				t.Errorf("%v: %q, want %q", filter, got, want)
			}
		}
	})
}

// TestRolesAreDeleted: a role goes with its users moved, is kept while rooms take it in, and nothing of another
// App's is touched.
func TestRolesAreDeleted(t *testing.T) {
	t.Parallel()
	servertest.EachApp(t, func(t *testing.T, s *servertest.App) {
		type deleted struct {
			Success, HasMore bool
			Message          string
			UsersMoved       int
		}
		do(t, s, "role/create_or_update", obj{"code": "agent", "name": "Agent"})
		do(t, s, "role/create_or_update", obj{"code": "helper", "name": "Helper"})
		for i := range 5 {
			putUser(t, s, fmt.Sprint("u", i), obj{"userRoleCode": "agent"})
		}
		do(t, s, "user/delete", obj{"xcUserID": "u3"})
		putRoom(t, s, "r", obj{"participantUserRoles": list{"helper"}})
		putRoom(t, s, "old", obj{"participantUserRoles": list{"agent"}})
		inRooms := failure{"40901", "Rooms take in users of this role; change them first", ""}
		refuse(t, s, "role/delete", obj{"code": "agent", "replacementCode": "helper"}, inRooms)
		do(t, s, "room/create_or_update", obj{"xcRoomID": "old", "type": 2, "name": "Old", "participantUserRoles": list{}})
		refuse(t, s, "role/delete", obj{"code": "agent"}, failure{"40901", "Users have this role; name another one for them", ""})
		refuse(t, s, "role/delete", obj{"code": "agent", "replacementCode": "agent"},
			invalid("replacementCode", "replacementCode", "must be another role"))
		if got := ask[deleted](t, s, "role/delete", obj{"code": "agent", "replacementCode": "helper"}); got != (deleted{true, false, "The role has been deleted", 5}) {
			t.Errorf("%+v", got)
		}
		if got := ask[deleted](t, s, "role/delete", obj{"code": "agent"}); got != (deleted{false, false, "There is no such role", 0}) {
			t.Errorf("again: %+v", got)
		}
		for _, u := range ask[knownUsers](t, s, "user/get", obj{"xcUserIDs": list{"u0", "u3"}}).Users {
			if u.UserRole.Code != "helper" || u.UserRole.Name != "Helper" || u.Updated <= u.Created || (u.Deleted > 0) != (u.XCUserID == "u3") {
				t.Errorf("%+v", u)
			}
		}
		if names := xcUserIDs(getRoom(t, s, "r").Participants); !slices.Equal(names, []string{"u0", "u1", "u2", "u4"}) {
			t.Errorf("in the room of the other role are %q", names)
		}
	})
}
