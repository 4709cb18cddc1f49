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

// listedRoom is a room of room/list.
type listedRoom struct {
	room
	IsFrozen                                      bool
	FrozenTime, LastMessageTime, Created, Updated int64
	Tags                                          []string
	Data                                          obj
}

type roomPage struct {
	paged
	Rooms []listedRoom
}

// walk is all that room/list answers to a filter, page by page.
func walk(t testing.TB, s *servertest.App, filter obj, limit int) []listedRoom {
	t.Helper()
	return walkPages(t, s, "room/list", filter, limit, func(p roomPage) ([]listedRoom, paged) { return p.Rooms, p.paged })
}

func xcOf(rooms []listedRoom) []string {
	xcs := []string{}
	for _, r := range rooms {
		xcs = append(xcs, r.XCRoomID)
	}
	return xcs
}

func TestRoomsAreFiltered(t *testing.T) {
	t.Parallel()
	eachWithClock(t, func(t *testing.T, s *servertest.App, c *clock) {
		putUsers(t, s, "ana")
		putUser(t, s, "agent", obj{"userRoleCode": "agent"})
		start := c.ms.Load()
		const hour = 3_600_000
		for i, fields := range []obj{
			{"name": "Order 1", "tags": list{"north", "urgent"}, "participantXCUserIDs": list{"ana"}},
			{"name": "order 2", "tags": list{"north"}, "type": 4},
			{"name": "Refund", "participantUserRoles": list{"agent"}},
			{"name": "ORDER ÄÖ", "tags": list{"south"}},
			{"name": "Order gone"},
		} {
			c.ms.Store(start + int64(i)*hour)
			putRoom(t, s, fmt.Sprint("r", i), fields)
		}
		do(t, s, "room/delete", obj{"xcRoomID": "r4"})
		do(t, s, "room/create_or_update", obj{"xcRoomID": "r3", "type": 2, "name": "ORDER ÄÖ", "tags": list{"west"}})
		sendBody(t, s, obj{"messageType": 1001, "body": "hi", "senderXCUserID": "ana", "recipientXCUserID": "agent"})
		tests := []struct {
			filter obj
			want   string
		}{
			{obj{}, "r0 r1 r2 r3 "},
			{obj{"includeDeleted": true}, "r0 r1 r2 r3 r4 "},
			{obj{"tag": "north"}, "r0 r1"},
			{obj{"tag": "south"}, ""},
			{obj{"tag": "west"}, "r3"},
			{obj{"tag": "nort"}, ""},
			{obj{"type": 4}, "r1"},
			{obj{"type": 1}, ""},
			{obj{"namePrefix": "order"}, "r0 r1 r3"},
			{obj{"namePrefix": "ORDER "}, "r0 r1 r3"},
			{obj{"namePrefix": "order ä"}, ""},
			{obj{"namePrefix": "order Ä"}, "r3"},
			{obj{"namePrefix": "rder"}, ""},
			{obj{"namePrefix": "order", "includeDeleted": true}, "r0 r1 r4 r3"},
			{obj{"xcUserID": "ana"}, "r0 "},
			{obj{"xcUserID": "agent"}, "r2 "},
			{obj{"xcUserID": "agent", "type": 2}, "r2"},
			{obj{"activeUntil": start}, "r0"},
			{obj{"activeSince": start + 1, "activeUntil": start + 2*hour}, "r1 r2"},
			{obj{"activeSince": start + hour, "tag": "north"}, "r1"},
			{obj{"activeSince": start + hour, "namePrefix": "o", "type": 2}, "r3"},
		}
		for _, tt := range tests {
			for _, limit := range []int{1, 3, 200} {
				got := walk(t, s, tt.filter, limit)
				// A personal room has no id of the customer's.
				if tt.filter["type"] == 1 && (len(got) != 1 || got[0].Type != 1) {
					t.Errorf("personal rooms: %+v", got)
				}
				if xcs := strings.Join(xcOf(got), " "); xcs != tt.want {
					t.Errorf("%v by %d: %q, want %q", tt.filter, limit, xcs, tt.want)
				}
			}
		}
		first := walk(t, s, obj{"tag": "urgent"}, 1)[0]
		if first.room != getRoom(t, s, "r0").Room || first.LastMessageTime != start || first.Created != start ||
			!slices.Equal(first.Tags, []string{"north", "urgent"}) || len(first.Data) != 0 {
			t.Errorf("room %+v", first)
		}
		refuse(t, s, "room/list", obj{"xcUserID": "nobody"}, userNotFound)
		page := ask[roomPage](t, s, "room/list", obj{"limit": 1})
		mine := invalid("cursor", "cursor", "must be the nextCursor of a call with the same other parameters")
		for _, body := range []obj{
			{"cursor": "x"}, {"cursor": "e30"}, {"cursor": page.NextCursor, "type": 2}, {"cursor": "bnVsbA"}, {"cursor": "!"},
		} {
			refuse(t, s, "room/list", body, mine)
		}
	})
}

