package e2e

import (
	"reflect"
	"slices"
	"testing"

	"parlor/internal/chat"
	"parlor/internal/server"
	"parlor/internal/service"
	"parlor/test/env/servertest"
)

// beside runs test with the service over the server's database, as another process would:
// for what no answer shows. It must read a room once only, since it is told of no changes.
func beside(t *testing.T, s *servertest.App, test func(b service.Backend)) {
	t.Helper()
	err := server.WithService(t.Context(), s.Config, func(svc *service.Service) error {
		app, err := svc.App(t.Context(), s.Name)
		if err == nil {
			test(svc.Backend(app))
		}
		return err
	})
	if err != nil {
		t.Fatal(err)
	}
}

// checkTags looks at a room's tags, which are on no answer.
func checkTags(t *testing.T, b service.Backend, xcRoom string, want []string) {
	t.Helper()
	got, err := b.Room(t.Context(), service.RoomName{XCID: xcRoom}, chat.Page{Limit: 1})
	if err != nil {
		t.Fatal(err)
	}
	if !slices.Equal(got.Room.Tags, want) {
		t.Errorf("tags %q, want %q", got.Room.Tags, want)
	}
}

// TestUpdateRoom: absent and null keep what is stored, whatever else is there replaces it.
func TestUpdateRoom(t *testing.T) {
	t.Parallel()
	servertest.EachApp(t, func(t *testing.T, s *servertest.App) {
		putUsers(t, s, "named", "other")
		putUser(t, s, "agent", obj{"userRoleCode": "agent"})
		putUser(t, s, "boss", obj{"userRoleCode": "boss"})
		everything := obj{
			"photoThumbnailURL": "t", "photoFullsizeURL": "f", "tags": list{"x", "y", "x"},
			"participantXCUserIDs": list{"named"}, "participantUserRoles": list{"agent", "agent"},
		}
		tests := []struct {
			name   string
			fields obj
			photo  image
			tags   []string
			people []string
		}{
			{"nothing", obj{}, image{"t", "f"}, []string{"x", "y"}, []string{"named", "agent"}},
			{"nulls", obj{
				"photoThumbnailURL": nil, "photoFullsizeURL": nil, "tags": nil, "participantXCUserIDs": nil,
				"participantUserRoles": nil,
			}, image{"t", "f"}, []string{"x", "y"}, []string{"named", "agent"}},
			{"one photo", obj{"photoFullsizeURL": "f2"}, image{"t", "f2"}, []string{"x", "y"}, []string{"named", "agent"}},
			{
				"empty photos",
				obj{"photoThumbnailURL": "", "photoFullsizeURL": ""},
				image{},
				[]string{"x", "y"},
				[]string{"named", "agent"},
			},
			{"other tags", obj{"tags": list{"z"}}, image{"t", "f"}, []string{"z"}, []string{"named", "agent"}},
			{"no tags", obj{"tags": list{}}, image{"t", "f"}, nil, []string{"named", "agent"}},
			{
				"other roles",
				obj{"participantUserRoles": list{"boss"}},
				image{"t", "f"},
				[]string{"x", "y"},
				[]string{"named", "boss"},
			},
			{
				"more roles",
				obj{"participantUserRoles": list{"boss", "agent"}},
				image{"t", "f"},
				[]string{"x", "y"},
				[]string{"named", "agent", "boss"},
			},
			{"no roles", obj{"participantUserRoles": list{}}, image{"t", "f"}, []string{"x", "y"}, []string{"named"}},
			{
				"participants are ignored",
				obj{"participantXCUserIDs": list{"other", "nobody"}},
				image{"t", "f"},
				[]string{"x", "y"},
				[]string{"named", "agent"},
			},
			{
				"an empty list of them, too",
				obj{"participantXCUserIDs": list{}},
				image{"t", "f"},
				[]string{"x", "y"},
				[]string{"named", "agent"},
			},
		}
		beside(t, s, func(b service.Backend) {
			for _, tt := range tests {
				t.Run(tt.name, func(t *testing.T) {
					before := putRoom(t, s, tt.name, everything)
					fields := obj{"name": "New"}
					for k, v := range tt.fields {
						fields[k] = v
					}
					got := putRoom(t, s, tt.name, fields)
					want := before.Room
					want.Name, want.ImageURL = "New", tt.photo
					if got.Room != want {
						t.Errorf("room %+v, want %+v", got.Room, want)
					}
					if ids := xcUserIDs(got.Participants); !slices.Equal(ids, tt.people) {
						t.Errorf("participants %q, want %q", ids, tt.people)
					}
					if len(got.SkippedXCUserIDs) != 0 {
						t.Errorf("skipped %q of a list that does not count", got.SkippedXCUserIDs)
					}
					checkTags(t, b, tt.name, tt.tags)
					if again := getRoom(t, s, tt.name); again.Room != got.Room ||
						!reflect.DeepEqual(again.Participants, got.Participants) {
						t.Errorf("room/get: %+v", again)
					}
				})
			}
		})
	})
}

