package chat_test

import (
	"bytes"
	"errors"
	"flag"
	"os"
	"path/filepath"
	"reflect"
	"strings"
	"testing"

	"parlor/internal/chat"
)

var update = flag.Bool("update", false, "write the golden files anew")

// examples is one event of each kind, with all that it can hold.
func examples() []chat.Event {
	place := chat.Place{App: 1, Room: 2}
	change := chat.Change{Number: 77, Unsure: true}
	m := &chat.Message{
		ID: 3, App: 1, Room: 2, Seq: 4, LocalID: "localID-of-the-message-3", Sender: 5, Type: chat.TextMessage,
		Body: "sealed body", Data: "sealed data", FilterID: "filter", Hidden: true,
		Quote:   chat.Quote{Title: "t", Content: "c", ImageURL: "i", FileID: "f", FileType: "p", VideoURL: "v"},
		ReplyTo: chat.Reference{User: "6", XCUser: "x", Fullname: "F", Message: "7", LocalID: "l", Type: 1001, RoomID: "g2"},
		Forward: chat.Reference{User: "8", Message: "9"}, Action: chat.ActionAddParticipant,
		Target: chat.Target{User: 10, XCID: "ten", Name: "Ten"}, Edited: true, Withheld: true,
		CreatedAt: 1_700_000_000_001, UpdatedAt: 1_700_000_000_002, DeletedAt: 1_700_000_000_003, Added: 76, Number: 77,
	}
	sent := &chat.MessageSent{Change: change, Place: place, Message: m, PeopleVersion: 11, RoomUpdatedAt: 12, Scheduled: true}
	return []chat.Event{
		sent,
		&chat.MessageChanged{Change: change, Place: place, Message: m},
		&chat.ReceiptsAdded{
			Change: change, Place: place, Reader: 5, Receipt: chat.Read, Times: []int64{1, 2}, First: []int64{2},
		},
		&chat.MessagesHidden{Change: change, Place: place, User: 5, Times: []int64{1, 2}},
		&chat.ParticipantsLeft{Change: change, Place: place, Users: []chat.UserID{5, 6}},
		&chat.PreferenceChanged{
			Change: change, Place: place, User: 5,
			Preference: chat.Preference{Kind: chat.PreferMuted, On: true, Until: 1_700_000_000_004},
		},
		&chat.BlockChanged{Change: change, Place: place, User: 5, Blocked: 6, On: true},
		&chat.ScheduleChanged{Change: change, Place: place, User: 5, RoomID: "g2", At: 1_700_000_000_005},
		&chat.Typing{Place: place, User: 5, Started: true},
		&chat.UserUpdated{Change: change, App: 1, User: 5},
		&chat.RolesChanged{Change: change, App: 1, Users: []chat.UserID{5}},
		&chat.LoginsEnded{Change: change, App: 1, Logins: []chat.LoginID{13}},
		&chat.AppDeleted{Change: change, App: 1},
		&chat.DeviceBehind{App: 1, User: 5, Device: "phone"},
		&chat.PresenceChanged{App: 1, User: 5, Online: true, At: 14, Node: "a", Audience: []chat.UserID{6}},
	}
}

// TestEventForm holds the form of each event to a file: nodes of two versions talk to each
// other in it, and rows in it outlive an update.
func TestEventForm(t *testing.T) {
	for _, e := range examples() {
		t.Run(e.Kind(), func(t *testing.T) {
			got, err := chat.EncodeEvent(e)
			if err != nil {
				t.Fatal(err)
			}
			file := filepath.Join("testdata", "events", e.Kind()+".json")
			if *update {
				if err := os.WriteFile(file, append(got, '\n'), 0o600); err != nil {
					t.Fatal(err)
				}
			}
			want, err := os.ReadFile(file)
			if err != nil {
				t.Fatal(err)
			}
			if want = bytes.TrimSpace(want); !bytes.Equal(got, want) {
				t.Errorf("packed as\n%s\nwant\n%s", got, want)
			}
			back, err := chat.DecodeEvent(want)
			if err != nil || !reflect.DeepEqual(back, e) {
				t.Errorf("%s came back as %+v: %v", want, back, err)
			}
		})
	}
}