// TestRoomsAreListedOnceWhateverHappens: while others make, delete, rename, tag and use rooms, a walk
// finds each room that passes its filter all the time once, whatever the page's size, and none that
// never does.
func TestRoomsAreListedOnceWhateverHappens(t *testing.T) {
	t.Parallel()
	servertest.EachApp(t, func(t *testing.T, s *servertest.App) {
		putUsers(t, s, "ana")
		steady := map[string]bool{}
		for i := range 60 {
			xc := fmt.Sprint("s", i)
			steady[xc] = true
			putRoom(t, s, xc, obj{"name": "Steady " + fmt.Sprint(i%7), "tags": list{"t"}, "participantXCUserIDs": list{"ana"}})
		}
		stop := make(chan struct{})
		var busy sync.WaitGroup
		for worker := range 3 {
			busy.Go(func() {
				r := rand.New(rand.NewPCG(7, uint64(worker)))
				for i := 0; ; i++ {
					select {
					case <-stop:
						return
					default:
					}
					xc := fmt.Sprint("c", worker, "-", r.IntN(20))
					switch r.IntN(4) {
					case 0:
						call(t, s, "room/delete", obj{"xcRoomID": xc})
					case 1: // a message in one that stays
						call(t, s, "message/send/custom", textMessage("ana", fmt.Sprint("s", r.IntN(60)), "hi", nil))
					default:
						call(t, s, "room/create_or_update", obj{
							"xcRoomID": xc, "type": 2, "name": fmt.Sprint("S", r.IntN(9), xc), "tags": list{[]string{"t", "u"}[r.IntN(2)]},
							"participantXCUserIDs": list{"ana"},
						})
					}
				}
			})
		}
		r := rand.New(rand.NewPCG(1, 2))
		for _, filter := range []obj{
			{},
			{"tag": "t"},
			{"namePrefix": "s"},
			{"type": 2},
			{"xcUserID": "ana"},
			{"includeDeleted": true},
			{"activeSince": 1},
			{"tag": "t", "namePrefix": "steady", "activeSince": 1},
		} {
			for range 3 {
				seen := map[string]int{}
				for _, room := range walk(t, s, filter, 1+r.IntN(20)) {
					seen[room.XCRoomID]++
					if filter["namePrefix"] == "steady" && !steady[room.XCRoomID] {
						t.Errorf("%v: %s", filter, room.XCRoomID)
					}
				}
				for xc, n := range seen {
					// By name those that are renamed may come again.
					if n != 1 && (steady[xc] || filter["namePrefix"] == nil) {
						t.Errorf("%v: %s comes %d times", filter, xc, n)
					}
				}
				for xc := range steady {
					if seen[xc] == 0 {
						t.Errorf("%v: %s is missed", filter, xc)
					}
				}
			}
		}
		close(stop)
		busy.Wait()
	})
}

// listedParticipant is one of participants/list.
type listedParticipant struct {
	participant
	IsByName, IsAdmin, IsMuted, IsBanned bool
	HeldByRole                           string
	MutedUntil, BannedUntil              int64
	Data                                 obj
}

