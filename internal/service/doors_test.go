package service_test

import (
	"context"
	"reflect"
	"testing"

	"parlor/internal/chat"
	"parlor/internal/powertalk/cipher"
	"parlor/internal/service"
	"parlor/internal/store"
	"parlor/internal/store/storetest"
)

// doors is a world in which a signed-in user could do everything that users can.
type doors struct {
	svc      *service.Service
	server   chat.Caller
	ana      chat.Caller
	bo       chat.User
	group    string
	own      string  // the localID of a message of ana's in the group
	messages []int64 // all of it
}

// writes are the doors through which a signed-in user changes what is stored.
func (d *doors) writes() map[string]func(context.Context, chat.Caller) error {
	local := cipher.NewLocalID()
	draft := draftIn(d.group, local, "hi")
	edit := draftIn(d.group, d.own, "edited")
	ids := []chat.UserID{d.bo.ID}
	return map[string]func(context.Context, chat.Caller) error{
		"Post": func(ctx context.Context, c chat.Caller) error { _, _, err := d.svc.Post(ctx, c, draft); return err },
		"PostPlain": func(ctx context.Context, c chat.Caller) error {
			return d.svc.PostPlain(ctx, c, service.Plain{Recipient: d.bo.ID.String(), LocalID: local, Type: chat.TextMessage, Body: "hi"})
		},
		"Edit": func(ctx context.Context, c chat.Caller) error { return d.svc.Edit(ctx, c, edit) },
		"DeleteMessages": func(ctx context.Context, c chat.Caller) error {
			_, err := d.svc.DeleteMessages(ctx, c, d.group, d.messages, true)
			return err
		},
		"DeleteMessages for oneself": func(ctx context.Context, c chat.Caller) error {
			_, err := d.svc.DeleteMessages(ctx, c, d.group, d.messages, false)
			return err
		},
		"Star": func(ctx context.Context, c chat.Caller) error {
			_, err := d.svc.Star(ctx, c, d.group, d.messages, true)
			return err
		},
		"Pin": func(ctx context.Context, c chat.Caller) error {
			_, err := d.svc.Pin(ctx, c, d.group, d.messages, true)
			return err
		},
		"Mark": func(ctx context.Context, c chat.Caller) error {
			_, err := d.svc.Mark(ctx, c, chat.Read, d.messages)
			return err
		},
		"SetPreference": func(ctx context.Context, c chat.Caller) error {
			_, err := d.svc.SetPreference(ctx, c, []string{d.group}, service.PinRoom, 0)
			return err
		},
		"CreateGroup": func(ctx context.Context, c chat.Caller) error {
			_, err := d.svc.CreateGroup(ctx, c, "another", ids)
			return err
		},
		"RenameGroup": func(ctx context.Context, c chat.Caller) error {
			_, err := d.svc.RenameGroup(ctx, c, d.group, "other")
			return err
		},
		"RemoveFromGroup": func(ctx context.Context, c chat.Caller) error {
			_, err := d.svc.RemoveFromGroup(ctx, c, d.group, ids)
			return err
		},
		"AddToGroup": func(ctx context.Context, c chat.Caller) error {
			_, err := d.svc.AddToGroup(ctx, c, d.group, ids)
			return err
		},
		"SetAdmins": func(ctx context.Context, c chat.Caller) error {
			_, err := d.svc.SetAdmins(ctx, c, d.group, ids, true)
			return err
		},
		"AddContact": func(ctx context.Context, c chat.Caller) error {
			_, err := d.svc.AddContact(ctx, c, d.bo.ID.String())
			return err
		},
		"RemoveContact": func(ctx context.Context, c chat.Caller) error { return d.svc.RemoveContact(ctx, c, d.bo.ID.String()) },
		"LeaveGroup": func(ctx context.Context, c chat.Caller) error {
			_, err := d.svc.LeaveGroup(ctx, c, d.group)
			return err
		},
		"DeleteGroup": func(ctx context.Context, c chat.Caller) error {
			_, err := d.svc.DeleteGroup(ctx, c, d.group, service.DeleteChecksum(c, d.group))
			return err
		},
	}
}

// notWrites are the other calls that take a Caller: those of the customer's server, those
// that only read, and those about the login itself and how far its device is.
var notWrites = []string{
	"AddParticipants", "DeleteUser", "LockRoom", "PutRole", "PutRoom", "PutUser", "RemoveParticipants", "RequestTicket",
	"Roles", "Room", "RoomsOfUser", "SendMessage", "SyncContacts", "UnlockRoom",
	"Contacts", "MessagesAfter", "MessagesBefore", "NewAndUpdated", "NewestMessage", "Pinned", "Preferences", "Readers",
	"RoomByXCIDForClient", "RoomForClient", "RoomsAndUnread", "RoomsInCommon", "Shared", "Starred", "Typing", "UserByID",
	"UserByUsername", "UserByXCID", "UsersByID", "ViewOf",
	"CheckLogin", "Feed", "LogIn", "LogOut", "NoteDevice", "ReadCount", "Refresh",
}

