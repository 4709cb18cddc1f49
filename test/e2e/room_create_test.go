package e2e

import (
	"reflect"
	"regexp"
	"slices"
	"strings"
	"testing"

	"parlor/test/env/servertest"
)

// TestCreateRoom is the page's example, with every key of the answer.
func TestCreateRoom(t *testing.T) {
	t.Parallel()
	eachWithClock(t, func(t *testing.T, s *servertest.App, c *clock) {
		now := c.ms.Load()
		ana := putUser(t, s, "6", obj{
			"fullName": "Ana", "email": "ana@example.org", "phone": "62812", "username": "ana",
			"photoThumbnailURL": "https://img/t", "photoFullsizeURL": "https://img/f",
		})
		got := ask[roomData](t, s, "room/create_or_update", obj{
			"xcRoomID": "6A02C41D", "type": 2, "name": "Order #6A02C41D",
			"photoThumbnailURL": "https://img/rt", "photoFullsizeURL": "https://img/rf",
			"participantXCUserIDs": list{"6"}, "participantUserRoles": list{"agent:1"}, "tags": list{"category:1"},
		})
		if !regexp.MustCompile(`^g[1-9][0-9]*$`).MatchString(got.Room.RoomID) {
			t.Errorf("roomID %q", got.Room.RoomID)
		}
		want := roomData{
			Room: room{
				RoomID: got.Room.RoomID, XCRoomID: "6A02C41D", Name: "Order #6A02C41D", Type: 2,
				ImageURL: image{"https://img/rt", "https://img/rf"},
			},
			Participants: []participant{{
				UserID: ana, XCUserID: "6", Fullname: "Ana", Email: "ana@example.org", Phone: "62812", Username: "ana",
				ImageURL: image{"https://img/t", "https://img/f"}, Created: now, Updated: now,
			}},
			AdminUserIDs: []string{}, ParticipantsTotal: 1, SkippedXCUserIDs: []string{},
		}
		if !reflect.DeepEqual(got, want) {
			t.Errorf("got  %+v\nwant %+v", got, want)
		}
		want.SkippedXCUserIDs = nil
		if got := getRoom(t, s, "6A02C41D"); !reflect.DeepEqual(got, want) {
			t.Errorf("room/get: got  %+v\nwant %+v", got, want)
		}
	})
}

// TestCreateBareRoom: what was not given is there, empty.
func TestCreateBareRoom(t *testing.T) {
	t.Parallel()
	servertest.EachApp(t, func(t *testing.T, s *servertest.App) {
		a := call(t, s, "room/create_or_update", `{"xcRoomID":"r","type":4,"name":"R"}`)
		id := regexp.MustCompile(`"roomID":"(t[1-9][0-9]*)"`).FindSubmatch(a.Body)
		if id == nil {
			t.Fatalf("no transaction room: %s", a.Body)
		}
		want := `{"status":200,"error":{"code":"","message":"","field":""},"data":{"room":{"roomID":"` +
			string(id[1]) + `",` +
			`"xcRoomID":"r","name":"R","type":4,"imageURL":{"thumbnail":"","fullsize":""},"color":"","isLocked":false,` +
			`"lockedTime":0,"deleted":0,"isDeleted":false},"participants":[],` +
			`"adminUserIDs":[],"participantsTotal":0,"skippedXCUserIDs":[],` +
			`"participantsIgnored":false}}`
		if string(a.Body) != want {
			t.Errorf("got  %s\nwant %s", a.Body, want)
		}
	})
}

func TestCreateRoomSkipsAndCounts(t *testing.T) {
	t.Parallel()
	servertest.EachApp(t, func(t *testing.T, s *servertest.App) {
		putUsers(t, s, "a", "b", "c")
		got := putRoom(t, s, "r", obj{"participantXCUserIDs": list{"c", "nobody", "a", "c", "nobody", "A", "b"}})
		if ids := xcUserIDs(got.Participants); !slices.Equal(ids, []string{"c", "a", "b"}) {
			t.Errorf("participants %q, want those who exist, once each and in the order of the list", ids)
		}
		if !slices.Equal(got.SkippedXCUserIDs, []string{"nobody", "A"}) {
			t.Errorf("skipped %q", got.SkippedXCUserIDs)
		}
		if got.ParticipantsTotal != 3 {
			t.Errorf("total %d", got.ParticipantsTotal)
		}
	})
}