// peopleOf is all that participants/list answers, page by page.
func peopleOf(t testing.TB, s *servertest.App, xcRoom, only string, limit int) (people []listedParticipant) {
	t.Helper()
	body := obj{"xcRoomID": xcRoom, "only": only, "limit": limit}
	for {
		page := ask[struct {
			Participants []listedParticipant
			NextCursor   string
			HasMore      bool
		}](t, s, "room/participants/list", body)
		people = append(people, page.Participants...)
		if !page.HasMore {
			return people
		}
		if len(page.Participants) > limit {
			t.Errorf("%d participants on a page of %d", len(page.Participants), limit)
		}
		body["cursor"] = page.NextCursor
	}
}

func namesOf(people []listedParticipant) string {
	var out []string
	for _, p := range people {
		out = append(out, p.XCUserID)
	}
	return strings.Join(out, " ")
}

// TestWhoStaysIsListedOnce: somebody is in a room by name, then by role, then by both, while it is listed.
func TestWhoStaysIsListedOnce(t *testing.T) {
	t.Parallel()
	servertest.EachApp(t, func(t *testing.T, s *servertest.App) {
		var all list
		for i := range 8 {
			xc := fmt.Sprint("u", i)
			putUser(t, s, xc, obj{"userRoleCode": []string{"x", "y"}[i%2]})
			all = append(all, xc)
		}
		putRoom(t, s, "r", obj{"participantXCUserIDs": all, "participantUserRoles": list{"x", "y"}})
		rng := rand.New(rand.NewPCG(1, 2))
		for _, path := range []string{"room/participants/list", "unread/participants"} {
			for range 4 {
				var seen []string
				for body := (obj{"xcRoomID": "r", "limit": 1 + rng.IntN(3)}); ; {
					page := ask[struct {
						Participants []participant
						NextCursor   string
						HasMore      bool
					}](t, s, path, body)
					for _, p := range page.Participants {
						seen = append(seen, p.XCUserID)
					}
					if !page.HasMore {
						break
					}
					body["cursor"] = page.NextCursor
					for _, xc := range all {
						change := []string{"room/participants/add", "room/participants/remove", ""}[rng.IntN(3)]
						if change != "" {
							do(t, s, change, obj{"xcRoomID": "r", "participantXCUserIDs": list{xc}})
							continue
						}
						putUser(t, s, xc.(string), obj{"userRoleCode": []string{"x", "y"}[rng.IntN(2)]})
					}
				}
				slices.Sort(seen)
				if got := strings.Join(seen, " "); got != "u0 u1 u2 u3 u4 u5 u6 u7" {
					t.Errorf("%s: %s", path, got)
				}
			}
		}
	})
}