// TestNothingOfAMessageIsLost: a field that is added to a message travels with its events.
func TestNothingOfAMessageIsLost(t *testing.T) {
	var m chat.Message
	fill(t, reflect.ValueOf(&m).Elem())
	m.File = "" // it has done its work when the message is stored
	b, err := chat.EncodeEvent(&chat.MessageChanged{Message: &m})
	if err != nil {
		t.Fatal(err)
	}
	e, err := chat.DecodeEvent(b)
	if err != nil {
		t.Fatal(err)
	}
	if got := *e.(*chat.MessageChanged).Message; got != m {
		t.Errorf("the message came back as\n%+v\nwant\n%+v", got, m)
	}
}

// fill gives all fields of a struct a value.
func fill(t *testing.T, v reflect.Value) {
	t.Helper()
	for i := range v.NumField() {
		switch f := v.Field(i); f.Kind() {
		case reflect.Struct:
			fill(t, f)
		case reflect.String:
			f.SetString("text")
		case reflect.Bool:
			f.SetBool(true)
		case reflect.Int, reflect.Int64:
			f.SetInt(int64(i + 1))
		default:
			t.Fatalf("no value for the field %s", v.Type().Field(i).Name)
		}
	}
}

// TestEventsOfOtherVersions: what a newer node adds to an event does no harm, and what
// this one cannot read it tells apart from what is broken.
func TestEventsOfOtherVersions(t *testing.T) {
	more := `{"v":1,"kind":"user.updated","event":{"app":1,"user":5,"reason":"a field of tomorrow"},"sent":"tomorrow"}`
	e, err := chat.DecodeEvent([]byte(more))
	if want := (&chat.UserUpdated{App: 1, User: 5}); err != nil || !reflect.DeepEqual(e, chat.Event(want)) {
		t.Errorf("with more fields it is %+v: %v; want %+v", e, err, want)
	}
	for _, unknown := range []string{
		`{"v":1,"kind":"file.sent","event":{}}`,
		`{"v":2,"kind":"user.updated","event":{"app":1}}`,
		`{"Kind":"user.updated","App":1}`,
	} {
		if _, err := chat.DecodeEvent([]byte(unknown)); !errors.Is(err, chat.ErrUnknownEvent) {
			t.Errorf("%s: %v; want ErrUnknownEvent", unknown, err)
		}
	}
	for _, broken := range []string{
		"", "[]", `{"v":1,"kind":"user.updated"}`, `{"v":1,"kind":"user.updated","event":{"app":"one"}}`,
		`{"v":1,"kind":"message.sent","event":{}}`, `{"v":1,"kind":"message.changed","event":{"message":null}}`,
		`{"v":1,"kind":"message.sent","event":null}`,
	} {
		if e, err := chat.DecodeEvent([]byte(broken)); err == nil || errors.Is(err, chat.ErrUnknownEvent) {
			t.Errorf("%s is %+v: %v; want another failure", broken, e, err)
		}
	}
}

// FuzzDecodeEvent: whatever comes from a bus or a column is refused or is an event that
// can be handed on, and comes out of that as it went in.
func FuzzDecodeEvent(f *testing.F) {
	for _, e := range examples() {
		b, err := chat.EncodeEvent(e)
		if err != nil {
			f.Fatal(err)
		}
		f.Add(b)
		f.Add([]byte(strings.ReplaceAll(string(b), `"app":1`, `"app":-1`)))
	}
	for _, s := range []string{
		"", "null", "[]", `{"v":1,"kind":"message.sent","event":{"message":{}}}`, `{"v":1e3}`, `{"kind":1}`,
	} {
		f.Add([]byte(s))
	}
	f.Fuzz(func(t *testing.T, b []byte) {
		e, err := chat.DecodeEvent(b)
		if err != nil {
			return
		}
		packed, err := chat.EncodeEvent(e)
		if err != nil {
			t.Fatalf("%+v: %v", e, err)
		}
		again, err := chat.DecodeEvent(packed)
		if err != nil {
			t.Fatalf("%s: %v", packed, err)
		}
		twice, err := chat.EncodeEvent(again)
		if err != nil || !bytes.Equal(packed, twice) {
			t.Fatalf("%s came back as %s: %v", packed, twice, err)
		}
	})
}
