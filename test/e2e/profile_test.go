package e2e

import (
	"encoding/json"
	"strings"
	"testing"

	"parlor/test/env/servertest"
)

// shownProfile is the part of a user object that says how to reach somebody, and who they are.
type shownProfile struct {
	CountryID                                     int
	CountryCallingCode, Phone, PhoneWithCode, Bio string
	IsPhoneVerified                               bool
	Updated                                       int64
}

func profileOf(t testing.TB, d *servertest.Device, id string) (p shownProfile) {
	t.Helper()
	var got struct{ User shownProfile }
	d.Call(t, "client/user/get_by_id", obj{"id": id}, &got)
	return got.User
}

// TestProfile: what a backend says of a user is in the user's object wherever that appears; what
// it does not name stays, and devices learn of a change.
func TestProfile(t *testing.T) {
	t.Parallel()
	servertest.EachApp(t, func(t *testing.T, a *servertest.App) {
		ana, bo := a.SignIn(t, "ana", "1").Connect(t), a.SignIn(t, "bo", "1").Connect(t)
		bo.Call(t, "client/contact/add", obj{"userID": ana.UserID}, nil)
		set := func(fields obj, want shownProfile) {
			t.Helper()
			putUser(t, a, "ana", fields)
			got := profileOf(t, bo, ana.UserID)
			if got.Updated = 0; got != want {
				t.Errorf("after %v: %+v, want %+v", fields, got, want)
			}
			for _, d := range []*servertest.Device{ana, bo} {
				e := d.Next(t, "user/updated", func(e servertest.Event) bool { return e.EventName == "user/updated" })
				var told shownProfile
				if err := json.Unmarshal(e.Data, &told); err != nil {
					t.Fatal(err)
				}
				if told.Updated = 0; told != want {
					t.Errorf("after %v device of %s is told %+v", fields, d.UserID, told)
				}
			}
		}
		want := shownProfile{101, "62", "81200000019", "6281200000019", "Mostly on the water", true, 0}
		set(obj{
			"countryID": 101, "countryCallingCode": "62", "phone": "81200000019", "phoneWithCode": "6281200000019",
			"isPhoneVerified": true, "bio": want.Bio,
		}, want)
		want.IsPhoneVerified = false
		set(obj{"isPhoneVerified": false}, want)
		want.CountryID, want.CountryCallingCode = 0, ""
		set(obj{"countryID": 0, "countryCallingCode": "", "phone": nil, "bio": nil}, want)
		want.Bio = ""
		set(obj{"bio": ""}, want)
		set(obj{"fullName": "Another name"}, want)

		room := putRoom(t, a, "r", obj{"participantXCUserIDs": list{"ana"}})
		if p := room.Participants[0]; p.Phone != want.Phone || p.PhoneWithCode != want.PhoneWithCode {
			t.Errorf("in a room: %+v", p)
		}
		for _, bad := range []struct {
			field string
			value any
			want  failure
		}{
			{"countryID", -1, invalid("countryID", "countryID", "must be 0 to 2147483647")},
			{"countryID", 1 << 31, invalid("countryID", "countryID", "must be 0 to 2147483647")},
			{"countryID", "62", invalid("countryID", "countryID", "must be a whole number")},
			{"countryCallingCode", "+62", invalid("countryCallingCode", "countryCallingCode", "must be digits")},
			{"countryCallingCode", "1234567", invalid("countryCallingCode", "countryCallingCode", "must be 0 to 6 characters")},
			{"phoneWithCode", strings.Repeat("1", 51), invalid("phoneWithCode", "phoneWithCode", "must be 0 to 50 characters")},
			{"isPhoneVerified", "yes", invalid("isPhoneVerified", "isPhoneVerified", "must be true or false")},
			{"bio", strings.Repeat("b", 1001), invalid("bio", "bio", "must be 0 to 1000 characters")},
		} {
			for _, path := range []string{"user/update", "auth_ticket/request"} {
				refuse(t, a, path, obj{"xcUserID": "ana", "fullName": "Ana", bad.field: bad.value}, bad.want)
			}
		}
	})
}