// TestRoomTypes: only groups and transaction rooms can be made.
func TestRoomTypes(t *testing.T) {
	t.Parallel()
	servertest.EachApp(t, func(t *testing.T, s *servertest.App) {
		const kind, number = "must be 2 (group) or 4 (transaction)", "must be a whole number"
		for value, reason := range map[string]string{
			"0": kind, "1": kind, "3": kind, "5": kind, "-2": kind, "22": kind, "9223372036854775807": kind,
			`"2"`: number, "2.5": number, "1e3": number, "2e0": number, "99999999999999999999": number,
			"true": number, "[2]": number,
			"null": "is required",
		} {
			refuse(t, s, "room/create_or_update", `{"xcRoomID":"r","type":`+value+`,"name":"R"}`, invalid("type", "102", reason))
		}
		refuse(t, s, "room/get", obj{"xcRoomID": "r"}, roomNotFound)
		for value, prefix := range map[string]string{"2": "g", "4": "t"} {
			got := ask[roomData](t, s, "room/create_or_update", `{"xcRoomID":"r`+value+`","type":`+value+`,"name":"R"}`)
			if !strings.HasPrefix(got.Room.RoomID, prefix) {
				t.Errorf("type %s makes %+v", value, got.Room)
			}
		}
	})
}

// TestRoomNames: names and ids come back as they were given, whatever is in them.
func TestRoomNames(t *testing.T) {
	t.Parallel()
	servertest.EachApp(t, func(t *testing.T, s *servertest.App) {
		for _, name := range []string{
			"<b>&amp;\"quoted\"\\", "مرحبا \u202eevil\u202c \u2066\u2069", "😀👩‍💻🇮🇩", "e\u0301 is not é", " spaces ",
			"\t\r\n\u0001\u007f\u2028",
			strings.Repeat("界", 500), "'; DROP TABLE rooms; --", "%s %d {{sender}}", "null",
		} {
			xc := []rune(name)
			xc = xc[:min(len(xc), 50)]
			got := ask[roomData](t, s, "room/create_or_update", obj{"xcRoomID": string(xc), "type": 2, "name": name})
			if again := getRoom(t, s, string(xc)); got.Room.Name != name || got.Room.XCRoomID != string(xc) ||
				again.Room != got.Room {
				t.Errorf("%q became %+v and %+v", name, got.Room, again.Room)
			}
		}
		// Ids are told apart byte by byte.
		a, b := putRoom(t, s, "é", nil), putRoom(t, s, "e\u0301", nil)
		c, d := putRoom(t, s, "x", nil), putRoom(t, s, "X", nil)
		e, f := putRoom(t, s, "y", nil), putRoom(t, s, "y ", nil)
		ids := []string{a.Room.RoomID, b.Room.RoomID, c.Room.RoomID, d.Room.RoomID, e.Room.RoomID, f.Room.RoomID}
		slices.Sort(ids)
		if len(slices.Compact(ids)) != 6 {
			t.Errorf("similar ids share a room: %q", ids)
		}
	})
}

// TestNewRoomIsInLists: its room/create message gives it a place.
func TestNewRoomIsInLists(t *testing.T) {
	t.Parallel()
	servertest.EachApp(t, func(t *testing.T, s *servertest.App) {
		putUsers(t, s, "a")
		made := putRoom(t, s, "r", obj{"name": "Order {1}", "participantXCUserIDs": list{"a"}})
		sum, ok := inList(t, s, "a", "r")
		if !ok {
			t.Fatal("the room is not in its participant's list")
		}
		m := sum.LastMessage
		if m.Room != made.Room || m.Type != 9001 || m.Action != "room/create" || sum.UnreadCount != 1 {
			t.Errorf("summary %+v", sum)
		}
		if text := plain(t, m, m.Body); text != "{{sender}} created group Order 1" {
			t.Errorf("text %q", text)
		}
		if m.User.XCUserID != "" || m.User.Fullname != s.Name || m.User.UserID == "0" {
			t.Errorf("it speaks as %+v, want the app", m.User)
		}
	})
}
