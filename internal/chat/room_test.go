package chat_test

import (
	"reflect"
	"testing"

	"parlor/internal/chat"
)

func TestPublicID(t *testing.T) {
	tests := []struct {
		room chat.Room
		want string
	}{
		{chat.Room{ID: 7, Type: chat.Group}, "g7"},
		{chat.Room{ID: 7, Type: chat.Transaction}, "t7"},
		{chat.Room{ID: 7, Type: chat.Channel}, "c7"},
		{chat.Room{ID: 7, Type: chat.Personal, Pair: chat.NewPair(19, 6)}, "6-19"},
		{chat.Room{ID: 7, Type: chat.Personal, Pair: chat.NewPair(6, 6)}, "6-6"},
		{chat.Room{ID: 1<<63 - 1, Type: chat.Group}, "g9223372036854775807"},
	}
	for _, tt := range tests {
		got := tt.room.PublicID()
		if got != tt.want {
			t.Errorf("%+v is %q, want %q", tt.room, got, tt.want)
		}
		ref, ok := chat.ParseRoomID(got)
		want := chat.RoomRef{ID: tt.room.ID, Type: tt.room.Type, Pair: tt.room.Pair}
		if tt.room.Type == chat.Personal {
			want.ID = 0 // the pair names the room, its number does not travel
		}
		if !ok || ref != want {
			t.Errorf("%q is read as %+v, %v, want %+v", got, ref, ok, want)
		}
	}
}

func TestParseRoomIDRefuses(t *testing.T) {
	for _, s := range []string{
		"", "g", "t", "c", "7", "x7", "G7", "g0", "g-7", "g+7", "g07", "g7 ", " g7", "g7x", "gg7", "g7.0", "g７",
		"g9223372036854775808", "g99999999999999999999",
		"-", "6-", "-19", "19-6", "0-6", "6-19-20", "06-19", "6-019", "6--19", "+6-19", "6 - 19", "6-2147483648",
	} {
		if ref, ok := chat.ParseRoomID(s); ok {
			t.Errorf("%q is read as %+v", s, ref)
		}
	}
}

func TestParseUserID(t *testing.T) {
	tests := []struct {
		s    string
		want chat.UserID
		ok   bool
	}{
		{"1", 1, true},
		{"2147483647", 1<<31 - 1, true},
		{"2147483648", 0, false}, // mobile SDKs could not hold it
		{"0", 0, false},
		{"-1", 0, false},
		{"+1", 0, false},
		{"01", 0, false},
		{"", 0, false},
		{"1e3", 0, false},
		{"0x1", 0, false},
		{"1_0", 0, false},
	}
	for _, tt := range tests {
		if got, ok := chat.ParseUserID(tt.s); ok != tt.ok || ok && got != tt.want {
			t.Errorf("%q is read as %d, %v, want %d, %v", tt.s, got, ok, tt.want, tt.ok)
		}
	}
}

// FuzzParseRoomID: an id that is accepted is the one that its room has. So no two
// texts name one room.
func FuzzParseRoomID(f *testing.F) {
	for _, s := range []string{"g7", "t8", "c9", "6-19", "19-6", "g07", "6-6", "", "-", "g9223372036854775808"} {
		f.Add(s)
	}
	f.Fuzz(func(t *testing.T, s string) {
		ref, ok := chat.ParseRoomID(s)
		if !ok {
			return
		}
		if got := (chat.Room{ID: ref.ID, Type: ref.Type, Pair: ref.Pair}).PublicID(); got != s {
			t.Errorf("%q is read as the room %q", s, got)
		}
	})
}

func TestPair(t *testing.T) {
	p := chat.NewPair(19, 6)
	if p != (chat.Pair{A: 6, B: 19}) {
		t.Errorf("pair %+v", p)
	}
	if p.Other(6) != 19 || p.Other(19) != 6 {
		t.Errorf("others %d and %d", p.Other(6), p.Other(19))
	}
	if !p.Has(6) || !p.Has(19) || p.Has(7) {
		t.Error("Has is wrong")
	}
	if self := chat.NewPair(6, 6); self.Other(6) != 6 {
		t.Errorf("one's own partner is %d", self.Other(6))
	}
}

func TestRoomUpdate(t *testing.T) {
	stored := chat.Room{
		ID: 7, XCID: "r", Type: chat.Group, Name: "Old", Tags: []string{"a"}, LockedAt: 5,
		Photo: chat.Image{Thumbnail: "t", Fullsize: "f"},
	}
	renamed := stored
	renamed.Name = "New"
	cleared := renamed
	cleared.Photo, cleared.Tags = chat.Image{}, []string{}
	tests := []struct {
		name   string
		update chat.RoomUpdate
		want   chat.Room
	}{
		{"absent keeps", chat.RoomUpdate{XCID: "r", Type: chat.Group, Name: "New"}, renamed},
		{"empty replaces", chat.RoomUpdate{
			XCID: "r", Type: chat.Group, Name: "New",
			PhotoThumbnail: new(""), PhotoFullsize: new(""), Tags: []string{},
		}, cleared},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			if got := tt.update.Apply(stored); !reflect.DeepEqual(got, tt.want) {
				t.Errorf("got  %+v\nwant %+v", got, tt.want)
			}
		})
	}
}

func TestUserUpdate(t *testing.T) {
	stored := chat.User{
		ID: 6, XCID: "u", Fullname: "Old", Email: "e", Phone: "p", Username: "n",
		Photo: chat.Image{Thumbnail: "t", Fullsize: "f"}, Role: chat.Role{Code: "c"},
	}
	renamed := stored
	renamed.Fullname = "New"
	if got := (chat.UserUpdate{XCID: "u", Fullname: "New"}).Apply(stored); got != renamed {
		t.Errorf("absent: %+v", got)
	}
	empty := ""
	got := chat.UserUpdate{
		XCID: "u", Fullname: "New", Email: &empty, Phone: &empty, Username: &empty,
		PhotoThumbnail: &empty, PhotoFullsize: &empty, RoleCode: &empty,
	}.Apply(stored)
	if want := (chat.User{ID: 6, XCID: "u", Fullname: "New"}); got != want {
		t.Errorf("empty: %+v", got)
	}
}