// TestNoDoorAfterTheEnd: whoever was let in before the login ended, or before the user was
// deleted, writes nothing afterwards.
func TestNoDoorAfterTheEnd(t *testing.T) {
	endings := map[string]func(*testing.T, *doors){
		"logout": func(t *testing.T, d *doors) {
			if err := d.svc.LogOut(t.Context(), d.ana); err != nil {
				t.Fatal(err)
			}
		},
		"user/delete": func(t *testing.T, d *doors) {
			if _, err := d.svc.DeleteUser(t.Context(), d.server, "ana"); err != nil {
				t.Fatal(err)
			}
		},
	}
	for ending, end := range endings {
		t.Run(ending, func(t *testing.T) {
			storetest.Each(t, func(t *testing.T, st *store.Store) {
				d := openDoors(t, st)
				end(t, d)
				for name, write := range d.writes() {
					if err := write(t.Context(), d.ana); chat.CodeOf(err) != chat.CodeTokenInvalid {
						t.Errorf("%s: %v", name, err)
					}
				}
			})
		})
	}
}

// TestDoors: the doors lead somewhere, and there are no others.
func TestDoors(t *testing.T) {
	d := openDoors(t, storetest.Open(t, storetest.SQLite(t)))
	known := map[string]bool{}
	for _, name := range notWrites {
		known[name] = true
	}
	writes := d.writes()
	for name := range writes {
		known[name] = true
		fresh := openDoors(t, storetest.Open(t, storetest.SQLite(t)))
		if err := fresh.writes()[name](t.Context(), fresh.ana); err != nil {
			t.Errorf("%s of who is signed in: %v", name, err)
		}
	}
	caller, methods := reflect.TypeFor[chat.Caller](), reflect.TypeFor[*service.Service]()
	for i := range methods.NumMethod() {
		m := methods.Method(i)
		if m.Type.NumIn() > 2 && m.Type.In(2) == caller && !known[m.Name] {
			t.Errorf("%s is neither in writes nor in notWrites", m.Name)
		}
	}
}

func openDoors(t *testing.T, st *store.Store) *doors {
	t.Helper()
	must := func(err error) {
		t.Helper()
		if err != nil {
			t.Fatal(err)
		}
	}
	svc := service.New(st, nil)
	app, err := svc.CreateApp(t.Context(), "a")
	must(err)
	d := &doors{svc: svc, server: chat.Caller{App: app}}
	d.ana = signIn(t, svc, d.server, "ana")
	d.bo, err = svc.PutUser(t.Context(), d.server, chat.UserUpdate{XCID: "bo", Fullname: "Bo"})
	must(err)
	group, err := svc.CreateGroup(t.Context(), d.ana, "group", []chat.UserID{d.bo.ID})
	must(err)
	_, err = svc.SetAdmins(t.Context(), d.ana, group.Room.PublicID(), []chat.UserID{d.bo.ID}, true)
	must(err) // so that ana may leave
	d.group, d.own = group.Room.PublicID(), cipher.NewLocalID()
	_, _, err = svc.Post(t.Context(), d.ana, draftIn(d.group, d.own, "by ana"))
	must(err)
	_, err = svc.SendMessage(t.Context(), d.server, service.Outgoing{
		From: service.UserName{XCID: "bo"}, RoomID: d.group, Type: chat.TextMessage, Body: "by bo",
	})
	must(err)
	views, _, err := svc.MessagesBefore(t.Context(), d.ana, d.group, 1<<50, 10)
	must(err)
	for _, v := range views {
		if v.Type != chat.SystemMessage {
			d.messages = append(d.messages, int64(v.ID))
		}
	}
	if len(d.messages) != 2 {
		t.Fatalf("messages %v", d.messages)
	}
	return d
}

// signIn makes a user and signs a device of theirs in.
func signIn(t *testing.T, svc *service.Service, server chat.Caller, xc string) chat.Caller {
	t.Helper()
	ticket, user, err := svc.RequestTicket(t.Context(), server, chat.UserUpdate{XCID: xc, Fullname: "Name of " + xc})
	if err != nil {
		t.Fatal(err)
	}
	tokens, _, err := svc.LogIn(t.Context(), server, ticket, chat.Device{ID: "device"})
	if err != nil {
		t.Fatal(err)
	}
	return chat.Caller{App: server.App, User: user.ID, Login: tokens.Login}
}

func draftIn(room, localID, text string) service.Draft {
	body, err := cipher.Seal(text, localID)
	if err != nil {
		panic(err)
	}
	return service.Draft{RoomID: room, LocalID: localID, Type: chat.TextMessage, Body: body}
}