func TestParticipantsAreListed(t *testing.T) {
	t.Parallel()
	servertest.EachApp(t, func(t *testing.T, s *servertest.App) {
		putUsers(t, s, "c", "a", "b", "stranger")
		for _, xc := range []string{"x1", "x2", "y1", "y2", "both"} {
			role := "x"
			if strings.HasPrefix(xc, "y") {
				role = "y"
			}
			putUser(t, s, xc, obj{"userRoleCode": role})
		}
		putRoom(t, s, "r", obj{
			"participantXCUserIDs": list{"c", "a", "both", "b"}, "participantUserRoles": list{"y", "x"},
		})
		do(t, s, "room/admins/set", obj{"xcRoomID": "r", "adminXCUserIDs": list{"both", "c"}})
		do(t, s, "room/participants/mute", obj{"xcRoomID": "r", "participantXCUserIDs": list{"x2", "a", "stranger"}})
		do(t, s, "room/participants/ban", obj{"xcRoomID": "r", "participantXCUserIDs": list{"b", "y1"}})
		do(t, s, "room/participants/data/set", obj{"xcRoomID": "r", "xcUserID": "x1", "data": obj{"seat": 12}})
		for only, want := range map[string]string{
			"": "c a x1 x2 y2 both", "byName": "c a both", "byRole": "x1 x2 y2", "admins": "c both",
			"muted": "a stranger x2", "banned": "b y1",
		} {
			for _, limit := range []int{1, 2, 4, 200} {
				if got := namesOf(peopleOf(t, s, "r", only, limit)); got != want {
					t.Errorf("%q by %d: %q, want %q", only, limit, got, want)
				}
			}
		}
		people := map[string]listedParticipant{}
		for _, p := range peopleOf(t, s, "r", "", 200) {
			people[p.XCUserID] = p
		}
		if p := people["both"]; !p.IsByName || p.HeldByRole != "" || !p.IsAdmin || p.IsMuted || p.IsBanned {
			t.Errorf("both: %+v", p)
		}
		if p := people["x2"]; p.IsByName || p.HeldByRole != "x" || p.IsAdmin || !p.IsMuted || p.MutedUntil != 0 {
			t.Errorf("x2: %+v", p)
		}
		if p := people["x1"]; p.Data["seat"] != 12.0 {
			t.Errorf("x1: %+v", p)
		}
		refuse(t, s, "room/participants/list", obj{}, invalid("xcRoomID", "xcRoomID", "is required, or roomID"))
		refuse(t, s, "room/participants/list", obj{"xcRoomID": "r", "roomID": "g1"},
			invalid("roomID", "roomID", "and 'xcRoomID' must not both be given"))
		refuse(t, s, "room/participants/list", obj{"roomID": "g999999"}, roomNotFound)
		refuse(t, s, "room/participants/list", obj{"xcRoomID": "r", "only": "x"},
			invalid("only", "only", "must be byName, byRole, admins, muted or banned"))
		page := ask[roomPage](t, s, "room/participants/list", obj{"xcRoomID": "r", "limit": 1})
		refuse(t, s, "room/participants/list", obj{"xcRoomID": "r", "only": "admins", "cursor": page.NextCursor},
			invalid("cursor", "cursor", "must be the nextCursor of a call with the same other parameters"))
	})
}

// TestPagesAreBoundedByBytes: large rooms and participants make pages shorter, and the walk goes on.
func TestPagesAreBoundedByBytes(t *testing.T) {
	t.Parallel()
	servertest.EachApp(t, func(t *testing.T, s *servertest.App) {
		large := obj{"x": strings.Repeat("y", 16<<10-10)}
		putRoom(t, s, "r", nil)
		var want []string
		for i := range 80 {
			xc := fmt.Sprintf("u%02d", i)
			want = append(want, xc)
			putUsers(t, s, xc)
			putRoom(t, s, xc, obj{"tags": list{"large"}})
			do(t, s, "room/data/set", obj{"xcRoomID": xc, "data": large})
			do(t, s, "room/participants/data/set", obj{"xcRoomID": "r", "xcUserID": xc, "data": large})
		}
		addTo(t, s, "r", want...)
		if page := ask[roomPage](t, s, "room/list", obj{"tag": "large"}); len(page.Rooms) < 10 || len(page.Rooms) >= 80 || !page.HasMore {
			t.Errorf("a page of %d rooms", len(page.Rooms))
		}
		if got := xcOf(walk(t, s, obj{"tag": "large"}, 200)); !slices.Equal(got, want) {
			t.Errorf("rooms %v", got)
		}
		if got := namesOf(peopleOf(t, s, "r", "", 200)); got != strings.Join(want, " ") {
			t.Errorf("participants %s", got)
		}
		refuse(t, s, "room/data/set", obj{"xcRoomID": "r", "data": obj{"x": strings.Repeat("y", 16<<10)}},
			invalid("data", "data", "must have at most 16384 bytes"))
		if got := walk(t, s, obj{"tag": "large"}, 1)[0].Data["x"]; got != large["x"] {
			t.Error("the data is another")
		}
		do(t, s, "room/data/set", obj{"xcRoomID": "u00", "data": obj{}})
		if got := walk(t, s, obj{"tag": "large"}, 1)[0].Data; len(got) != 0 {
			t.Errorf("the data is %v", got)
		}
	})
}