// TestUpdateBio: users say for themselves who they are, and it is stored before they are answered.
func TestUpdateBio(t *testing.T) {
	t.Parallel()
	servertest.EachApp(t, func(t *testing.T, a *servertest.App) {
		ana, phone := a.SignIn(t, "ana", "1").Connect(t), a.SignIn(t, "ana", "2").Connect(t)
		bo := a.SignIn(t, "bo", "1").Connect(t)
		until(t, bo, ana.Send(t, pairOf(ana, bo), "hello"))
		before := profileOf(t, bo, ana.UserID)
		for _, bio := range []string{"Mostly on the water", "👍\n\"quoted\"", strings.Repeat("ü", 1000), ""} {
			answer := ana.Try(t, "client/user/update_bio", obj{"bio": bio})
			checkDevice(t, "client/user/update_bio", answer)
			var got struct {
				User struct {
					shownProfile
					UserID string
				}
			}
			if err := json.Unmarshal(answer.Data, &got); err != nil || got.User.Bio != bio || got.User.UserID != ana.UserID {
				t.Errorf("%q: %s (%v)", bio, answer.Body, err)
			}
			now := profileOf(t, bo, ana.UserID)
			if now.Bio != bio || now.Updated <= before.Updated {
				t.Errorf("to others %+v, before %+v", now, before)
			}
			before = now
			for _, d := range []*servertest.Device{phone, bo} {
				e := d.Next(t, "user/updated", func(e servertest.Event) bool { return e.EventName == "user/updated" })
				var told shownProfile
				if err := json.Unmarshal(e.Data, &told); err != nil || told.Bio != bio {
					t.Errorf("device of %s is told %s (%v)", d.UserID, e.Data, err)
				}
			}
			ana.Call(t, "client/user/update_bio", obj{"bio": bio}, nil) // again: nothing is changed
			if now = profileOf(t, bo, ana.UserID); now != before {
				t.Errorf("the same again makes %+v of %+v", now, before)
			}
		}
		for _, tt := range []struct {
			bio  any
			want failure
		}{
			{nil, required("bio", "bio")},
			{1, invalid("bio", "bio", "must be a string")},
			{strings.Repeat("b", 1001), invalid("bio", "bio", "must be 0 to 1000 characters")},
			{"a\x00b", invalid("bio", "bio", "must not contain NUL characters")},
		} {
			checkFailure(t, ana.Try(t, "client/user/update_bio", obj{"bio": tt.bio}), tt.want)
		}
	})
}

// TestRoomColor: a room keeps its colour until it is given another, and devices learn of it.
func TestRoomColor(t *testing.T) {
	t.Parallel()
	servertest.EachApp(t, func(t *testing.T, a *servertest.App) {
		ana := a.SignIn(t, "ana", "1").Connect(t)
		shown := func() string {
			t.Helper()
			return ask[struct{ Room struct{ Color string } }](t, a, "room/get", obj{"xcRoomID": "r"}).Room.Color
		}
		for i, step := range []struct {
			fields obj
			want   string
		}{
			{obj{"color": "#1A2b3c", "participantXCUserIDs": list{"ana"}}, "#1A2b3c"},
			{obj{}, "#1A2b3c"},
			{obj{"color": nil}, "#1A2b3c"},
			{obj{"color": "fff"}, "fff"},
			{obj{"color": "00112233"}, "00112233"},
			{obj{"color": ""}, ""},
		} {
			putRoom(t, a, "r", step.fields)
			if got := shown(); got != step.want {
				t.Errorf("after %v the colour is %q", step.fields, got)
			}
			if _, given := step.fields["color"].(string); given {
				want := "room/update"
				if i == 0 {
					want = "room/create"
				}
				e := ana.Next(t, want, func(e servertest.Event) bool { return e.Message.Action == want })
				var told struct{ Room struct{ Color string } }
				if err := json.Unmarshal(e.Data, &told); err != nil || told.Room.Color != step.want {
					t.Errorf("ana is told %s (%v)", e.Data, err)
				}
			}
		}
		for _, bad := range []any{"red", "#12", "#1234567", "##123456", "12345g"} {
			refuse(t, a, "room/create_or_update", obj{"xcRoomID": "r", "type": 2, "name": "R", "color": bad},
				invalid("color", "color", "must be 3, 6 or 8 hexadecimal digits, with or without # before them"))
		}
	})
}