func TestUpdateRoomOfOtherType(t *testing.T) {
	t.Parallel()
	servertest.EachApp(t, func(t *testing.T, s *servertest.App) {
		for _, types := range [][2]int{{2, 4}, {4, 2}} {
			xc := string(rune('0' + types[0]))
			before := putRoom(t, s, xc, obj{"type": types[0]})
			refuse(t, s, "room/create_or_update", obj{"xcRoomID": xc, "type": types[1], "name": "New", "tags": list{"new"}},
				invalid("type", "102", "must be "+xc+", the type the room was made with"))
			if after := getRoom(t, s, xc); after.Room != before.Room {
				t.Errorf("the room became %+v", after.Room)
			}
		}
		beside(t, s, func(b service.Backend) {
			checkTags(t, b, "2", nil)
			checkTags(t, b, "4", nil)
		})
	})
}

// TestUpdateIsTold: people in the room are told of what they can see, and of nothing else.
func TestUpdateIsTold(t *testing.T) {
	t.Parallel()
	servertest.EachApp(t, func(t *testing.T, s *servertest.App) {
		putUsers(t, s, "a")
		putRoom(t, s, "r", obj{"participantXCUserIDs": list{"a"}, "photoThumbnailURL": "t"})
		tests := []struct {
			name   string
			fields obj
			told   bool
		}{
			{"the same again", obj{"photoThumbnailURL": "t"}, false},
			{"other tags", obj{"tags": list{"x"}}, false},
			{"other name", obj{"name": "New"}, true},
			{"other photo", obj{"name": "New", "photoFullsizeURL": "f"}, true},
			{"other roles", obj{"name": "New", "participantUserRoles": list{"agent"}}, true},
			{"the same roles", obj{"name": "New", "participantUserRoles": list{"agent"}}, false},
		}
		for _, tt := range tests {
			before := last(t, s, "a", "r")
			putRoom(t, s, "r", tt.fields)
			after := last(t, s, "a", "r")
			if told := before.MessageID != after.MessageID; told != tt.told {
				t.Errorf("%s: told %v", tt.name, told)
			}
			if tt.told && (after.Action != "room/update" ||
				plain(t, after, after.Body) != "{{sender}} updated the group details") {
				t.Errorf("%s: %+v", tt.name, after)
			}
		}
	})
}

// TestUpdateLockedRoom: the backend may change a locked room, which stays so.
func TestUpdateLockedRoom(t *testing.T) {
	t.Parallel()
	servertest.EachApp(t, func(t *testing.T, s *servertest.App) {
		putUsers(t, s, "a")
		putRoom(t, s, "r", nil)
		do(t, s, "room/lock", obj{"xcRoomID": "r", "xcUserID": "a"})
		locked := getRoom(t, s, "r").Room
		got := putRoom(t, s, "r", obj{"name": "New"}).Room
		locked.Name = "New"
		if got != locked || !got.IsLocked {
			t.Errorf("room %+v, want %+v", got, locked)
		}
	})
}
